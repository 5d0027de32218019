// Evidence goes up as soon as it is chosen, file by file, with progress; without script it goes with the form.
(() => {
  "use strict";
  const form = (element) => element.closest("form[data-parts]");
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
    const fail = (message) => {
      bar.remove();
      words.append(part("span", "small bad", message || drop.dataset.failed));
      state.textContent = "";
      drop.pending -= 1; busy(drop);
    };
    const done = (value, bytes) => {
      bar.remove();
      const token = document.createElement("input");
      token.type = "hidden"; token.name = drop.dataset.token; token.value = value;
      row.append(token);
      state.textContent = size(bytes);
      state.className = "small good nowrap";
      drop.pending -= 1; busy(drop);
    };
    const way = { row, drop, file, fail, done, moved: (bytes) => { bar.value = bytes / file.size; } };
    drop.pending = (drop.pending || 0) + 1; busy(drop);
    inParts(way);
  };

  const PART = 2 * 1048576, TRIES = 8, KEPT = 20 * 3600e3;
  const answered = (request) => { try { return JSON.parse(request.responseText).error; } catch { return ""; } };
  const ask = (way, method, url, headers = {}, body = null, moved = null) => new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(), csrf = form(way.drop)?.querySelector("[name=csrfmiddlewaretoken]")?.value;
    request.open(method, url);
    for (const [name, value] of Object.entries({ "X-CSRFToken": csrf || cookie("ombud_csrf"), ...headers })) request.setRequestHeader(name, value);
    if (moved) request.upload.addEventListener("progress", (event) => moved(event.loaded));
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", () => reject(new Error("line")));
    request.addEventListener("abort", () => reject(new Error("abort")));
    way.row.cancel = () => { way.isCancelled = true; request.abort(); };
    request.send(body);
  });
  const given = (way) => { if (!way.isCancelled) return false; way.drop.pending -= 1; busy(way.drop); return true; };

  // Every file goes in parts (tus 1.0.0), a small one in a single part: where the line breaks, or the page is opened
  // again and the file chosen once more, it goes on where it was. Kept in the tab alone: whoever uses the browser next
  // goes on with nothing.
  const inParts = async (way) => {
    const { file } = way, begin = form(way.drop).dataset.parts, tus = { "Tus-Resumable": "1.0.0" };
    const slot = `upload:${begin}:${file.name}:${file.size}:${file.lastModified}`;
    const known = () => { try { const kept = JSON.parse(sessionStorage.getItem(slot)); return kept && Date.now() - kept.at < KEPT ? kept.url : ""; } catch { return ""; } };
    const remember = (url) => { try { url ? sessionStorage.setItem(slot, JSON.stringify({ url, at: Date.now() })) : sessionStorage.removeItem(slot); } catch { /* it goes on only within this page */ } };
    let url = known(), offset = -1, tries = 0;
    while (true) {
      try {
        if (!url) {
          const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
          const made = await ask(way, "POST", begin, { ...tus, "Upload-Length": file.size, "Upload-Metadata": `filename ${name}` });
          if (made.status !== 201) { if (made.status < 500) return way.fail(answered(made)); throw new Error("busy"); }
          url = made.getResponseHeader("Location"); offset = 0;
          remember(url);
        }
        let last = null;
        if (offset < 0) {
          last = await ask(way, "HEAD", url, tus);
        } else {
          const from = offset, headers = { ...tus, "Upload-Offset": from, "Content-Type": "application/offset+octet-stream" };
          last = await ask(way, "PATCH", url, headers, file.slice(from, from + PART), (bytes) => way.moved(from + bytes));
        }
        if ([404, 410].includes(last.status)) { remember(""); url = ""; offset = -1; if (++tries > TRIES) return way.fail(); continue; }
        if (last.status >= 500 || last.status === 460) throw new Error("busy");
        if (last.status >= 400 && last.status !== 409) { remember(""); return way.fail(answered(last)); }
        const token = last.getResponseHeader("Ombud-File-Token");
        if (token) { remember(""); return way.done(token, file.size); }
        const now = last.status === 409 ? -1 : Number(last.getResponseHeader("Upload-Offset"));
        if (now > offset) tries = 0; else if (++tries > TRIES) return way.fail();
        offset = now;
        way.moved(Math.max(0, offset));
      } catch {
        if (given(way)) { if (url) ask(way, "DELETE", url, tus).catch(() => {}); remember(""); return null; }
        if (++tries > TRIES) return way.fail();
        offset = -1;
        await new Promise((go) => setTimeout(go, Math.min(30000, 500 * 2 ** tries)));
      }
    }
  };

  // A form sent while a file is still on its way would lose it.
  const busy = (drop) => {
    if (!form(drop)) return; // it was closed meanwhile
    const waits = [...form(drop).querySelectorAll(".drop")].some((each) => each.pending > 0);
    for (const button of form(drop).querySelectorAll("button:not([type=button])")) button.disabled = waits;
  };

  // A pile of scans goes to the rows, one to each that has none, in the order of the names; the server deals out the rest.
  const take = (files, drop) => {
    const list = drop.closest(".field").querySelector("[data-files]");
    if (!drop.closest("[data-spread]")) { for (const file of files) send(file, drop, list); return; }
    const places = [...form(drop).querySelectorAll(".field:not([data-spread]) > .drop")]
      .filter((each) => !each.closest(".field").querySelector("[data-files] > *"));
    const named = [...files].sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
    for (const file of named) {
      const place = places.shift() || drop;
      send(file, place, place.closest(".field").querySelector("[data-files]"));
    }
  };

  document.addEventListener("change", (event) => {
    const input = event.target.closest(".drop input[type=file]");
    if (!input || !form(input)) return;
    take(input.files, input.closest(".drop"));
    input.value = "";
    setTimeout(() => { const chosen = input.closest(".field").querySelector("[data-chosen]"); if (chosen) chosen.textContent = ""; });
  });
  document.addEventListener("dragover", (event) => { if (event.target.closest?.(".drop")) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    const drop = event.target.closest?.(".drop");
    if (!drop || !form(drop)) return;
    event.preventDefault();
    take(event.dataTransfer.files, drop);
  });
  document.addEventListener("click", (event) => {
    const remove = event.target.closest("[data-remove-file]");
    if (!remove) return;
    const row = remove.closest(".file");
    row.cancel?.();
    row.remove();
  });
  const show = () => { for (const button of document.querySelectorAll("[data-remove-file]")) button.hidden = false; };
  show();
  document.addEventListener("htmx:afterSettle", show); // a form of the desk comes later than its page
})();
