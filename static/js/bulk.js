// Ticking rows: the bar says how many are ticked, the box in the heading ticks them all. Another box means all that
// match, also on other pages: then that is the number.

function count(form) {
  const ticks = [...form.querySelectorAll("[data-tick]:not(:disabled)")];
  const ticked = ticks.filter((tick) => tick.checked).length;
  const whole = form.querySelector("[data-tick-matching]:checked");
  const meant = whole ? Number(whole.dataset.count) : ticked;
  for (const bar of form.querySelectorAll("[data-bulk-bar]")) {
    bar.dataset.ticked = String(meant);
    bar.querySelector("[data-bulk-count]").textContent = meant.toLocaleString("en");
    for (const noun of bar.querySelectorAll("[data-bulk-noun]")) {
      noun.dataset.bulkNoun ||= noun.textContent;
      noun.textContent = meant === 1 ? noun.dataset.bulkNoun.replace(/s$/, "") : noun.dataset.bulkNoun;
    }
  }
  for (const all of form.querySelectorAll("[data-tick-all]")) {
    all.checked = ticked > 0 && ticked === ticks.length;
    all.indeterminate = ticked > 0 && ticked < ticks.length;
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-tick-all]")) {
    for (const tick of form.querySelectorAll("[data-tick]:not(:disabled)")) tick.checked = event.target.checked;
  }
  count(form);
});

const all = () => document.querySelectorAll("[data-bulk]").forEach(count);
all();
document.addEventListener("htmx:after:swap", all);
