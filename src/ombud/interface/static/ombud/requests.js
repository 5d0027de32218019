// What htmx asks for: a refusal comes back into its panel, a failure is said and never swapped in, a list that could
// not be renewed says since when it is old.
(() => {
  "use strict";
  const { words, all, say, unsay, fill } = window.ombud;

  document.addEventListener("htmx:configRequest", (event) => {
    // Addresses say only what was asked for.
    if (event.detail.verb !== "get") return;
    for (const [name, value] of Object.entries(event.detail.parameters)) if (value === "") delete event.detail.parameters[name];
  });

  const isPage = (text) => /^\s*<!doctype/i.test(text);
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event, { xhr } = detail;
    // A refused or stale act answers 409 or 422 with the form to show again: swap it, keep what was typed.
    if ([409, 422].includes(xhr.status) && !isPage(xhr.responseText)) {
      detail.shouldSwap = true; detail.isError = false; window.ombud.typed = true;
    }
    // A whole page is no fragment: whatever it is, it says something went otherwise than asked for.
    if (detail.shouldSwap && isPage(xhr.responseText)) { detail.shouldSwap = false; detail.isError = true; }
  });

  // What the writer did is still there; the same request is made again, with what stands in the form then.
  const again = ({ elt, target, requestConfig }) => {
    if (!elt.isConnected) { location.reload(); return; }
    htmx.ajax(requestConfig.verb.toUpperCase(), requestConfig.path, {
      source: elt, target, swap: elt.getAttribute("hx-swap") || "innerHTML",
    });
  };
  const keyOf = (detail) => `request ${detail.requestConfig.verb} ${detail.requestConfig.path.split("?")[0]}`;
  const failed = (detail, text) => {
    const { elt, requestConfig } = detail;
    if (elt.matches("[data-poll]")) { old(elt, words.stale); return; }
    const isSent = requestConfig.verb !== "get";
    if (isSent && elt.matches("form[data-guard]")) window.ombud.typed = true;
    say("error", isSent ? `${text} ${words.kept}` : text, { key: keyOf(detail), acts: [[words.again, () => again(detail)]] });
  };

  const reasons = { 403: "forbidden", 404: "gone", 413: "large", 429: "busy", 503: "busy" };
  document.addEventListener("htmx:responseError", ({ detail }) => failed(detail, words[reasons[detail.xhr.status]] || words.failed));
  for (const type of ["sendError", "timeout"]) {
    document.addEventListener(`htmx:${type}`, ({ detail }) => failed(detail, words.offline));
  }
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful) return;
    unsay(keyOf(detail));
    if (detail.elt.matches("[data-poll]")) { detail.elt.dataset.asOf = Date.now(); fresh(detail.elt); }
  });

  // A paper is made of what was kept: what has been typed since is kept first.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-kept-by]");
    const keeper = event.isTrusted && link && document.getElementById(link.dataset.keptBy);
    if (!keeper) return;
    event.preventDefault();
    htmx.trigger(keeper, "keep"); // in the place of one under way, which ends at once
    keeper.addEventListener("htmx:afterRequest", ({ detail }) => { if (detail.successful) link.click(); }, { once: true });
  });

  // Lists that renew themselves keep what they show, and say of when it is.
  const loaded = Date.now();
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const old = (list, text, href = "") => {
    const note = list.querySelector("[data-stale]");
    const at = clock.format(new Date(Number(list.dataset.asOf) || loaded));
    note.querySelector("[data-words]").textContent = fill(text, { t: at });
    const link = note.querySelector("a");
    link.hidden = !href;
    if (href) link.href = href;
    note.hidden = false;
  };
  const fresh = (list) => { const note = list.querySelector("[data-stale]"); if (note) note.hidden = true; };
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    // Whose session has ended is led to the sign-in page, but not away from a list that they are reading.
    const { elt, xhr } = event.detail;
    if (xhr.status !== 401 || !elt.matches("[data-poll]")) return;
    event.preventDefault();
    old(elt, words.stale_signed_out, xhr.getResponseHeader("HX-Redirect"));
  });
  // Nobody looks at a page in the background: it is renewed when it comes back.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) for (const list of all("[data-poll]")) htmx.trigger(list, "renew");
  });
})();
