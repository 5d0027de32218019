// For whoever sits here all day: focus stays where it was when a part of the page is renewed, Escape closes the act that
// is open, Ctrl+K goes anywhere.
(() => {
  "use strict";
  const { words, all } = window.ombud;

  // Focus. A swap throws away what had it; the same thing in what came has it again, an act's form has it at its head.
  let had = null;
  const nameOf = (element) => element.id ? `#${CSS.escape(element.id)}`
    : element.matches("a[href]") ? `a[href="${CSS.escape(element.getAttribute("href"))}"]`
    : element.name ? `${element.localName}[name="${CSS.escape(element.name)}"]` : "";
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const focused = document.activeElement, form = focused?.closest?.("form[action]");
    if (!focused || focused === document.body) { had = null; return; }
    const within = form ? `form[action="${CSS.escape(form.getAttribute("action"))}"] ` : "";
    had = { selector: nameOf(focused) || (within ? `${within}button` : ""), within };
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (document.activeElement && document.activeElement !== document.body) return;
    const head = document.querySelector("#act .act-form h2");
    if (detail.target.id === "act" && head) {
      const wrong = document.querySelector("#act [aria-invalid=true], #act [role=alert]");
      const first = wrong || head;
      if (!first.matches("input, textarea, select")) first.tabIndex = -1;
      first.focus({ preventScroll: !wrong });
    } else if (detail.target.id === "act" && closed) {
      document.querySelector(`#act [hx-get$="/acts/${CSS.escape(closed)}/"]`)?.focus({ preventScroll: true });
    } else if (had?.selector) {
      (document.querySelector(had.within + had.selector) || document.querySelector(had.selector))?.focus({ preventScroll: true });
    }
    closed = ""; had = null;
  });

  // Closing an act's form leaves what was typed with the tab: it is there when the form is opened again.
  let closed = "";
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-stay]")) window.ombud.typed = false;
    const close = event.target.closest("[data-close-act]");
    if (close) { closed = close.dataset.closeAct; window.ombud.typed = false; }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open], details.menu[open], .drawer-open")) return;
    const close = document.querySelector("#act [data-close-act]");
    if (close && (event.target === document.body || event.target.closest("#act"))) close.click();
  }, true);

  // Whoever types in a call sends it without the mouse.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.target.closest?.("form[data-guard]")?.requestSubmit();
  });

  // The palette: where to go, what to do here, which case.
  const palette = document.getElementById("palette");
  const input = palette.querySelector("input"), list = palette.querySelector("[role=listbox]");
  let at = 0, asked = "", wait = 0, cases = [];
  const places = () => [
    ...all("#act .acts a[hx-get]").map((link) => ({ kind: words.act, label: link.dataset.title || link.textContent, go: () => link.click() })),
    ...all(".sidebar .nav a, .topbar a[data-palette]").map((link) => (
      { kind: words.go, label: link.dataset.title || link.textContent, go: () => { location.href = link.href; } })),
  ].map((each) => ({ ...each, label: each.label.replace(/\s+/g, " ").trim() }));
  const found = () => {
    const query = input.value.trim().toLowerCase();
    const shown = places().filter((each) => each.label.toLowerCase().includes(query));
    if (!query) return shown;
    const search = { kind: words.search, label: input.value.trim(), go: () => { location.href = `${palette.dataset.register}?q=${encodeURIComponent(input.value.trim())}`; } };
    return [...shown.slice(0, 6), ...cases, search];
  };
  let options = [];
  const draw = () => {
    options = found();
    at = Math.max(0, Math.min(at, options.length - 1));
    list.replaceChildren(...options.map((each, number) => {
      const item = document.createElement("li"), kind = document.createElement("span"), label = document.createElement("bdi");
      item.id = `palette-${number}`;
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(number === at));
      kind.className = "faint small"; kind.textContent = each.kind;
      label.className = "truncate grow"; label.textContent = each.label;
      item.append(label, kind);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); choose(number); });
      return item;
    }));
    input.setAttribute("aria-activedescendant", options.length ? `palette-${at}` : "");
    document.getElementById(`palette-${at}`)?.scrollIntoView({ block: "nearest" });
  };
  const choose = (number) => {
    const chosen = options[number];
    palette.close();
    chosen?.go();
  };
  const ask = () => {
    const query = input.value.trim();
    asked = query;
    if (query.length < 2) { cases = []; return; }
    fetch(`${palette.dataset.find}?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" }, redirect: "error" })
      .then((answer) => answer.json())
      .then(({ rows }) => {
        if (asked !== query) return;
        cases = rows.map(([label, kind, href]) => ({ kind, label, go: () => { location.href = href; } }));
        draw();
      })
      .catch(() => { /* the search itself, which says what failed, is still on the list */ });
  };
  input.addEventListener("input", () => { at = 0; draw(); clearTimeout(wait); wait = setTimeout(ask, 200); });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return; // a Chinese word is being made up
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); at = (at + step + options.length) % options.length; draw(); }
    if (event.key === "Enter") { event.preventDefault(); choose(at); }
  });
  const open = () => { input.value = ""; cases = []; at = 0; draw(); palette.showModal(); input.focus(); };
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette.open) palette.close(); else open();
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-open]")) open();
    if (event.target === palette) palette.close();
  });

  // On a phone the way to the acts is there while they are out of sight, above or below.
  const toActs = document.querySelector(".to-acts");
  if (toActs) {
    const look = () => {
      const { top, bottom } = document.getElementById("act").getBoundingClientRect();
      toActs.hidden = bottom > 0 && top < window.innerHeight;
    };
    document.addEventListener("scroll", look, { passive: true });
    look();
  }
})();
