// A chat that only shows how it begins: for the page on which something is published, where nothing answers yet.
import { ChatView } from "./chat-view.js";

// Stands where the socket's client stands; what a person types goes nowhere.
class Nobody extends EventTarget {
  pending = new Map();
  ask() {}
  stop() {}
  retry() {}
  rate() {}
  resync() {}
  startAgain() {}
}

for (const root of document.querySelectorAll("[data-chat-preview]")) {
  const { color, name, words, welcome } = root.dataset;
  const client = new Nobody();
  new ChatView(root, client, { words: JSON.parse(words), name, color });
  client.dispatchEvent(new CustomEvent("welcome", { detail: JSON.parse(welcome) }));
  root.inert = true;
}
