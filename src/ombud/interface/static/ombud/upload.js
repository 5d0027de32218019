// Evidence goes up as soon as it is chosen, file by file, with progress; without script it goes with the form.
(() => {
  "use strict";
  const form = (element) => element.closest("form[data-upload]");
  const cookie = (name) => (document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1] || "";
  const part = (tag, css, text = "") => Object.assign(document.createElement(tag), { className: css, textContent: text });
  const size = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);

  // A picture as its own thumbnail: one looks at what one sends.
  const face = (file) => {
    if (!file.type.startsWith("image/")) return part("span", "file-face");
    const image = part("img", "file-face");
    image.alt = "";
    image.src = URL.createObjectURL(file);
    return image;
  };

  const send = (file, drop, list) => {
    const row = part("li", "file"), words = part("span", "stack-1 grow"), state = part("span", "small faint nowrap", size(file.size));
    const bar = part("progress", "bar"), remove = part("button", "btn btn-quiet btn-small btn-icon", "×");
    bar.max = 1; bar.value = 0; bar.setAttribute("aria-label", file.name);
    remove.type = "button"; remove.dataset.removeFile = ""; remove.setAttribute("aria-label", `${drop.dataset.remove} ${file.name}`);
    words.append(part("span", "truncate", file.name), bar);
    row.append(face(file), words, state, remove);
    list.append(row);
    const request = new XMLHttpRequest(), data = new FormData();
    data.append("file", file);
    request.open("POST", form(drop).dataset.upload);
    request.setRequestHeader("X-CSRFToken", form(drop).querySelector("[name=csrfmiddlewaretoken]")?.value || cookie("ombud_csrf"));
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
    row.cancel = () => request.abort();
    const fail = (message) => {
      bar.remove();
      words.append(part("span", "small bad", message));
      state.textContent = "";
      drop.pending -= 1; busy(drop);
    };
    request.addEventListener("error", () => fail(drop.dataset.failed));
    request.addEventListener("abort", () => { drop.pending -= 1; busy(drop); });
    request.addEventListener("load", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* an error page: said below */ }
      if (request.status !== 201) { fail(answer.error || drop.dataset.failed); return; }
      bar.remove();
      const token = document.createElement("input");
      token.type = "hidden"; token.name = drop.dataset.token; token.value = answer.token;
      row.append(token);
      state.textContent = size(answer.size);
      state.className = "small good nowrap";
      drop.pending -= 1; busy(drop);
    });
    drop.pending = (drop.pending || 0) + 1; busy(drop);
    request.send(data);
  };

  // A form sent while a file is still on its way would lose it.
  const busy = (drop) => {
    const waits = [...form(drop).querySelectorAll(".drop")].some((each) => each.pending > 0);
    for (const button of form(drop).querySelectorAll("button:not([type=button])")) button.disabled = waits;
  };

  document.addEventListener("change", (event) => {
    const input = event.target.closest(".drop input[type=file]");
    if (!input || !form(input)) return;
    const drop = input.closest(".drop"), list = input.closest(".field").querySelector("[data-files]");
    for (const file of input.files) send(file, drop, list);
    input.value = "";
    setTimeout(() => { const chosen = input.closest(".field").querySelector("[data-chosen]"); if (chosen) chosen.textContent = ""; });
  });
  document.addEventListener("dragover", (event) => { if (event.target.closest?.(".drop")) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    const drop = event.target.closest?.(".drop");
    if (!drop || !form(drop)) return;
    event.preventDefault();
    const list = drop.closest(".field").querySelector("[data-files]");
    for (const file of event.dataTransfer.files) send(file, drop, list);
  });
  document.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove-file]");
    if (!remove) return;
    const row = remove.closest(".file");
    row.cancel?.();
    row.remove();
  });
  for (const button of document.querySelectorAll("[data-remove-file]")) button.hidden = false;
})();
