/**
 * A WebAuthn ceremony of a form: ask for options, let the authenticator answer, send the answer. One
 * at a time: another one ends it, unless its answer is under way.
 *
 * <form data-options="URL" data-validate="URL" data-say-…="a sentence for every way it can end"
 *       data-first-options="JSON, so that the first try need not ask">
 *   …fields, sent along with the credential…
 *   <div data-webauthn-status role="status" tabindex="-1"></div>
 * </form>
 */

// The server takes an answer for five minutes.
export const FRESH_MS = 4 * 60 * 1000;

/**
 * @typedef {object} Ceremony
 * @property {(options: object, signal: AbortSignal) => Promise<Credential>} ask - the authenticator
 * @property {boolean} [isQuiet] - whether nobody is told before there is an answer to send
 * @property {(refusal: Refusal, options: object, credential: Credential) => void} [refused]
 */

/** Why a ceremony ended, as the page says it; with a way on, where there is one. */
export class Refusal extends Error {
  /** @param {{redirectTo?: string, reload?: boolean, reason?: string, status?: number}} more */
  constructor(message, more = {}) {
    super(message);
    Object.assign(this, more);
  }
}

/** @type {{controller: AbortController, isSending: boolean} | null} */
let running = null;

/** Fetch JSON from our own origin; anything but an accepted answer is a Refusal. */
async function fetchJSON(url, say, init) {
  let response;
  try {
    response = await fetch(url, {
      credentials: "same-origin",
      ...init,
      headers: { Accept: "application/json" },
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal(say.sayOffline);
  }
  if (response.redirected) throw new Refusal(say.sayEnded, { reload: true });

  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  if (answer?.fail) {
    // Asked again, the page itself leads to the login, and from there back to it.
    const redirectTo =
      response.status === 401
        ? location.pathname + location.search
        : (answer.redirect_to ?? answer.fail.redirect_to);
    const { reason } = answer.fail;
    throw new Refusal(answer.fail.errors.join(" "), { redirectTo, reason, status: response.status });
  }
  throw new Refusal(say.sayUnexpected, { reload: true });
}

/** The options that came with the page: once, and while they are fresh. */
function firstOptions(form) {
  const options = form.dataset.firstOptions;
  delete form.dataset.firstOptions;
  const age = Date.now() - performance.timeOrigin;
  return options && age < FRESH_MS ? JSON.parse(options) : null;
}

/** Carry one ceremony through; resolves to the path to go on to. */
async function perform(form, ceremony, current) {
  const say = form.dataset;
  const { signal } = current.controller;

  if (!ceremony.isQuiet) report(form, "waiting", say.sayWaiting);
  const options = firstOptions(form) ?? (await fetchJSON(say.options, say, { signal }));
  const credential = await ceremony.ask(options, signal);
  if (typeof credential?.toJSON !== "function") throw new Refusal(say.sayUnsupported);

  current.isSending = true;
  report(form, "waiting", say.saySending);
  const body = new URLSearchParams(new FormData(form));
  body.set("credential", JSON.stringify(credential.toJSON()));
  let answer;
  try {
    answer = await fetchJSON(say.validate, say, { method: "POST", body });
  } catch (error) {
    ceremony.refused?.(error, options, credential);
    throw error;
  }
  if (!answer.redirect_to?.startsWith("/")) throw new Refusal(say.sayUnexpected, { reload: true });
  return answer.redirect_to;
}

/**
 * Run a ceremony, and go on where its answer leads.
 *
 * @param {HTMLFormElement} form
 * @param {Ceremony} ceremony
 * @returns {Promise<Error|null>} why it ended; null if it did not, or because of another one
 */
export async function run(form, ceremony) {
  // An answer that is under way may have been taken already, so it is not called back.
  if (running?.isSending) return null;
  running?.controller.abort();
  const current = { controller: new AbortController(), isSending: false };
  running = current;
  try {
    const path = await perform(form, ceremony, current);
    report(form, "accepted", form.dataset.sayAccepted);
    location.assign(path);
    return null;
  } catch (error) {
    if (running !== current) return null;
    running = null;
    error.wasSent = current.isSending;
    return error;
  }
}

/** The sentence for an error of the browser, by its name. */
function sentenceFor(error, say) {
  return say[`say${error.name.charAt(0)}${error.name.slice(1).toLowerCase()}`] ?? say.sayOthererror;
}

export function report(form, state, message) {
  const status = form.querySelector("[data-webauthn-status]");
  const sentence = document.createElement("p");
  sentence.textContent = message;
  status.dataset.state = state;
  status.replaceChildren(sentence);
  return status;
}

/** Say why the ceremony ended and move the focus there. */
export function reportFailure(form, error) {
  const say = form.dataset;
  const isRefusal = error instanceof Refusal;
  const status = report(form, "failed", isRefusal ? error.message : sentenceFor(error, say));
  if (isRefusal && error.redirectTo) {
    const link = document.createElement("a");
    link.href = error.redirectTo;
    link.textContent = say.sayContinue;
    status.append(link);
  } else if (isRefusal && error.reload) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-secondary";
    button.textContent = say.sayReload;
    button.addEventListener("click", () => location.reload());
    status.append(button);
  }
  status.focus();
}

window.addEventListener("pagehide", () => running?.controller.abort());
