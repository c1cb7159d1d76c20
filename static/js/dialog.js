// A page that came into the dialog opens it. Its links back close it, as Esc and a click beside it do.

document.addEventListener("htmx:after:swap", (event) => {
  const dialog = event.detail.ctx.target;
  if (dialog?.id !== "dialog" || dialog.open) return;
  const heading = dialog.querySelector("h2");
  if (heading) dialog.setAttribute("aria-label", heading.textContent.trim());
  dialog.showModal();
});

document.addEventListener("click", (event) => {
  const dialog = document.getElementById("dialog");
  if (!dialog?.open) return;
  const back = event.target.closest("#dialog [data-dialog-close]");
  if (back || event.target === dialog) {
    event.preventDefault();
    dialog.close();
  }
});
