// Starts the chat in every element with data-chat: the public chat page and the try-out of a team.
import { ChatClient } from "./chat-client.js";
import { ChatView } from "./chat-view.js";

const start = (root) => {
  const { socket, memory, key, color, name, words, heading } = root.dataset;
  const address = new URL(socket, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  if (key) address.searchParams.set("key", key);
  const client = new ChatClient({ socket: address, memory });
  const view = new ChatView(root, client, {
    words: JSON.parse(words),
    name,
    color,
    heading: heading || "h1",
    draftKey: memory ? `atelier-draft-${memory}` : "",
  });
  client.connect();
  if (root.hasAttribute("data-autofocus")) view.focus();
};

for (const root of document.querySelectorAll("[data-chat]")) start(root);
