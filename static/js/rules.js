// The rule builder: another field or operator has other controls, which the server knows. Without this, a button asks.

document.addEventListener("change", (event) => {
  if (!event.target.matches("#rule-form [data-shapes]")) return;
  event.target.form.requestSubmit(event.target.form.querySelector("[data-refresh]"));
});

// What is typed while the answer is on its way stays; conditions that come and go are drawn anew, as their places change.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "rule-form") return;
  const refreshes = event.submitter?.matches("[data-refresh]");
  event.target.setAttribute("hx-swap", refreshes ? "innerMorph" : "innerHTML");
}, true);

// What saving would do is below a long rule.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id === "rule") document.getElementById("difference")?.scrollIntoView({ block: "nearest" });
});
