// The picker of a report's period: a named period is shown as soon as it is chosen, and typing a day means chosen days.

document.addEventListener("change", (event) => {
  const picker = event.target.closest?.(".report-picker");
  if (!picker) return;
  const named = picker.elements.namedItem("period");
  if (event.target === named && named.value === "days") {
    picker.elements.namedItem("from").focus();
  } else if (event.target === named || event.target.name === "subgroups") {
    picker.requestSubmit();
  } else {
    named.value = "days";
  }
});

// The address of a named period is its name: what the boxes still show are the days of another one.
document.addEventListener("formdata", (event) => {
  if (!event.target.matches(".report-picker")) return;
  event.formData.delete("shown");
  if (event.formData.get("period") === "days") return;
  for (const day of ["from", "to"]) event.formData.delete(day);
});

// The boxes show the days of the report that came.
document.addEventListener("htmx:after:swap", (event) => {
  const days = event.detail.ctx.target?.querySelector?.(".report-head[data-from]")?.dataset;
  const picker = document.querySelector(".report-picker");
  if (!days || !picker) return;
  for (const day of ["from", "to"]) picker.elements.namedItem(day).value = days[day];
});
