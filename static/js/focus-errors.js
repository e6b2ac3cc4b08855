/**
 * Puts the focus on the error summary of a refused form, so that it is read first.
 * `autofocus` does this without script in most browsers; here follow the others.
 */
function focusErrors() {
  const summary = document.querySelector("[data-focus-errors]");
  if (summary && document.activeElement !== summary) summary.focus();
}

// A browser settles `autofocus` before the first frame that follows loading.
window.addEventListener("load", () => requestAnimationFrame(focusErrors));
