/**
 * Says while a new password is typed what it still lacks, as far as a page can tell. The server has
 * the last word: nothing is held back here, and nothing leaves the page before the form is sent.
 *
 * <div data-new-password data-least="8" data-most="4096" data-words='["…"]'
 *      data-beside="names of inputs" data-say-…="a sentence for each rule">
 *   …one password input…
 *   <div data-new-password-status role="status" aria-live="polite"></div>
 * </div>
 */

// Told of every key, a screen reader would never get to the end of a sentence.
const PAUSE_MS = 600;
// A word of two letters is in many a good phrase.
const SHORTEST_WORD = 3;
// What the server's estimate needs, more or less, beside words that are tried first.
const FEWEST_OWN = 7;
const FEWEST_DIFFERENT = 5;

/** As the server compares: NFKC, in any case. */
const folded = (text) => text.normalize("NFKC").toLowerCase();

/** The words that an attacker tries first; of an address, the part before the at sign, too. */
function wordsOf({ beside, words }, form) {
  const typed = beside.split(" ").map((name) => form?.elements[name]?.value ?? "");
  return [...JSON.parse(words), ...typed]
    .map((word) => folded(word.trim()))
    .flatMap((word) => [word, word.split("@")[0]])
    .filter((word) => word.length >= SHORTEST_WORD)
    .sort((one, other) => other.length - one.length);
}

/** How many different characters there are beside those that only go on in steps of 0, 1 or -1. */
function variety(characters) {
  const codes = characters.map((character) => character.codePointAt(0));
  return new Set(codes.filter((code, i) => i === 0 || Math.abs(code - codes[i - 1]) > 1)).size;
}

/** The first sentence that applies to a password, and whether something is missing. */
function judge(password, words, { least, most, ...say }) {
  const length = [...password.normalize("NFKC")].length;
  const text = folded(password);
  if (length < Number(least)) return missing(say.sayShort.replace("{count}", length));
  if (length > Number(most)) return missing(say.sayLong);
  if (words.includes(text)) return missing(say.sayAbout);

  const own = words.reduce((rest, word) => rest.replaceAll(word, ""), text);
  if (own.length < text.length && [...own].length < FEWEST_OWN) return missing(say.sayMostlyAbout);
  if (variety([...text]) < FEWEST_DIFFERENT) return missing(say.sayFew);
  return { sentence: say.sayEnough, state: "met" };
}

const missing = (sentence) => ({ sentence, state: "missing" });

function show(status, verdict) {
  if (status.textContent === (verdict?.sentence ?? "")) return;
  if (!verdict) return status.replaceChildren();
  const sentence = document.createElement("p");
  sentence.className = `new-password-${verdict.state}`;
  sentence.textContent = verdict.sentence;
  status.replaceChildren(sentence);
}

/** @param {HTMLElement} wrapper - `[data-new-password]`, around one password input */
function bind(wrapper) {
  const input = wrapper.querySelector("input");
  const status = wrapper.querySelector("[data-new-password-status]");
  const besides = wrapper.dataset.beside.split(" ").map((name) => input.form?.elements[name]);
  let pause;

  function tell() {
    const words = wordsOf(wrapper.dataset, input.form);
    show(status, input.value ? judge(input.value, words, wrapper.dataset) : null);
  }

  for (const typed of [input, ...besides.filter(Boolean)]) {
    typed.addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(tell, PAUSE_MS);
    });
  }
  input.setAttribute(
    "aria-describedby",
    `${input.getAttribute("aria-describedby") ?? ""} ${status.id}`.trim(),
  );
}

document.querySelectorAll("[data-new-password]").forEach(bind);
