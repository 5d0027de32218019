// Passkeys: asks the browser for one, and sends what it answers as a form. Without script the forms stay hidden.
(() => {
  "use strict";
  if (!window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const asked = (options, how) => {
    const key = { ...options.publicKey, challenge: bytes(options.publicKey.challenge) };
    if (how === "create") {
      key.user = { ...key.user, id: bytes(key.user.id) };
      key.excludeCredentials = named(key.excludeCredentials);
    } else key.allowCredentials = named(key.allowCredentials);
    return { publicKey: key };
  };

  const answered = (found) => {
    const response = { clientDataJSON: text(found.response.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (found.response[name]) response[name] = text(found.response[name]);
    }
    return { id: found.id, rawId: text(found.rawId), type: found.type, response, clientExtensionResults: {} };
  };

  const use = async (form) => {
    const failed = form.querySelector("[data-passkey-failed]"), how = form.dataset.passkey;
    failed.hidden = true;
    try {
      const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
      if (answer.redirected) return location.assign(answer.url); // they are asked first who they are
      const found = await navigator.credentials[how](asked(await answer.json(), how));
      form.elements.answer.value = JSON.stringify(answered(found));
      form.submit();
    } catch {
      failed.hidden = false;
    }
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    if (form.dataset.ready) continue;
    form.dataset.ready = "yes";
    form.hidden = false;
    form.addEventListener("submit", (event) => { event.preventDefault(); use(form); });
    form.querySelector("button").addEventListener("click", () => use(form));
  }
})();
