// The palette: Ctrl+K opens it, letters search, arrows walk through what was found, Enter opens it.

const dialog = document.getElementById("jump");

if (dialog) {
  const input = dialog.querySelector("input");
  const hits = () => [...dialog.querySelectorAll("[data-hit]")];

  const open = () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    if (!dialog.querySelector("#jump-results").childElementCount) input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      open();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-jump-open]")) {
      event.preventDefault();
      open();
    } else if (event.target === dialog || event.target.closest("[data-jump-close]")) {
      dialog.close();
    }
  });

  dialog.addEventListener("keydown", (event) => {
    const found = hits();
    const at = found.indexOf(document.activeElement);
    if (event.key === "ArrowDown" && found.length) {
      event.preventDefault();
      found[(at + 1) % found.length].focus();
    } else if (event.key === "ArrowUp" && found.length) {
      event.preventDefault();
      (at <= 0 ? input : found[at - 1]).focus();
    } else if (event.key === "Enter" && event.target === input) {
      event.preventDefault();
      found[0]?.click();
    } else if (event.key.length === 1 && at >= 0 && !event.ctrlKey && !event.metaKey && event.key !== " ") {
      input.focus();
    }
  });
}
