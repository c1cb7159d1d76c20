// A chosen text file goes into the field below it, where it can be looked at before it is sent.

document.addEventListener("change", async (event) => {
  const input = event.target.closest?.("[data-text-file]");
  const file = input?.files[0];
  if (!file) return;
  document.getElementById(input.dataset.textFile).value = await file.text();
  const name = input.form.querySelector("[data-text-file-name]");
  if (name) name.value = file.name;
});
