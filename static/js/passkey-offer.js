/**
 * Shows the offer of a passkey where this device can keep one: `<div data-passkey-offer hidden>`.
 */

const canKeep =
  await window.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.();

for (const offer of document.querySelectorAll("[data-passkey-offer]")) offer.hidden = !canKeep;
