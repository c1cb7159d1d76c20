// The tree of groups: a branch that was opened closes again, and a group dropped on another asks to be moved there.

document.addEventListener("htmx:after:swap", (event) => {
  const link = event.detail.ctx.sourceElement?.closest?.("[data-branch-open]");
  if (link) expand(link, true);
});

function branchOf(link) {
  return link.closest("li").querySelector(":scope > ul");
}

function expand(link, open) {
  link.setAttribute("aria-expanded", open ? "true" : "false");
  link.setAttribute("aria-label", `${open ? "Close" : "Open"} ${link.closest(".tree-row").dataset.name}`);
  link.querySelector("use")?.setAttribute("href", link.querySelector("use").getAttribute("href").replace(/#.*/, `#${open ? "chevron-down" : "chevron-right"}`));
}

// A branch that is there already is only shown and hidden.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-branch-open], [data-branch-close]");
  const branch = link && branchOf(link);
  if (!branch || branch.children.length === 0) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  branch.hidden = !branch.hidden;
  expand(link, !branch.hidden);
}, true);

let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-tree] .tree-row[draggable]") ?? null;
  if (dragged) event.dataTransfer.setData("text/plain", dragged.dataset.name);
});

document.addEventListener("dragover", (event) => {
  const row = event.target.closest?.("[data-tree] .tree-row");
  for (const other of document.querySelectorAll(".tree-row[data-drop]")) if (other !== row) delete other.dataset.drop;
  // Not on itself, and not on what stands below it.
  if (!dragged || !row || dragged.closest("li").contains(row)) return;
  event.preventDefault();
  row.dataset.drop = "";
});

document.addEventListener("drop", (event) => {
  const row = event.target.closest?.("[data-tree] .tree-row");
  if (!dragged || !row || dragged.closest("li").contains(row)) return;
  event.preventDefault();
  location.assign(`/groups/${dragged.dataset.group}/move?parent=${row.dataset.group}`);
});

document.addEventListener("dragend", () => {
  dragged = null;
  for (const row of document.querySelectorAll(".tree-row[data-drop]")) delete row.dataset.drop;
});
