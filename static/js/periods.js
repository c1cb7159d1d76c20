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
