// A session says in time that it will end, and can be prolonged; once it has ended nothing on the page is lost.
(() => {
  "use strict";
  const { words, say, unsay, now, fill, span } = window.ombud;
  const shell = document.querySelector("[data-until]");
  if (!shell) return;
  const WARNED = 300, KEY = "session"; // seconds before the end
  let until = Number(shell.dataset.until), said = "";

  const ask = (method) => fetch(shell.dataset.session, {
    method, headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]")?.value || "" },
  }).then((answer) => answer.json()).then((answer) => { until = answer.until; look(); });
  // The question went with the press; where no answer came it stands there again.
  const stay = () => ask("POST").catch(() => { said = ""; look(); });
  const look = () => {
    const left = until - now();
    const state = left <= 0 ? "over" : left <= WARNED ? "near" : "";
    if (state === said) return;
    said = state;
    if (state === "over") {
      const signIn = `${shell.dataset.signIn}?next=${encodeURIComponent(location.pathname + location.search)}`;
      // What was typed stays in this tab, so nobody has to be asked whether they mean to leave.
      say("error", words.session_over, { key: KEY, acts: [[words.sign_in, () => { window.ombud.typed = false; location.href = signIn; }]] });
    } else if (state === "near") say("warning", fill(words.session_near, { t: span(left) }), { key: KEY, acts: [[words.stay, stay]] });
    else unsay(KEY);
  };
  // Another tab may have prolonged it: asked before anything is said.
  setInterval(() => {
    const left = until - now();
    if ((left <= WARNED && said === "") || (left <= 0 && said !== "over")) ask("GET").catch(look);
  }, Math.min(15, Math.max(1, (until - now()) / 4)) * 1000);
})();
