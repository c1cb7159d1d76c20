// A field that finds what it can be while one types. Picking fills the hidden id beside it; typing on empties that
// id, and the server then takes the text, as it does without this script.

const parts = (text) => {
  const field = text.closest("[data-searched]");
  return { id: field.querySelector("[data-searched-id]"), list: field.querySelector("[role=listbox]") };
};

const options = (list) => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];

// Whoever waits for what is chosen here (the rule's preview) is told when the suggestions are gone: only then what stands
// in the field is what is meant.
function close(text) {
  const { list } = parts(text);
  const was = !list.hidden;
  list.hidden = true;
  text.setAttribute("aria-expanded", "false");
  text.removeAttribute("aria-activedescendant");
  if (was) text.dispatchEvent(new CustomEvent("searched:closed", { bubbles: true }));
}

function mark(text, option) {
  const { list } = parts(text);
  for (const other of options(list)) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    text.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    text.removeAttribute("aria-activedescendant");
  }
}

function pick(text, option) {
  parts(text).id.value = option.dataset.id;
  text.value = option.dataset.text;
  close(text);
  text.dispatchEvent(new Event("change", { bubbles: true }));
}

async function find(text) {
  const { list } = parts(text);
  const asked = text.value.trim();
  await htmx.ajax("GET", text.dataset.options, { source: list, target: list, swap: "innerHTML", values: { q: asked } });
  // An answer to what is no longer asked, or for a field that was left meanwhile.
  if (asked !== text.value.trim() || document.activeElement !== text) return;
  delete list.dataset.stale;
  options(list).forEach((option, at) => { option.id = `${list.id}-${at}`; });
  list.hidden = false;
  text.setAttribute("aria-expanded", "true");
}

const timers = new WeakMap();

document.addEventListener("input", (event) => {
  const text = event.target.closest?.("[data-searched-text]");
  if (!text) return;
  const { id, list } = parts(text);
  id.value = "";
  list.dataset.stale = "yes";
  mark(text, null);
  clearTimeout(timers.get(text));
  timers.set(text, setTimeout(() => find(text), 200));
});

document.addEventListener("keydown", (event) => {
  const text = event.target.closest?.("[data-searched-text]");
  if (!text) return;
  const { list } = parts(text);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) {
      find(text);
      return;
    }
    const found = options(list);
    const at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = event.key === "ArrowDown" ? 1 : -1;
    mark(text, found.at((at === -1 && step === -1 ? 0 : at) + step) ?? found[0]);
  } else if (event.key === "Enter" && !list.hidden) {
    event.preventDefault();
    // What stands there was found for other letters.
    if (list.dataset.stale) return;
    const chosen = options(list).find((option) => option.getAttribute("aria-selected") === "true") ?? options(list)[0];
    if (chosen) pick(text, chosen);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    close(text);
  }
});

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.(".searched-list [role=option]:not([aria-disabled])");
  if (!option) return;
  event.preventDefault();
  pick(option.closest("[data-searched]").querySelector("[data-searched-text]"), option);
});

// What was chosen is replaced by what is typed. The click that came here places the cursor after this.
document.addEventListener("focusin", (event) => {
  const text = event.target.closest?.("[data-searched-text]");
  if (text && parts(text).id.value) setTimeout(() => text.select());
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-searched-text]")) close(event.target);
});
