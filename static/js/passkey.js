/**
 * Logs in with a passkey: by the button of `<form data-webauthn="passkey" hidden …>`, as ceremony.js
 * has it, and as autofill of the username. The form, and what is marked with `data-passkey`, is
 * hidden until this runs.
 */

import { FRESH_MS, reportFailure, run } from "./ceremony.js";
import { signalUnknown } from "./signal.js";

/** @param {{mediation?: "conditional"}} how */
const ask = (how) => (options, signal) =>
  navigator.credentials.get({
    publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    signal,
    ...how,
  });

function refused({ reason }, { rpId }, { id }) {
  if (reason === "unknown-passkey") signalUnknown(rpId, id);
}

const modal = { ask: ask({}), refused };
const conditional = { ask: ask({ mediation: "conditional" }), refused, isQuiet: true };

/** @param {HTMLFormElement} form */
async function bind(form) {
  let renewal;
  let isModal = false;

  /** Offer passkeys below the username until one is chosen; what is not chosen is no failure. */
  async function autofill() {
    clearTimeout(renewal);
    renewal = setTimeout(renew, FRESH_MS);
    const error = await run(form, conditional);
    if (!error?.wasSent) return;
    reportFailure(form, error);
    autofill();
  }

  /** A tab that nobody looks at asks for nothing before somebody does. */
  function renew() {
    if (isModal) return;
    if (document.visibilityState === "visible") autofill();
    else document.addEventListener("visibilitychange", renew, { once: true });
  }

  async function press() {
    clearTimeout(renewal);
    isModal = true;
    const error = await run(form, modal);
    isModal = false;
    if (error) reportFailure(form, error);
    if (hasAutofill) autofill();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    press();
  });
  const hasAutofill = await PublicKeyCredential.isConditionalMediationAvailable?.();
  if (!hasAutofill) return;
  // Gone back to, a page goes on as it was left: with the request ended.
  window.addEventListener("pageshow", (event) => event.persisted && autofill());
  if (!isModal) autofill();
}

if ("PublicKeyCredential" in window && "parseRequestOptionsFromJSON" in PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey], [data-webauthn=passkey]")) {
    part.hidden = false;
  }
  document.querySelectorAll("[data-webauthn=passkey]").forEach(bind);
}
