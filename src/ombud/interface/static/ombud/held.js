// Acts that are often pressed by mistake wait some seconds before they are sent, and can be called back so long.
// Nothing is lost by it: whoever goes on, or leaves the page, sends what waits at once.
(() => {
  "use strict";
  const { words, say, unsay, fill } = window.ombud;
  const KEY = "held";
  let held = null;

  const settle = () => {
    const it = held;
    held = null;
    clearInterval(it.timer);
    unsay(KEY);
    it.button.disabled = false;
    return it;
  };
  const send = () => {
    if (!held.form.isConnected) { sendBehind(); return; } // its panel was closed
    const { form, button } = settle();
    form.dataset.held = "over";
    form.requestSubmit(button);
    delete form.dataset.held;
  };
  // The page goes: the browser sends it behind it.
  const sendBehind = () => {
    const { form } = settle();
    window.ombud.typed = false;
    navigator.sendBeacon(form.action, new FormData(form));
  };
  const callBack = () => {
    const { button } = settle();
    window.ombud.typed = true;
    button.focus();
  };

  const tell = () => say("info", fill(words.held, { a: held.button.textContent.trim(), s: held.left }), {
    key: KEY, acts: [[words.undo, () => held && callBack()], [words.now, () => held && send()]],
  });
  const tick = () => {
    held.left -= 1;
    if (held.left <= 0) { send(); return; }
    const shown = document.querySelector(`[data-lasting="${KEY}"] [data-words]`);
    if (shown) shown.textContent = fill(words.held, { a: held.button.textContent.trim(), s: held.left });
  };

  document.addEventListener("submit", (event) => {
    const form = event.target, seconds = Number(form.dataset.hold);
    if (!seconds || form.dataset.held) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (held) { if (held.form === form) return; sendBehind(); }
    const button = event.submitter || form.querySelector("button");
    button.disabled = true;
    window.ombud.typed = false;
    held = { form, button, left: seconds, timer: setInterval(tick, 1000) };
    tell();
  }, true);
  // Another act is opened, or the panel closed, while one waits: it goes first.
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (held && detail.elt !== held.form && !detail.elt.matches("[data-poll]")) sendBehind();
  });
  window.addEventListener("pagehide", () => { if (held) sendBehind(); });
})();
