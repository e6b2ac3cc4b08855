/**
 * Looks now and then whether a login that waits was approved elsewhere, says so, and goes on.
 *
 * <form data-waiting="URL of the state" data-done="what to say then" data-approved>
 *   <p role="status"></p>
 * </form>
 */

const EVERY_MS = 4000;

const form = document.querySelector("form[data-waiting]");

function goOn() {
  form.querySelector("[role=status]").textContent = form.dataset.done;
  form.requestSubmit();
}

async function look() {
  // Nobody is looking: the next look is when somebody is.
  if (document.hidden) return later();
  let response;
  try {
    response = await fetch(form.dataset.waiting, {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
    });
  } catch {
    return later();
  }
  const state = response.ok ? (await response.json()).state : response.status === 401 && "gone";
  if (state === "approved") goOn();
  // The page says what became of it.
  else if (state === "refused" || state === "gone") location.reload();
  else later();
}

function later() {
  setTimeout(look, EVERY_MS);
}

if (form) {
  if ("approved" in form.dataset) goOn();
  else later();
}
