// A label with how sure it is, and the words that decided it.
import { make } from "./chat-dom.js";

export const label = (result) => make("p", { className: "chat-label", textContent: result.label });
