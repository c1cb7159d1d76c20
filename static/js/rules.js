// The rule builder: another field or operator has other controls, which the server knows. Without this, a button asks.

document.addEventListener("change", (event) => {
  if (!event.target.matches("#rule-form [data-shapes]")) return;
  event.target.form.requestSubmit(event.target.form.querySelector("[data-refresh]"));
});

// Half a group's name is no mistake while one chooses from the suggestions: the preview follows when they are closed.
document.addEventListener("htmx:before:request", (event) => {
  if (event.detail.ctx.sourceElement.id !== "preview") return;
  if (document.querySelector("#rule-form [aria-expanded=true]")) event.preventDefault();
});

// Which button was pressed: what it did is where one goes on.
let pressed = "";

// What is typed while the answer is on its way stays; conditions that come and go are drawn anew, as their places change.
document.addEventListener("submit", (event) => {
  if (event.target.id !== "rule-form") return;
  const refreshes = event.submitter?.matches("[data-refresh]");
  pressed = refreshes ? "" : event.submitter?.value ?? "";
  event.target.setAttribute("hx-swap", refreshes ? "innerMorph" : "innerHTML");
}, true);

// The group of conditions of this name, or the whole rule where it went with its last condition.
function group(name) {
  const match = document.getElementsByName(`${name}.match`)[0] ?? document.getElementsByName("r.match")[0];
  return match?.closest("fieldset");
}

// Where the keyboard goes on after a button: the control that came, the place of what went, what saving would do.
function next() {
  const [verb, name = ""] = pressed.split(":");
  const parts = (of) => of?.querySelectorAll(":scope > ol > li") ?? [];
  if (verb === "add-condition" || verb === "add-group") {
    return [...parts(group(name))].at(-1)?.querySelector("select");
  }
  if (verb === "remove") {
    const at = name.lastIndexOf("-");
    const around = group(name.slice(0, at));
    return parts(around)[Number(name.slice(at + 1))]?.querySelector("select") ?? around;
  }
  if (verb === "save") return document.querySelector("#rule .form-summary") ?? document.getElementById("difference");
  if (verb === "preview") return document.querySelector("#rule .form-summary") ?? document.getElementById("preview-title");
  return document.getElementById(`who-${verb}`);
}

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id !== "rule" || !pressed) return;
  // What saving would do is below a long rule.
  next()?.focus();
  document.getElementById("difference")?.scrollIntoView({ block: "nearest" });
  pressed = "";
});
