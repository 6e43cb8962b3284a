// What a swap must not take away: the place of the keyboard, the drawers that were open, and word of what changed.
const REACHED = "a[href], button, input:not([type=hidden]), select, textarea, summary";
const PARTS = 4; // of a whole that is being done: each is said once
let left = null;

const reached = (room) =>
  [...room.querySelectorAll(REACHED)].filter((one) => !one.disabled && (one.checkVisibility?.() ?? true) && !one.closest("dialog"));

// Room by room from the inside: whatever has an id is likely to come back. A menu is closed when it comes back.
const placesOf = (element) => {
  const menu = element.closest("details.menu");
  const places = [];
  if (menu) menu.open = false;
  const control = menu?.querySelector("summary") ?? element;
  for (let room = control.parentElement; room; room = room.parentElement) {
    if (room.id) places.push({ id: room.id, at: reached(room).indexOf(control) });
  }
  return places;
};

const focus = (element) => {
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest" });
};

// The control that stands where the lost one stood; of a list, that is the next one to decide about.
const goBack = (places) => {
  for (const { id, at } of places) {
    const room = document.getElementById(id);
    const controls = room ? reached(room) : [];
    if (controls.length) return focus(controls[Math.min(Math.max(at, 0), controls.length - 1)]);
  }
};

const share = (bar) => {
  const part = Math.floor((bar.value / bar.max) * PARTS) / PARTS;
  return new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(part);
};

const said = (room) => {
  const words = [...room.querySelectorAll("[role=status]")].map((one) => one.textContent.replace(/\s+/g, " ").trim());
  for (const bar of room.querySelectorAll("progress[aria-label]")) {
    words.push(bar.hasAttribute("value") ? `${bar.ariaLabel}: ${share(bar)}` : bar.ariaLabel);
  }
  return words.filter(Boolean);
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const { target, requestConfig } = detail;
  // Some browsers give a pressed button no focus.
  const pressed = requestConfig?.triggeringEvent?.submitter;
  const active = document.activeElement === document.body ? pressed : document.activeElement;
  left = {
    places: target.contains(active) ? placesOf(active) : [],
    drawers: [...target.querySelectorAll("details[id][open]:not(.menu)")].map((one) => one.id),
    said: said(document),
  };
});

document.addEventListener("htmx:afterSettle", () => {
  if (!left) return;
  const { places, drawers, said: known } = left;
  left = null;
  for (const id of drawers) document.getElementById(id)?.setAttribute("open", "");
  if (places.length && (document.activeElement ?? document.body) === document.body) goBack(places);
  const news = said(document).filter((words) => !known.includes(words));
  // A region that is swapped in with its words is not read out; this one was there before.
  if (news.length) document.getElementById("announcer").textContent = news.join(" ");
});
