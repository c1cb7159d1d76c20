// A file that takes a while shows how far it is: a message with a bar appears after a moment. Without this script the
// link is an ordinary download.

const PATIENCE = 600;

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function message(text) {
  const toast = document.createElement("div");
  toast.className = "toast show";
  toast.dataset.toast = "";
  toast.dataset.tone = "info";
  const words = document.createElement("p");
  words.textContent = text;
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", "Export");
  const stop = document.createElement("button");
  stop.type = "button";
  stop.className = "btn btn-sm";
  stop.textContent = "Cancel";
  words.append(document.createElement("br"), bar);
  toast.append(words, stop);
  return { toast, words: words.firstChild, bar, stop };
}

function save(parts, type, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

async function fetched(href) {
  const abort = new AbortController();
  const { toast, words, bar, stop } = message("Preparing the file …");
  const shown = setTimeout(() => document.getElementById("toasts").append(toast), PATIENCE);
  stop.addEventListener("click", () => abort.abort());
  try {
    const answer = await fetch(href, { signal: abort.signal });
    // What is refused is shown as the page that says why.
    if (!answer.ok || answer.redirected) {
      location.assign(href);
      return;
    }
    const total = Number(answer.headers.get("content-length"));
    const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "export";
    if (total && !answer.headers.get("content-encoding")) bar.max = total;
    const parts = [];
    let bytes = 0;
    for (const reader = answer.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      bytes += value.length;
      if (bar.hasAttribute("max")) bar.value = bytes;
      words.textContent = `Downloading ${name}: ${megabytes(bytes)}`;
    }
    save(parts, answer.headers.get("content-type"), name);
  } catch (fault) {
    if (fault.name !== "AbortError") location.assign(href);
  } finally {
    clearTimeout(shown);
    toast.remove();
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-export]");
  if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  fetched(link.href);
});
