// One question goes to the model, and to what it was before where somebody unfolds that; answers are shown as they are written.
import { drawResult } from "./chat-results.js";
import { blocks } from "./chat-text.js";

const events = async function* (response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const [, kind] = /^event: (.*)$/m.exec(part) ?? [];
      const [, data] = /^data: (.*)$/m.exec(part) ?? [];
      if (kind && data) yield [kind, JSON.parse(data)];
    }
  }
};

const ask = async (side, question, signal, words, acts) => {
  const out = side.querySelector("[data-answer]");
  const known = side.querySelector("[data-sources]");
  let [text, drawn] = ["", null];
  const show = () => out.replaceChildren(...(drawn ? [drawn] : []), ...blocks(text));
  out.setAttribute("aria-busy", "true");
  delete out.dataset.result;
  out.replaceChildren(side.dataset.waiting);
  if (known) known.hidden = true;
  try {
    const response = await fetch(`${side.dataset.side}?${new URLSearchParams({ text: question })}`, { signal });
    if (!response.ok || !response.body) throw new Error(response.status);
    for await (const [kind, data] of events(response)) {
      if (kind === "piece") show((text += data.text));
      else if (kind === "result") {
        drawn = drawResult(data.result, words, acts);
        // What is drawn says it all; only an answer that is not sure has more to say.
        if (drawn && data.result.level !== "unsure") out.dataset.result = data.result.kind;
        show();
      }
      else if (kind === "error") out.replaceChildren(data.sentence);
      else if (kind === "sources" && known) {
        known.hidden = false;
        known.querySelector("p").textContent = data.items.map((item) => `${item.question}\n${item.answer}`).join("\n\n");
      }
    }
  } catch (error) {
    if (error.name !== "AbortError") out.replaceChildren(side.dataset.failed);
  } finally {
    if (!signal.aborted) out.setAttribute("aria-busy", "false");
  }
};

export const startTryout = (root) => {
  const form = root.querySelector("form");
  const field = form.elements.namedItem("text");
  const words = JSON.parse(root.dataset.words || "{}");
  const acts = { ask: (text) => ((field.value = text), form.requestSubmit()), say: () => {}, focus: () => field.focus() };
  let running;
  let asked = "";
  const sides = () => root.querySelectorAll("[data-side]");
  const folded = (side) => side.closest("details:not([open])");
  const start = (side) => {
    side.dataset.asked = asked;
    ask(side, asked, running.signal, words, acts);
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = field.value.trim();
    if (!question) return field.focus();
    running?.abort();
    for (const side of sides()) delete side.dataset.asked;
    running = new AbortController();
    asked = question;
    root.querySelector("[data-sides]").hidden = false;
    for (const side of sides()) if (!folded(side)) start(side);
  });
  root.querySelector("[data-before]")?.addEventListener("toggle", () => {
    for (const side of sides()) if (asked && !folded(side) && side.dataset.asked !== asked) start(side);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  for (const starter of root.querySelectorAll("[data-starter]")) {
    starter.addEventListener("click", () => {
      field.value = starter.textContent.trim();
      form.requestSubmit();
    });
  }
};
