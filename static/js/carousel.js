// A row of recommended things on a shop's page: the widget's other mode. Its styles are sealed off in a shadow root.
import { cards } from "./chat-cards.js";
import { make } from "./chat-dom.js";

const ids = (text) => (text ?? "").split(",").map((one) => one.trim()).filter(Boolean);

const ask = async ({ host, endpoint, key }, { item, history, query, count }) => {
  const body = { model: endpoint, k: Math.min(Math.max(Number(count) || 8, 1), 30) };
  if (item) body.item = item;
  else Object.assign(body, { history: ids(history), query: query || null });
  const headers = { "Content-Type": "application/json", Authorization: `Bearer ${key}` };
  const response = await fetch(`${host}/v1/recommend`, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return (await response.json()).data;
};

// A sign such as $ is the money of several countries, so it stands before the number as it is.
const price = ({ price: value, currency }, language) => {
  if (value === null) return "";
  const code = /^[A-Z]{3}$/.test(currency ?? "");
  const number = new Intl.NumberFormat(language || undefined, code ? { style: "currency", currency } : { maximumFractionDigits: 2 }).format(value);
  return code || !currency ? number : `${currency}${number}`;
};

// Puts the row into the node; nothing is shown where nothing is found, so that a shop's page never has a hole.
export const startCarousel = async (node, settings, wanted) => {
  const { words, language } = settings;
  const found = await ask(settings, wanted);
  if (!found.length) return 0;
  const items = found.map((one) => ({ ...one, price: price(one, language) }));
  const list = cards({ items }, {}, {});
  list.classList.add("carousel");
  list.tabIndex = 0;
  list.setAttribute("aria-label", wanted.title || words.recommended);
  const move = (way) => list.scrollBy({ left: way * list.clientWidth * 0.8, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  const button = (label, sign, way) => make("button", { type: "button", className: "carousel-move", textContent: sign, onclick: () => move(way), attributes: { "aria-label": label } });
  const head = make("div", { className: "carousel-head" }, make("h2", { textContent: wanted.title || words.recommended }), button(words.earlier, "‹", -1), button(words.further, "›", 1));
  node.replaceChildren(make("section", { className: "chat carousel-box" }, head, list));
  return found.length;
};
