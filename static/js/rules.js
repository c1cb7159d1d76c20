// The rule builder: another field or operator has other controls, which the server knows. Without this, a button asks.

document.addEventListener("change", (event) => {
  if (!event.target.matches("#rule-form [data-shapes]")) return;
  event.target.form.requestSubmit(event.target.form.querySelector("[data-refresh]"));
});

// What saving would do is below a long rule.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id === "rule") document.getElementById("difference")?.scrollIntoView({ block: "nearest" });
});
