// What somebody types is kept in this tab until it was sent: a reload, a broken connection, an error page cost no word.
// It is theirs alone: whoever signs in next in the tab finds nothing of it, and signing out throws it away.
(() => {
  "use strict";
  const { words, all, say, unsay } = window.ombud;
  const writer = document.querySelector("[data-writer]")?.dataset.writer;
  if (!writer) return;
  const SLOT = "typed ", DAY = 86400000, NOTE = "typed-again";
  const slot = (form) => `${SLOT}${writer} ${new URL(form.action, location.href).pathname} ${form.id}`;
  const slots = () => Object.keys(sessionStorage).filter((name) => name.startsWith(SLOT));
  const read = (name) => { try { return JSON.parse(sessionStorage.getItem(name)); } catch { return null; } };
  const write = (name, value) => { try { sessionStorage.setItem(name, JSON.stringify(value)); } catch { /* full or off */ } };
  const forget = (name) => sessionStorage.removeItem(name);

  const fields = (form) => [...form.elements].filter(
    (input) => input.name && (input.dataset.keep !== undefined || !["hidden", "file", "submit", "button", "password"].includes(input.type)),
  );
  const typedIn = (form) => {
    const found = {};
    for (const input of fields(form)) {
      const said = (found[input.name] ??= []);
      if (input.matches("[type=radio], [type=checkbox]")) { if (input.checked) said.push(input.value); }
      else if (input.multiple) said.push(...[...input.selectedOptions].map((option) => option.value));
      else said.push(input.value);
    }
    return found;
  };
  const putBack = (form, typed) => {
    const places = {};
    for (const input of fields(form)) {
      const said = typed[input.name];
      if (!said) continue;
      if (input.matches("[type=radio], [type=checkbox]")) input.checked = said.includes(input.value);
      else if (input.multiple) for (const option of input.options) option.selected = said.includes(option.value);
      else {
        const place = (places[input.name] = (places[input.name] ?? -1) + 1);
        if (said[place] !== undefined) input.value = said[place];
      }
      if (said.some(Boolean)) input.closest("details")?.toggleAttribute("open", true);
    }
    window.ombud.typed = true;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  };

  let waiting = 0, last = null;
  const keep = () => {
    clearTimeout(waiting);
    if (last) write(slot(last), { typed: typedIn(last), at: Date.now() });
    last = null;
  };
  for (const type of ["input", "change"]) {
    document.addEventListener(type, (event) => {
      const form = event.target.closest?.("form[data-guard]");
      if (!form) return;
      if (last !== form) keep();
      clearTimeout(waiting);
      last = form;
      waiting = setTimeout(keep, 300);
    });
  }
  for (const [on, type] of [[document, "htmx:beforeRequest"], [window, "pagehide"]]) on.addEventListener(type, keep);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    clearTimeout(waiting);
    last = null;
    if (form.matches("[data-sign-out]")) { slots().forEach(forget); return; }
    if (!form.matches("form[data-guard]")) return;
    // Of what htmx sends the answer is known; what the browser sends was received if a page of ours comes of it.
    write(slot(form), { typed: typedIn(form), at: Date.now(), is_sent: !form.hasAttribute("hx-post") });
  });
  // A form that its page keeps by itself: what the server has need not be kept here too, nor warned about.
  let sending = "";
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt.matches("[data-keeps]")) sending = JSON.stringify(typedIn(elt.closest("form")));
  });
  document.addEventListener("htmx:afterRequest", ({ detail: { elt, successful } }) => {
    const form = successful && elt.matches("[data-keeps]") && elt.closest("form");
    if (!form || JSON.stringify(typedIn(form)) !== sending) return;
    clearTimeout(waiting);
    last = null;
    forget(slot(form));
    window.ombud.typed = false;
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    // An answer that leads on is not called successful by htmx, which follows it at once.
    const isDone = detail.successful || (detail.xhr.status === 200 && detail.xhr.getResponseHeader("HX-Redirect"));
    if (isDone && detail.requestConfig.verb !== "get" && detail.elt.matches("form[data-guard]")) forget(slot(detail.elt));
  });

  // A page of ours that came without an error is the answer to what was sent: it is kept no longer. What comes back
  // with something to mend holds the words itself.
  const arrival = performance.getEntriesByType("navigation")[0];
  const status = arrival?.responseStatus || 200, isAnswer = status < 400 && arrival?.type === "navigate";
  for (const name of slots()) {
    const kept = read(name);
    const isOthers = !name.startsWith(`${SLOT}${writer} `);
    if (isOthers || !kept || Date.now() - kept.at > DAY || (kept.is_sent && isAnswer)) forget(name);
  }
  const giveBack = () => {
    const unsent = serversOwn();
    for (const form of all("form[data-guard]:not([data-kept])")) {
      form.dataset.kept = "";
      const kept = read(slot(form));
      if (!kept || unsent === form || JSON.stringify(kept.typed) === JSON.stringify(typedIn(form))) continue;
      if ([409, 422].includes(status) && kept.is_sent) continue;
      putBack(form, kept.typed);
      say("info", words.typed_again, {
        key: NOTE,
        acts: [[words.forget, () => { forget(slot(form)); form.reset(); window.ombud.typed = false; }]],
      });
    }
  };

  // What was sent after a session had ended was kept by the server; see unsent.py.
  const serversOwn = () => {
    const source = document.getElementById("unsent");
    if (!source) return null;
    const { action, typed } = JSON.parse(source.textContent);
    const form = [...document.forms].find((each) => each.method === "post" && new URL(each.action).pathname === action);
    if (!form) return null;
    source.remove();
    putBack(form, typed);
    document.querySelector("[data-unsent-words]")?.remove();
    document.querySelector("[data-unsent-filled]")?.removeAttribute("hidden");
    return form;
  };
  giveBack();
  document.addEventListener("htmx:afterSettle", giveBack);

  // A choice has the server draw the form anew; what is typed until it comes is put into the new one.
  let asked = null;
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target } }) => {
    if (target?.matches?.("form[data-guard]") && elt !== target) asked = { form: target, then: typedIn(target), since: {} };
  });
  document.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (target !== asked?.form) return;
    const said = Object.entries(typedIn(target));
    asked.since = Object.fromEntries(said.filter(([name, typed]) => JSON.stringify(typed) !== JSON.stringify(asked.then[name])));
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!asked || asked.form.isConnected) return;
    const form = document.getElementById(asked.form.id), { since } = asked;
    asked = null;
    if (form && Object.keys(since).length) putBack(form, since);
  });
  document.addEventListener("submit", () => unsay(NOTE));
})();
