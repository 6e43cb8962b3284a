// A label with how sure it is, the words that decided it, and all labels folded away.
import { make } from "./chat-dom.js";

const meter = (share, text, name) =>
  make("meter", { className: "chat-meter", min: 0, max: 1, value: share, textContent: text, attributes: { "aria-label": name } });

const piece = ([text, , strength], words) =>
  strength
    ? make("mark", { className: "chat-mark", attributes: { "data-strength": strength } }, text, make("span", { className: "chat-who", textContent: ` (${words.weights[strength - 1]})` }))
    : text;

const marked = (result, words) => {
  if (!result.pieces?.some(([, , strength]) => strength)) return null;
  const text = make("blockquote", { className: "chat-marked" }, ...result.pieces.map((one) => piece(one, words)));
  return make("div", { className: "chat-reasons" }, text, make("p", { className: "chat-legend", textContent: words.decided }));
};

const others = ({ scores, level, out_of_scope }, words) => {
  if (scores.length < 2) return null;
  const rows = scores.map(([name, share, percent]) => make("li", {}, make("span", { textContent: name }), meter(share, percent, name), make("span", { textContent: percent })));
  const list = make("ul", { className: "chat-others", attributes: { role: "list" } }, ...rows);
  // An unsure answer shows what it hesitates between; a sure one keeps it folded.
  return make("details", { className: "chat-fold", open: level === "unsure" && !out_of_scope }, make("summary", { textContent: words.labels }), list);
};

export const label = (result, words) => {
  const named = result.level === "unsure" ? [] : result.labels.map((name) => make("strong", { className: "chat-badge", textContent: name }));
  const said = make("span", { className: "chat-said", textContent: result.level === "unsure" ? result.said : `${result.said} · ${result.percent}` });
  const person = result.person && make("p", { className: "chat-person", textContent: result.person });
  const notice = result.notice && make("p", { className: "chat-legend", textContent: result.notice });
  const sure = result.level === "unsure" ? null : meter(result.score, result.percent, words.how_sure);
  const head = make("p", { className: "chat-verdict" }, ...named, said);
  return make("div", { className: "chat-label", attributes: { "data-level": result.level } }, head, sure, person || null, marked(result, words), others(result, words), notice || null);
};

// The labels to choose from where a person says what would have been right.
export const choice = (result, words) => {
  const options = result.choices.map((name) => make("option", { value: name, textContent: name }));
  if (!result.multi) options.unshift(make("option", { value: "", textContent: "…" }));
  return make("select", { name: "correction", multiple: result.multi, required: true, attributes: { "aria-label": words.right_label } }, ...options);
};
