// The colours change at once; the form beside it tells the server, which remembers.

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-theme-switch]") || !event.submitter) return;
  document.documentElement.dataset.bsTheme = event.submitter.value;
  for (const button of event.target.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button === event.submitter));
  }
}, true);
