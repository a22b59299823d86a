// Passkeys: between the forms of a page and the browser's authenticators. Every word is in the page.
"use strict";
(() => {
  const form = document.querySelector("[data-passkey]");
  if (!form) return;
  const creates = form.dataset.passkey === "create";
  const start = form.querySelector("[data-passkey-start]");
  const problem = form.querySelector("[data-passkey-problem]");
  const say = (word) => {
    problem.textContent = form.dataset[word] ?? "";
    problem.hidden = !problem.textContent;
  };
  const supported = window.isSecureContext && "PublicKeyCredential" in window && "credentials" in navigator;
  if (!supported) {
    start.hidden = true;
    // Beside other ways a missing one needs no words.
    if (form.dataset.conditional === undefined) say("wordUnsupported");
    else {
      form.previousElementSibling?.classList.contains("or") && (form.previousElementSibling.hidden = true);
      form.hidden = true;
    }
    return;
  }

  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const options = () => {
    const asked = JSON.parse(form.dataset.options);
    asked.challenge = bytes(asked.challenge);
    if (asked.user) asked.user.id = bytes(asked.user.id);
    for (const list of [asked.allowCredentials, asked.excludeCredentials]) {
      for (const each of list ?? []) each.id = bytes(each.id);
    }
    return asked;
  };
  const answer = (credential) => {
    const { response } = credential;
    const shown = creates
      ? { attestationObject: text(response.attestationObject), transports: response.getTransports?.() ?? [] }
      : {
          authenticatorData: text(response.authenticatorData),
          signature: text(response.signature),
          userHandle: response.userHandle ? text(response.userHandle) : null,
        };
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment ?? null,
      clientExtensionResults: {},
      response: { clientDataJSON: text(response.clientDataJSON), ...shown },
    });
  };
  const send = (credential) => {
    form.elements.credential.value = answer(credential);
    form.submit();
  };
  const told = (error) => {
    if (error.name === "NotAllowedError") say("wordCancelled");
    else if (error.name === "InvalidStateError" && creates) say("wordHeld");
    else if (error.name !== "AbortError") say("wordFailed");
  };

  // Beside the name field: it waits for as long as the page is open, and makes room for the button.
  let waiting;
  const beside = async () => {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    waiting = new AbortController();
    try {
      send(await navigator.credentials.get({ publicKey: options(), mediation: "conditional", signal: waiting.signal }));
    } catch (error) {
      // Nobody has asked for anything yet: what fails here fails in silence.
      if (error.name !== "AbortError") waiting = undefined;
    }
  };
  const ask = async () => {
    say("");
    waiting?.abort();
    start.disabled = true;
    try {
      const publicKey = options();
      send(await (creates ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey })));
    } catch (error) {
      told(error);
      start.disabled = false;
      start.focus();
    }
  };
  start.addEventListener("click", ask);
  // Coming back to the page: its challenge was used.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  if (form.dataset.conditional !== undefined) beside();
})();
