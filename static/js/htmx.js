// What every htmx request carries, and what becomes of those that fail.

document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail.ctx.request;
  if (request.method === "GET") {
    // The order was chosen in the list's heading, which the search form outside of it hasn't seen.
    if (event.detail.ctx.sourceElement.matches("[data-filters]")) {
      request.body.set("sort", new URLSearchParams(location.search).get("sort") ?? "");
    }
    // Blank fields have no place in an address.
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  } else {
    request.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf-token]").content;
  }
});

// What is said aloud after a list has changed: how much of it is shown.
document.addEventListener("htmx:after:swap", (event) => {
  const summary = event.detail.ctx.target?.querySelector?.(".pager > p");
  const announce = document.getElementById("announce");
  if (summary && announce) announce.textContent = summary.textContent;
});

// An export is of what the list shows now, not of what it showed when the page came.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-export]");
  if (!link) return;
  const query = new URLSearchParams(location.search);
  for (const page of ["after", "before"]) query.delete(page);
  link.search = query;
}, true);

document.addEventListener("htmx:error", (event) => {
  // A search that was overtaken by the next letter is no failure.
  if (event.detail.error?.name === "AbortError") return;
  const message = document.createElement("div");
  message.className = "toast show";
  message.dataset.toast = "";
  message.dataset.tone = "bad";
  message.setAttribute("role", "alert");
  const text = document.createElement("p");
  text.textContent = "The server can't be reached. Check the connection and try again.";
  message.append(text);
  document.getElementById("toasts").replaceChildren(message);
});
