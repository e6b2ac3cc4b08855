/**
 * Registers a security key or a passkey, or proves one as a second factor:
 * `<form data-webauthn="register|authenticate" …>`, as ceremony.js has it. Its button is disabled
 * until this runs.
 */

import { Refusal, report, reportFailure, run } from "./ceremony.js";
import { signalUnknown } from "./signal.js";

const ceremonies = {
  register: {
    isSupported: () => "parseCreationOptionsFromJSON" in PublicKeyCredential,
    ask: (options, signal) =>
      navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
        signal,
      }),
    // What we did not take must not be offered at the next login.
    refused({ status, reason }, options, { id }) {
      if (status < 500 && reason !== "already-registered") signalUnknown(options.rp.id, id);
    },
  },
  authenticate: {
    isSupported: () => "parseRequestOptionsFromJSON" in PublicKeyCredential,
    ask: (options, signal) =>
      navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        signal,
      }),
  },
};

async function start(form, ceremony) {
  const error = await run(form, ceremony);
  if (error) reportFailure(form, error);
}

function bind(form) {
  const ceremony = ceremonies[form.dataset.webauthn];
  const isSupported = "PublicKeyCredential" in window && ceremony.isSupported();
  if (!isSupported) report(form, "failed", form.dataset.sayUnsupported);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isSupported) start(form, ceremony);
    else reportFailure(form, new Refusal(form.dataset.sayUnsupported));
  });
  form.querySelector("button:disabled").disabled = false;
}

document.querySelectorAll("form[data-webauthn]").forEach(bind);
