// Turns <div data-tabs><section><h3>…</h3>…</section>…</div> into tabs; without a script the sections stand below each other.
let count = 0;

const select = (tabs, index) => {
  tabs.forEach(({ tab, section }, i) => {
    tab.setAttribute("aria-selected", String(i === index));
    tab.tabIndex = i === index ? 0 : -1;
    section.hidden = i !== index;
  });
};

const build = (group) => {
  const list = Object.assign(document.createElement("div"), { className: "tabs" });
  list.setAttribute("role", "tablist");
  const tabs = [...group.querySelectorAll(":scope > section")].map((section) => {
    const tab = Object.assign(document.createElement("button"), { type: "button", id: `tab-${++count}` });
    tab.textContent = section.querySelector("h3").textContent;
    tab.setAttribute("role", "tab");
    section.id ||= `${tab.id}-panel`;
    section.setAttribute("role", "tabpanel");
    section.setAttribute("aria-labelledby", tab.id);
    tab.setAttribute("aria-controls", section.id);
    list.append(tab);
    return { tab, section };
  });
  tabs.forEach(({ tab }, index) => tab.addEventListener("click", () => select(tabs, index)));
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const now = tabs.findIndex(({ tab }) => tab === document.activeElement);
    const next = (now + step + tabs.length) % tabs.length;
    select(tabs, next);
    tabs[next].tab.focus();
  });
  group.prepend(list);
  group.classList.add("has-tabs");
  select(tabs, 0);
};

export const startTabs = (root) => {
  for (const group of root.querySelectorAll("[data-tabs]:not(.has-tabs)")) build(group);
};
