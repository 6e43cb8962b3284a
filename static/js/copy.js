// Copy buttons: data-copy holds a selector, or is empty for the code sample around the button.
const textFor = (button) => {
  const source = button.dataset.copy
    ? document.querySelector(button.dataset.copy)
    : button.closest("figure, .secret")?.querySelector("code");
  return source?.value ?? source?.textContent ?? "";
};

const write = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Pages on plain http have no clipboard interface.
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await write(textFor(button));
  const label = button.querySelector("span") ?? button;
  const before = (button.dataset.label ??= label.textContent);
  label.textContent = button.dataset.copied ?? before;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => (label.textContent = before), 2000);
});
