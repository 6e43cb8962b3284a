// What every page has: copy buttons, dialogs, menus, tabs, uploads and charts, each in its own module.
import "./busy.js";
import "./copy.js";
import "./dialog.js";
import "./menu.js";
import "./preview.js";
import "./swaps.js";
import "./token.js";
import { startTabs } from "./tabs.js";

const lazily = async (root, selector, module, start) => {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) found.push(root);
  if (found.length) found.forEach((await import(module))[start]);
};

export const startAll = (root) => {
  startTabs(root);
  lazily(root, "[data-upload]", "./upload.js", "startUpload");
  lazily(root, "[data-chart-url], [data-points]", "./chart.js", "startChart");
  lazily(root, "form[data-autosave]", "./autosave.js", "startAutosave");
  lazily(root, "[data-tryout]", "./tryout.js", "startTryout");
  lazily(root, "[data-threshold]", "./threshold.js", "startThreshold");
};

startAll(document);
document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && startAll(event.detail.elt));
