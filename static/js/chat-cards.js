// Recommended things as cards.
import { make } from "./chat-dom.js";

export const cards = (result) =>
  make("ul", { className: "chat-cards" }, ...result.items.map((item) => make("li", { className: "chat-card", textContent: item.title })));
