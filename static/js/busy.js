// A form with data-busy="#box": once it is sent, its button waits and the box says what is going on.
addEventListener("submit", (event) => {
  const box = document.querySelector(event.target.dataset.busy || "#none-such");
  if (!box || event.defaultPrevented) return;
  box.hidden = false;
  box.scrollIntoView({ block: "nearest" });
  for (const button of document.querySelectorAll("form[data-busy] button")) button.setAttribute("aria-disabled", "true");
});

// Sent twice it would be published twice.
addEventListener(
  "click",
  (event) => {
    if (event.target.closest?.('form[data-busy] button[aria-disabled="true"]')) event.preventDefault();
  },
  { capture: true },
);

// A page that comes back from the browser's memory is not busy any more.
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const form of document.querySelectorAll("form[data-busy]")) document.querySelector(form.dataset.busy).hidden = true;
  for (const button of document.querySelectorAll("form[data-busy] button")) button.removeAttribute("aria-disabled");
});
