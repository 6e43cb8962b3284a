// Answers that are more than text: one file for each kind.
import { cards } from "./chat-cards.js";
import { label } from "./chat-label.js";

const KINDS = { label, cards };

// A node for the result, or nothing when this page is older than the server and does not know its kind.
export const drawResult = (result, words, acts) => KINDS[result.kind]?.(result, words, acts);
