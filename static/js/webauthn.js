/**
 * Runs the WebAuthn ceremony of a form: ask for options, let the authenticator answer, send the
 * answer. One ceremony at a time; a second one ends the first, unless its answer is under way.
 *
 * <form data-webauthn="register|authenticate" data-options="URL" data-validate="URL"
 *       data-say-…="a sentence for every way it can end">
 *   …fields, sent along with the credential…
 *   <div data-webauthn-status role="status" tabindex="-1"></div>
 * </form>
 */

const ceremonies = {
  register: {
    isSupported: () => "parseCreationOptionsFromJSON" in PublicKeyCredential,
    run: (options, signal) =>
      navigator.credentials.create({
        publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
        signal,
      }),
  },
  authenticate: {
    isSupported: () => "parseRequestOptionsFromJSON" in PublicKeyCredential,
    run: (options, signal) =>
      navigator.credentials.get({
        publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        signal,
      }),
  },
};

/** Why a ceremony ended, as the page says it; with a way on, where there is one. */
class Refusal extends Error {
  /** @param {{redirectTo?: string, reload?: boolean}} wayOn */
  constructor(message, wayOn = {}) {
    super(message);
    Object.assign(this, wayOn);
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
        ? location.pathname
        : (answer.redirect_to ?? answer.fail.redirect_to);
    throw new Refusal(answer.fail.errors.join(" "), { redirectTo });
  }
  throw new Refusal(say.sayUnexpected, { reload: true });
}

/** Carry one ceremony through; resolves to the path to go on to. */
async function perform(form, current) {
  const say = form.dataset;
  const ceremony = ceremonies[say.webauthn];
  const { signal } = current.controller;

  report(form, "waiting", say.sayWaiting);
  const options = await fetchJSON(say.options, say, { signal });
  const credential = await ceremony.run(options, signal);
  if (typeof credential?.toJSON !== "function") throw new Refusal(say.sayUnsupported);

  current.isSending = true;
  report(form, "waiting", say.saySending);
  const body = new URLSearchParams(new FormData(form));
  body.set("credential", JSON.stringify(credential.toJSON()));
  const answer = await fetchJSON(say.validate, say, { method: "POST", body });
  if (!answer.redirect_to?.startsWith("/")) throw new Refusal(say.sayUnexpected, { reload: true });
  return answer.redirect_to;
}

/** The sentence for an error of the browser, by its name. */
function sentenceFor(error, say) {
  return say[`say${error.name.charAt(0)}${error.name.slice(1).toLowerCase()}`] ?? say.sayOthererror;
}

function report(form, state, message) {
  const status = form.querySelector("[data-webauthn-status]");
  const sentence = document.createElement("p");
  sentence.textContent = message;
  status.dataset.state = state;
  status.replaceChildren(sentence);
  return status;
}

/** Say why the ceremony ended and move the focus there. */
function reportFailure(form, error) {
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

async function start(form) {
  // An answer that is under way may have been taken already, so it is not called back.
  if (running?.isSending) return;
  running?.controller.abort();
  const current = { controller: new AbortController(), isSending: false };
  running = current;
  try {
    const path = await perform(form, current);
    report(form, "accepted", form.dataset.sayAccepted);
    location.assign(path);
  } catch (error) {
    if (running !== current) return;
    running = null;
    reportFailure(form, error);
  }
}

function bind(form) {
  const isSupported =
    "PublicKeyCredential" in window && ceremonies[form.dataset.webauthn].isSupported();
  if (!isSupported) report(form, "failed", form.dataset.sayUnsupported);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isSupported) start(form);
    else reportFailure(form, new Refusal(form.dataset.sayUnsupported));
  });
}

document.querySelectorAll("form[data-webauthn]").forEach(bind);
window.addEventListener("pagehide", () => running?.controller.abort());
