// A passkey is made by the browser; its answer travels in a form like any other. The words are the page's.
"use strict";
(() => {
  const form = document.querySelector("[data-passkey]"), word = form.querySelector("[data-passkey-word]");
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const asked = () => {
    const options = JSON.parse(form.dataset.passkey);
    const held = (options.excludeCredentials ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
    return {
      ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: held,
    };
  };
  const answer = (made) => ({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    authenticatorAttachment: made.authenticatorAttachment ?? undefined,
    clientExtensionResults: made.getClientExtensionResults(),
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    },
  });
  const make = async () => {
    if (!window.PublicKeyCredential) {
      word.textContent = form.dataset.unsupported;
      return;
    }
    word.textContent = "";
    try {
      const made = await navigator.credentials.create({ publicKey: asked() });
      form.elements.credential.value = JSON.stringify(answer(made));
      HTMLFormElement.prototype.submit.call(form);
    } catch (wrong) {
      word.textContent = wrong.name === "NotAllowedError" ? form.dataset.cancelled : form.dataset.failed;
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    make();
  });
})();
