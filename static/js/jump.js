// The palette: Ctrl+K opens it, letters search, arrows walk through what was found, Enter opens it. Going back in
// history may put another palette in its place, so it is looked up each time.

const palette = () => document.getElementById("jump");

function open() {
  const dialog = palette();
  if (!dialog || dialog.open) return;
  dialog.showModal();
  const input = dialog.querySelector("input");
  input.select();
  if (!dialog.querySelector("#jump-results").childElementCount) input.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && palette()) {
    event.preventDefault();
    open();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-jump-open]")) {
    event.preventDefault();
    open();
  } else if (event.target === palette() || event.target.closest("[data-jump-close]")) {
    palette().close();
  }
});

// Whoever types and presses Enter at once means what will be found, not what stands there from before.
let searching = false;
let opening = false;

document.addEventListener("input", (event) => {
  if (event.target.closest?.("#jump")) searching = true;
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx.target?.id !== "jump-results") return;
  searching = false;
  if (opening) event.detail.ctx.target.querySelector("[data-hit]")?.click();
  opening = false;
});

document.addEventListener("keydown", (event) => {
  const dialog = event.target.closest?.("#jump");
  if (!dialog) return;
  const input = dialog.querySelector("input");
  const found = [...dialog.querySelectorAll("[data-hit]")];
  const at = found.indexOf(document.activeElement);
  if (event.key === "ArrowDown" && found.length) {
    event.preventDefault();
    found[(at + 1) % found.length].focus();
  } else if (event.key === "ArrowUp" && found.length) {
    event.preventDefault();
    (at <= 0 ? input : found[at - 1]).focus();
  } else if (event.key === "Enter" && event.target === input) {
    event.preventDefault();
    if (searching) opening = true;
    else found[0]?.click();
  } else if (event.key.length === 1 && at >= 0 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
    input.focus();
  }
});
