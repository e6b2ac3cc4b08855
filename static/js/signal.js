/**
 * Tells whatever keeps passkeys which of them still work, and what their account is called now.
 * WebAuthn L3 §5.1.10; browsers that do not know it are left alone.
 *
 * <div data-signal-passkeys="URL" data-once="what is signaled once for" hidden></div>
 */

const DONE = "passkeys-signaled";

/** This credential works nowhere: do not offer it again. */
export function signalUnknown(rpId, credentialId) {
  PublicKeyCredential.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
}

async function signal(url) {
  const response = await fetch(url, {
    credentials: "same-origin",
    headers: { Accept: "application/json" },
  });
  if (!response.ok || response.redirected) return;
  const { rpId, userId, name, displayName, allAcceptedCredentialIds } = await response.json();
  await PublicKeyCredential.signalCurrentUserDetails?.({ rpId, userId, name, displayName });
  await PublicKeyCredential.signalAllAcceptedCredentials({
    rpId,
    userId,
    allAcceptedCredentialIds,
  });
}

/** @param {HTMLElement} element - `[data-signal-passkeys]` */
async function bind({ dataset: { signalPasskeys, once } }) {
  // A page that names more than the login begins with it.
  if (once && sessionStorage.getItem(DONE)?.startsWith(once)) return;
  try {
    await signal(signalPasskeys);
  } catch {
    // Nothing that a person could do about: the next page tries again.
    return;
  }
  if (once) sessionStorage.setItem(DONE, once);
}

if (window.PublicKeyCredential?.signalAllAcceptedCredentials) {
  document.querySelectorAll("[data-signal-passkeys]").forEach(bind);
}
