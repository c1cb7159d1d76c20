// Messages in the corner: good news goes by itself, anything else waits until it is dismissed.

const region = document.getElementById("toasts");

function watch(toast) {
  if (toast.dataset.watched) return;
  toast.dataset.watched = "yes";
  if (toast.matches('[data-tone="good"]') && !toast.querySelector("form, a")) {
    let timer = setTimeout(() => toast.remove(), 6000);
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("focusin", () => clearTimeout(timer));
  }
}

region.querySelectorAll("[data-toast]").forEach(watch);
new MutationObserver(() => region.querySelectorAll("[data-toast]").forEach(watch)).observe(region, { childList: true });

document.addEventListener("click", (event) => {
  event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove();
});
