// Buttons with data-dialog="id" open that dialog; data-dialog-close and a press beside it close it.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    document.getElementById(opener.dataset.dialog)?.showModal();
    return;
  }
  const dialog = event.target.closest("dialog");
  if (dialog && (event.target === dialog || event.target.closest("[data-dialog-close]"))) dialog.close();
});

// What opened a dialog may have been swapped for another of its kind meanwhile; the keyboard goes on there.
document.addEventListener(
  "close",
  ({ target }) => {
    const lost = [document.body, null].includes(document.activeElement) || target.contains(document.activeElement);
    if (target.matches?.("dialog") && lost) {
      document.querySelector(`[data-dialog="${CSS.escape(target.id)}"]`)?.focus();
    }
  },
  { capture: true },
);
