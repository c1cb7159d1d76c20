// What every htmx request carries, and what becomes of those that fail.

document.addEventListener("htmx:config:request", (event) => {
  const request = event.detail.ctx.request;
  if (request.method === "GET") {
    // Blank fields have no place in an address.
    for (const [name, value] of [...request.body]) if (value === "") request.body.delete(name);
  } else {
    request.headers["X-CSRF-Token"] = document.querySelector("meta[name=csrf-token]").content;
  }
});

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
