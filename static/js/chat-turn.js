// One turn of a conversation: a question, or an answer with its sources, its tools and its rating.
import { icon, iconButton, make } from "./chat-dom.js";
import { choice } from "./chat-label.js";
import { drawResult } from "./chat-results.js";
import { blocks } from "./chat-text.js";

export class Turn {
  constructor({ id, role, text = "", sources = [], result = null, state = "done", rating = null }, words, acts) {
    Object.assign(this, { id, role, words, acts, rating });
    this.bubble = make("div", { className: "chat-bubble", dir: "auto" });
    this.below = make("div", { className: "chat-below" });
    const who = role === "user" ? words.you : words.assistant;
    this.node = make("li", { className: `chat-turn chat-${role}` }, make("span", { className: "chat-who", textContent: who }), this.bubble, this.below);
    this.setText(text);
    this.setSources(sources ?? []);
    this.setResult(result);
    this.setState(state);
  }

  // Brings the turn to what the server says it is, without disturbing a correction that is being typed.
  update({ text, sources, result, state, rating }) {
    if (text !== this.text) this.setText(text);
    if (sources?.length && !this.sources) this.setSources(sources);
    if (!this.result) this.setResult(result);
    if (state && state !== this.state) this.setState(state);
    if (rating !== undefined) this.setRating(rating);
  }

  setText(text) {
    this.text = text;
    // The server counts characters, JavaScript counts halves of some of them (an emoji has two).
    this.length = Array.from(text).length;
    this.draw();
  }

  // Adds a piece at its place; tells whether nothing is missing before it.
  addPiece(piece, offset) {
    if (offset > this.length) return false;
    const news = Array.from(piece).slice(this.length - offset);
    this.text += news.join("");
    this.length += news.length;
    this.frame ??= requestAnimationFrame(() => this.draw());
    return true;
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    this.bubble.replaceChildren(...(this.role === "user" ? [this.text] : blocks(this.text)));
  }

  setSources(items) {
    this.sources?.remove();
    if (!items.length) return;
    const list = make("dl", {}, ...items.flatMap(({ question, answer }) => [make("dt", { textContent: question }), make("dd", {}, ...blocks(answer))]));
    this.sources = make("details", { className: "chat-sources" }, make("summary", { textContent: `${this.words.sources} (${items.length})` }), list);
    this.below.before(this.sources);
  }

  // A label or cards, drawn above the text, which says the same in words.
  setResult(result) {
    const drawn = result?.kind && drawResult(result, this.words, this.acts);
    if (!drawn) return;
    this.result?.remove();
    [this.result, this.shown] = [drawn, result];
    this.node.dataset.result = result.kind;
    this.bubble.before(drawn);
  }

  setState(state) {
    this.state = state;
    this.node.dataset.state = state;
    this.draw();
    if (this.role === "user") return;
    if (state === "unsure" && this.sources) this.sources.open = true;
    const note = { stopped: this.words.stopped, failed: this.words.failed }[state];
    this.below.replaceChildren(...(["writing", "greeting"].includes(state) ? [] : this.tools()));
    if (note) this.below.prepend(make("p", { className: "chat-remark", textContent: note }));
  }

  tools() {
    const { words, acts } = this;
    const copy = iconButton("copy", words.copy, async () => {
      await acts.copy(this.text);
      copy.replaceChildren(icon("check"));
      copy.setAttribute("aria-label", words.copied);
    });
    this.thumbs = { up: iconButton("up", words.up, () => this.rate("up")), down: iconButton("down", words.down, () => this.rate("down")) };
    this.setRating(this.rating);
    const retry = iconButton("retry", words.retry, () => acts.retry(this.id));
    retry.classList.add("chat-retry");
    return [make("div", { className: "chat-tools" }, this.text && copy, retry, this.thumbs.up, this.thumbs.down)];
  }

  setRating(rating) {
    this.rating = rating;
    for (const [name, button] of Object.entries(this.thumbs ?? {})) button.setAttribute("aria-pressed", String(name === rating));
  }

  rate(name) {
    const rating = this.rating === name ? null : name;
    this.setRating(rating);
    this.acts.rate(this.id, rating);
    this.form?.remove();
    if (rating === "down") this.askForBetter();
  }

  // What would have been right: one of the labels where there are labels, else words.
  askForBetter() {
    const { words } = this;
    const labels = this.shown?.choices;
    const asked = labels ? words.right_label : words.correct;
    const field = labels ? choice(this.shown, words) : make("textarea", { rows: 2, name: "correction", maxLength: 4000, attributes: { "aria-label": asked } });
    const said = () => (labels ? [...field.selectedOptions].map((one) => one.value).join("\n") : field.value.trim());
    const send = make("button", { className: "chat-button", textContent: words.correct_send });
    this.form = make("form", { className: "chat-correct" }, make("span", { textContent: asked, attributes: { "aria-hidden": "true" } }), field, send);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      if (said()) this.acts.rate(this.id, "down", said());
      this.form.replaceWith(make("p", { className: "chat-remark", textContent: words.thanks }));
      this.acts.say(words.thanks);
      this.acts.focus();
    };
    this.below.append(this.form);
    field.focus({ preventScroll: true });
    this.form.scrollIntoView({ block: "nearest" });
  }
}
