/**
 * Copies and prints what a page shows once. Both buttons are hidden until this runs, because
 * without it they would do nothing.
 *
 * <button type="button" data-copy="selector of a list" data-copied="Copied" hidden>Copy</button>
 * <button type="button" data-print hidden>Print</button>
 * <p role="status" data-copy-status></p>
 */

for (const button of document.querySelectorAll("[data-copy]")) {
  const items = document.querySelectorAll(`${button.dataset.copy} > li`);
  const status = document.querySelector("[data-copy-status]");
  const label = button.textContent;
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const text = [...items].map((item) => item.textContent.trim()).join("\n");
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.copied;
    status.textContent = button.dataset.copied;
    button.addEventListener("blur", () => (button.textContent = label), { once: true });
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
