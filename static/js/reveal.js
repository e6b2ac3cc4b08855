/**
 * Gives every password a button that shows it. Before the form is sent the password is hidden
 * again, so that the browser keeps treating it as one.
 */

/** @param {HTMLElement} wrapper - `[data-reveal]`, around one password input */
function addToggle(wrapper) {
  const input = wrapper.querySelector("input");
  const button = document.createElement("button");
  const text = document.createElement("span");
  const label = document.createElement("span");
  button.type = "button";
  button.className = "reveal-button";
  button.setAttribute("aria-controls", input.id);
  text.setAttribute("aria-hidden", "true");
  label.className = "visually-hidden";
  button.append(text, label);

  function show(isShown) {
    input.type = isShown ? "text" : "password";
    text.textContent = isShown ? wrapper.dataset.hide : wrapper.dataset.show;
    label.textContent = isShown ? wrapper.dataset.hideLabel : wrapper.dataset.showLabel;
  }

  button.addEventListener("click", () => show(input.type === "password"));
  input.form?.addEventListener("submit", () => show(false));
  input.autocapitalize = "none";
  input.spellcheck = false;
  show(false);
  wrapper.append(button);
}

document.querySelectorAll("[data-reveal]").forEach(addToggle);
