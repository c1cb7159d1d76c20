// Rows that can be added and removed. Without this, the blank rows at the end are the way to add.

function clear(row) {
  for (const field of row.querySelectorAll("input")) field.value = "";
}

function blank(row) {
  return [...row.querySelectorAll("input")].every((field) => field.value.trim() === "");
}

// One blank row is enough where more can be added.
function trim(editor) {
  const rows = [...editor.querySelectorAll("[data-row]")];
  while (rows.length > 1 && blank(rows.at(-1)) && blank(rows.at(-2))) rows.pop().remove();
}

document.querySelectorAll("[data-rows]").forEach(trim);
document.addEventListener("htmx:after:swap", () => document.querySelectorAll("[data-rows]").forEach(trim));

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-row-add]");
  if (add) {
    const list = add.closest("[data-rows]").querySelector("[data-rows-list]");
    const row = list.lastElementChild.cloneNode(true);
    clear(row);
    list.append(row);
    row.querySelector("input").focus();
    return;
  }
  const remove = event.target.closest("[data-row-remove]");
  if (remove) {
    const row = remove.closest("[data-row]");
    const next = row.nextElementSibling ?? row.previousElementSibling;
    // The last row stays as the pattern for new ones.
    if (next) row.remove();
    else clear(row);
    (next ?? row).querySelector("input").focus();
  }
});
