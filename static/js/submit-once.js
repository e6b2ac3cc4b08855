/**
 * Ignores the second click of a double click on a form's button. The browser would drop the answer
 * to the first request, and with it the session that the answer brought.
 */

const PATIENCE_MS = 5000;

/** @type {WeakMap<HTMLFormElement, number>} */
const submittedAt = new WeakMap();

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const last = submittedAt.get(event.target) ?? -Infinity;
  if (event.timeStamp - last < PATIENCE_MS) event.preventDefault();
  else submittedAt.set(event.target, event.timeStamp);
});
