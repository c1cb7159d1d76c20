// A form that is being sent is not sent twice.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post") || event.defaultPrevented) return;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = "yes";
  // Coming back from the next page finds the form ready again, and so does an answer that was only a download.
  window.addEventListener("pageshow", () => delete form.dataset.sending, { once: true });
  setTimeout(() => delete form.dataset.sending, 10000);
});
