// Recommended things as cards: picture or first letter, title, price, reason, and two ways to go on.
import { make } from "./chat-dom.js";

const face = ({ picture, title }) =>
  picture
    ? make("img", { className: "chat-card-face", src: picture, alt: "", loading: "lazy", referrerPolicy: "no-referrer" })
    : make("span", { className: "chat-card-face", textContent: Array.from(title)[0] ?? "", attributes: { "aria-hidden": "true" } });

const title = (item) =>
  make(item.link ? "a" : "span", {
    className: "chat-card-title",
    textContent: item.title,
    ...(item.link && { href: item.link, target: "_blank", rel: "noopener noreferrer" }),
  });

export const cards = (result, words, acts) => {
  const ask = (text, label, name) =>
    make("button", {
      type: "button",
      className: "chat-card-act",
      textContent: label,
      onclick: () => acts.ask(text),
      attributes: { "aria-label": `${label}: ${name}` },
    });
  const card = (item, index) => {
    const place = words.places?.split(" ")[index];
    return make(
      "li",
      { className: "chat-card" },
      face(item),
      make(
        "div",
        { className: "chat-card-body" },
        title(item),
        item.price && make("span", { className: "chat-card-price", textContent: item.price }),
        item.reason && make("span", { className: "chat-card-reason", textContent: item.reason }),
        place &&
          acts?.ask &&
          make(
            "span",
            { className: "chat-card-acts" },
            ask(words.more_like.replace("%s", place), words.more, item.title),
            ask(words.not_that.replace("%s", place), words.not_this, item.title),
          ),
      ),
    );
  };
  const list = make("ol", { className: "chat-cards", attributes: { role: "list" } }, ...result.items.map(card));
  return result.note ? make("div", { className: "chat-noted" }, make("p", { textContent: result.note }), list) : list;
};
