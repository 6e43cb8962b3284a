// Labelling with the keyboard: a label's key gives it, Enter says yes to the suggestion, s skips, u takes back, ? helps.
const desk = document.querySelector("[data-labelling]");
const OTHER_NAMES = { " ": "s", Backspace: "u" };
const TYPING = "input:not([type=checkbox]), textarea, select";
const PRESSED_BY_ITSELF = "button, a, summary";
let waiting = false;

const press = (control) => {
  if (!control) return false;
  control.click();
  return true;
};

// With several labels and none chosen, Enter takes those that are suggested.
const accept = () => {
  const boxes = [...desk.querySelectorAll("input[name=label]")];
  if (boxes.length && !boxes.some((box) => box.checked)) {
    for (const box of boxes) box.checked = "suggested" in box.dataset;
    if (!boxes.some((box) => box.checked)) return true;
  }
  return press(desk.querySelector("[data-enter]"));
};

const help = () => {
  const keys = document.getElementById("keys");
  if (!keys) return false;
  keys.open = !keys.open;
  return true;
};

const act = (key) => {
  if (key === "?") return help();
  if (key === "Enter") return accept();
  const wanted = OTHER_NAMES[key] ?? key.toLowerCase();
  return wanted.length === 1 && press(desk.querySelector(`[data-key="${CSS.escape(wanted)}"]`));
};

document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || target.matches(TYPING)) return;
  if ((key === "Enter" || key === " ") && target.matches(PRESSED_BY_ITSELF)) return;
  if (key === " " && target.matches("input")) return; // ticks its box
  if (waiting || event.repeat) return; // a key meant for the text before must not label the next one
  if (act(key)) event.preventDefault();
});

desk.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === desk) waiting = true;
});
desk.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target === desk) waiting = false;
});
desk.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target === desk) desk.querySelector("#text")?.focus({ preventScroll: true });
});
