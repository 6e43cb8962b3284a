// Sets the chosen look before the first paint. A classic script on purpose: a module would come too late.
(() => {
  const root = document.documentElement;
  root.classList.add("has-js");
  const stored = () => {
    try {
      return localStorage.getItem("atelier-theme");
    } catch {
      return null; // storage can be forbidden; then the system decides
    }
  };
  const apply = (choice) => {
    if (choice === "light" || choice === "dark") root.dataset.theme = choice;
    else delete root.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (choice || "auto")));
    }
  };
  apply(stored());
  document.addEventListener("DOMContentLoaded", () => apply(stored()));
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    try {
      localStorage.setItem("atelier-theme", choice);
    } catch {
      // the look then lasts for this page only
    }
    apply(choice);
  });
})();
