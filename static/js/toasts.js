// Messages in the corner: good news goes by itself, anything else waits until it is dismissed.

function watch() {
  for (const toast of document.querySelectorAll('[data-toast][data-tone="good"]:not([data-watched])')) {
    toast.dataset.watched = "yes";
    // Where something can be done about it, there is no hurry.
    if (toast.querySelector("form, a")) continue;
    const timer = setTimeout(() => toast.remove(), 6000);
    for (const stay of ["pointerenter", "focusin"]) toast.addEventListener(stay, () => clearTimeout(timer));
  }
}

watch();
document.addEventListener("htmx:after:swap", watch);

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
});
