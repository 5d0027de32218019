// What all pages do beyond links and forms: countdowns, clause tips, theme, drawer, keys, copying, unsaved typing.
// Everything is delegated from the document, so that fragments swapped in by htmx need no set-up.
// `ombud` is what the other scripts share: the words of this page, elements by selector, the server's clock, messages.
(() => {
  "use strict";
  const root = document.documentElement;
  const words = Object.assign({}, ...["words", "desk-words"].map((id) => JSON.parse(document.getElementById(id)?.textContent || "{}")));
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const ombud = (window.ombud = { words, all, typed: false });

  // Countdowns. The server's clock counts, not the reader's: the page says when it was made.
  const skew = Number(root.dataset.now || 0) * 1000 - Date.now();
  const now = () => (root.dataset.now ? (Date.now() + skew) / 1000 : Date.now() / 1000);
  const fill = (pattern, values) => pattern.replace(/\{(\w)\}/g, (_, key) => values[key]);
  const span = (seconds) => {
    const s = Math.floor(seconds);
    if (s >= 172800) return fill(words.days, { d: Math.floor(s / 86400), h: Math.floor((s % 86400) / 3600) });
    if (s >= 3600) return fill(words.hours, { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
    return fill(words.minutes, { m: Math.floor(s / 60), s: s % 60 });
  };
  const tick = () => {
    const t = now();
    for (const element of all(".countdown[data-due]")) {
      const due = Number(element.dataset.due);
      const total = Math.max(due - Number(element.dataset.start), 1);
      const left = due - t;
      const state = left < 0 ? "overdue" : left < total / 4 ? "warning" : "calm";
      const shown = fill(left < 0 ? words.over : words.left, { t: span(Math.abs(left)) });
      const label = element.querySelector(".countdown-words");
      if (label.textContent !== shown) label.textContent = shown;
      if (element.dataset.state !== state) element.dataset.state = state;
      element.querySelector(".ring").setAttribute("stroke-dasharray", `${Math.max(0, Math.min(100, (left / total) * 100))} 100`);
    }
  };
  if (words.left) { tick(); setInterval(tick, 1000); }
  Object.assign(ombud, { now, fill, span });

  // The reader's zone, so that the server shows times in it.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `ombud_tz=${zone};path=/;max-age=31536000;samesite=lax`;
  for (const field of document.querySelectorAll("[data-zone]")) field.value = zone || "";

  // Clause tips: on hover, focus and tap; the pointer may move onto them; Escape closes.
  const tip = document.createElement("div");
  tip.className = "tip"; tip.id = "clause-tip"; tip.hidden = true; tip.setAttribute("role", "tooltip");
  document.body.append(tip);
  let owner = null, closing = 0;
  const place = () => {
    const at = owner.getBoundingClientRect(), box = tip.getBoundingClientRect();
    const below = at.bottom + 8 + box.height < innerHeight;
    tip.style.top = `${Math.max(8, below ? at.bottom + 6 : at.top - box.height - 6)}px`;
    tip.style.left = `${Math.max(16, Math.min(at.left, innerWidth - box.width - 16))}px`;
  };
  const openTip = (chip) => {
    clearTimeout(closing);
    if (owner === chip || !chip.dataset.tip) return;
    closeTip();
    owner = chip;
    const head = document.createElement("strong");
    head.textContent = `§ ${chip.dataset.ref}`;
    tip.replaceChildren(head, chip.dataset.tip);
    const host = chip.closest("dialog[open]") || document.body;
    if (tip.parentNode !== host) host.append(tip);
    tip.hidden = false;
    chip.setAttribute("aria-expanded", "true");
    place();
  };
  const closeTip = () => {
    if (owner) owner.removeAttribute("aria-expanded");
    owner = null; tip.hidden = true;
  };
  const closeSoon = () => { clearTimeout(closing); closing = setTimeout(closeTip, 180); };
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const chip = event.target.closest(".clause");
    if (chip) openTip(chip); else if (event.target.closest("#clause-tip")) clearTimeout(closing); else if (owner && owner !== document.activeElement) closeSoon();
  });
  document.addEventListener("focusin", (event) => {
    const chip = event.target.closest(".clause");
    if (chip && chip.matches(":focus-visible")) openTip(chip); else if (owner) closeSoon();
  });
  addEventListener("scroll", () => owner && place(), { passive: true, capture: true });

  // Theme: light, dark or as the system; the cookie lets the server draw it right the first time.
  const schemes = { light: "not all", dark: "screen", auto: "screen and (prefers-color-scheme: dark)" };
  const setTheme = (theme) => {
    const dark = document.getElementById("dark");
    if (dark) dark.media = schemes[theme];
    document.cookie = `theme=${theme};path=/;max-age=31536000;samesite=lax${location.protocol === "https:" ? ";secure" : ""}`;
    for (const button of all("[data-theme-set]")) button.setAttribute("aria-pressed", String(button.dataset.themeSet === theme));
  };

  // Drawer
  const drawer = (open) => {
    root.classList.toggle("drawer-open", open);
    for (const button of all(".drawer-button")) button.setAttribute("aria-expanded", String(open));
    const side = document.getElementById("sidebar");
    if (open && side) side.querySelector("a, button").focus();
  };

  const click = (event) => {
    const at = (selector) => event.target.closest(selector);
    const chip = at(".clause");
    if (chip) {
      if (chip.dataset.href && event.detail === 0) { location.href = chip.dataset.href; return; }
      if (owner === chip && event.pointerType === "touch") closeTip(); else openTip(chip);
      return;
    }
    if (owner && !at("#clause-tip")) closeTip();
    const theme = at("[data-theme-set]");
    if (theme) setTheme(theme.dataset.themeSet);
    const opener = at(".drawer-button");
    if (opener) { event.preventDefault(); drawer(!root.classList.contains("drawer-open")); return; }
    if (at(".drawer-shade")) drawer(false);
    const copy = at("[data-copy]");
    if (copy) copyText(copy);
    const close = at("[data-close]");
    if (close) (close.closest("dialog") || { close() { close.closest(".message, .note").remove(); } }).close();
    const dialog = at("[data-dialog]");
    if (dialog) document.getElementById(dialog.dataset.dialog).showModal();
    if (at("[data-print]")) print();
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const row = at("tr[data-href]");
    if (row && !at("a, button, input, label, select, summary") && !String(getSelection())) location.href = row.dataset.href;
  };
  // Where the page came over plain http a browser has no clipboard to offer; an old way is left.
  const toClipboard = (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    return Promise.resolve();
  };
  const copyText = (button) => {
    toClipboard(button.dataset.copy).then(() => {
      const label = button.querySelector("[data-copy-label]") || button;
      const before = label.textContent;
      label.textContent = words.copied;
      setTimeout(() => { label.textContent = before; }, 1600);
    });
  };
  document.addEventListener("click", click);

  // Keys: g then a letter goes somewhere, / searches, ? lists them all.
  let pending = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (owner) closeTip();
      if (root.classList.contains("drawer-open")) { drawer(false); all(".drawer-button")[0]?.focus(); }
      for (const menu of all("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const target = all(`[data-key="${Date.now() - pending < 1200 ? "g " : ""}${CSS.escape(event.key)}"]`)[0];
    if (target) {
      event.preventDefault();
      if (target.matches("input")) { target.focus(); target.select(); }
      else if (target.matches("select")) target.focus();
      else target.click();
    }
    pending = event.key === "g" ? Date.now() : 0;
    if (event.key === "j" || event.key === "k") pick(event.key === "j" ? 1 : -1);
  });
  // In a list j and k move; Enter follows the link that then has the focus.
  const pick = (step) => {
    const rows = all("[data-row]");
    if (!rows.length) return;
    const place = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[Math.max(0, Math.min(rows.length - 1, place < 0 ? 0 : place + step))];
    next.querySelector("[data-row-link]").focus();
    next.scrollIntoView({ block: "nearest" });
  };

  // Typing that would be lost: forms marked data-guard ask before the page goes.
  document.addEventListener("input", (event) => { if (event.target.closest("form[data-guard]")) ombud.typed = true; });
  document.addEventListener("submit", () => { ombud.typed = false; });
  addEventListener("beforeunload", (event) => { if (ombud.typed) event.preventDefault(); });

  // A form that is on its way is not sent twice, and says what is being done where that takes long; whoever comes back to
  // the page may send it again.
  const working = (form, isOn) => { for (const said of all("[data-working]", form)) said.hidden = !isOn; };
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-once]")) return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
    working(event.target, true);
  });
  addEventListener("pageshow", () => {
    for (const form of all("form[data-sent]")) { delete form.dataset.sent; working(form, false); }
  });

  // What a browser cannot read (half a date) it does not send: said at the field, before it is lost.
  document.addEventListener("submit", (event) => {
    if (event.submitter?.name === "back") return;
    const unread = [...event.target.elements].filter((input) => input.validity?.badInput);
    for (const note of all("[data-unread]", event.target)) note.remove();
    for (const input of unread) {
      const note = document.createElement("p");
      note.className = "field-error";
      note.dataset.unread = "";
      note.textContent = words.unread;
      (input.closest(".field") || input).append(note);
    }
    if (!unread.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    unread[0].focus();
  }, true);

  // Filters apply as soon as they change; without script their button does it.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-auto]");
    if (form) form.requestSubmit();
    const input = event.target.closest(".drop input[type=file]");
    if (input) {
      const list = input.closest(".field").querySelector("[data-chosen]");
      if (list) list.textContent = [...input.files].map((file) => file.name).join(" · ");
    }
  });
  for (const type of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(type, (event) => event.target.closest?.(".drop")?.classList.toggle("is-over", type === "dragover"));
  }

  // A choice may show or hide the fields that only it needs.
  const reveal = () => {
    for (const part of all("[data-shown-by]")) {
      const [name, value] = part.dataset.shownBy.split("=");
      const chosen = all(`[name="${CSS.escape(name)}"]`, part.closest("form")).some((input) => (input.matches("[type=radio], [type=checkbox]") ? input.checked : true) && value.split("|").includes(input.value));
      part.hidden = !chosen;
    }
  };
  document.addEventListener("change", reveal);
  reveal();

  // Messages leave by themselves; errors, and what asks for something, stay until read.
  const fade = () => {
    for (const message of all(".message:not(.message-error, [data-lasting])")) setTimeout(() => message.remove(), 7000);
  };
  // One more message; another with the same key goes. `acts` are [label, what it does or where it leads].
  const say = (level, text, { key = "", acts = [] } = {}) => {
    unsay(key);
    const message = document.getElementById("message-pattern").content.firstElementChild.cloneNode(true);
    message.classList.add(`message-${level}`);
    message.dataset.lasting = key;
    message.querySelector("[data-words]").textContent = text;
    message.querySelector("[data-acts]").append(...acts.map(([label, act]) => {
      const made = document.createElement(typeof act === "string" ? "a" : "button");
      made.className = "btn btn-small";
      made.textContent = label;
      if (typeof act === "string") made.href = act;
      else { made.type = "button"; made.addEventListener("click", () => { message.remove(); act(); }); }
      return made;
    }));
    document.getElementById("messages").append(message);
  };
  const unsay = (key) => { if (key) document.querySelector(`[data-lasting="${CSS.escape(key)}"]`)?.remove(); };
  Object.assign(ombud, { say, unsay });
  fade();
  // A table wider than its place, in which nothing takes the focus, takes it itself: else no key would scroll it.
  const reach = () => {
    for (const wrap of all(".table-wrap")) {
      const is_out_of_reach = wrap.scrollWidth > wrap.clientWidth && !wrap.querySelector("a, button, input, select, textarea");
      const called = wrap.querySelector("caption") ?? wrap.closest("section, .card, main")?.querySelector("h1, h2, h3");
      for (const [name, value] of [["tabindex", "0"], ["role", "region"], ["aria-label", called?.textContent.trim()]])
        if (is_out_of_reach && value) wrap.setAttribute(name, value); else wrap.removeAttribute(name);
    }
  };
  reach();
  addEventListener("resize", reach);

  document.addEventListener("htmx:afterSettle", () => { tick(); reveal(); fade(); reach(); });
  document.addEventListener("toggle", (event) => {
    const target = event.target;
    if (target.matches?.("details[data-one]") && target.open) for (const other of all(`details[data-one="${target.dataset.one}"][open]`)) if (other !== target) other.open = false;
  }, true);
})();
