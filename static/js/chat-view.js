// The chat as a person sees it: log, starters, composer. Used by the chat page and inside the widget.
import { Composer } from "./chat-composer.js";
import { iconButton, inkOn, make } from "./chat-dom.js";
import { Turn } from "./chat-turn.js";

export class ChatView {
  constructor(root, client, { words, name = "", color = "", heading = "h2", onclose = null, draftKey = "" }) {
    Object.assign(this, { root, client, words: { ...words, assistant: name }, draftKey, turns: new Map() });
    this.paint(color);
    this.build(heading, name, onclose);
    for (const type of ["welcome", "question", "start", "sources", "result", "piece", "done", "busy", "error", "feedback", "state"]) {
      client.addEventListener(type, ({ detail }) => this[`on_${type}`](detail));
    }
    this.acts = {
      copy: (text) => this.composer.copy(text),
      retry: (id) => this.client.retry(id),
      rate: (...rating) => this.client.rate(...rating),
      say: (text) => this.say(text),
      focus: () => this.focus(),
      ask: (text) => this.send(text),
    };
  }

  paint(color) {
    const ink = inkOn(color ?? "");
    if (!ink) return;
    this.root.style.setProperty("--chat-fill", color);
    this.root.style.setProperty("--chat-on-fill", ink);
  }

  build(heading, name, onclose) {
    const { words } = this;
    this.composer = new Composer(words, this.draftKey, {
      send: (text) => this.send(text),
      stop: () => this.client.stop(),
      wait: () => (this.status.textContent = words.wait),
    });
    this.title = make(heading, { className: "chat-name", textContent: name });
    this.fresh = iconButton("fresh", words.fresh, () => this.client.startAgain());
    const close = onclose && iconButton("close", words.close, onclose);
    const face = make("span", { className: "chat-face", textContent: Array.from(name)[0] ?? "", attributes: { "aria-hidden": "true" } });
    this.face = face;
    const head = make("header", { className: "chat-head" }, face, this.title, this.fresh, close);
    this.log = make("ol", { className: "chat-log", attributes: { role: "list" } });
    this.starters = make("div", { className: "chat-starters" });
    this.scroll = make("div", { className: "chat-scroll", tabIndex: 0, attributes: { role: "region", "aria-label": words.log } }, this.log, this.starters);
    this.status = make("p", { className: "chat-status", attributes: { role: "status" } });
    this.voice = make("div", { className: "chat-voice", attributes: { "aria-live": "polite" } });
    this.root.replaceChildren(head, this.scroll, this.status, this.voice, this.composer.node, make("p", { className: "chat-note", textContent: words.note }));
  }

  send(text) {
    const id = this.client.ask(text);
    this.starters.replaceChildren();
    this.put({ id, role: "user", text, state: "sending" });
    this.toEnd();
  }

  greet(text) {
    if (this.greeting?.text !== text) this.greeting = new Turn({ role: "assistant", text, state: "greeting" }, this.words, this.acts);
    return this.greeting;
  }

  put(message, known) {
    known?.update(message);
    const turn = known ?? new Turn(message, this.words, this.acts);
    this.turns.set(message.id, turn);
    if (!turn.node.isConnected) this.log.append(turn.node);
    return turn;
  }

  follow(change) {
    const { scrollTop, scrollHeight, clientHeight } = this.scroll;
    const atEnd = scrollHeight - scrollTop - clientHeight < 80;
    change();
    if (atEnd) requestAnimationFrame(() => this.toEnd());
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  say(text) {
    this.voice.replaceChildren(text);
  }

  focus() {
    this.composer.input.focus({ preventScroll: true });
  }

  on_state(state) {
    this.root.dataset.connection = state;
    this.status.textContent = { waiting: this.words.waiting, refused: this.words.refused }[state] ?? "";
  }

  on_welcome({ name, greeting, starters = [], history = [], strings }) {
    Object.assign(this.words, strings);
    if (name) [this.title.textContent, this.words.assistant, this.face.textContent] = [name, name, Array.from(name)[0]];
    const before = this.turns;
    this.turns = new Map();
    const nodes = greeting ? [this.greet(greeting).node] : [];
    const unsent = [...this.client.pending].map(([id, text]) => ({ id, role: "user", text, state: "sending" }));
    for (const message of [...history, ...unsent]) nodes.push(this.put(message, before.get(message.id)).node);
    // After a reconnect nothing has moved, and then nothing is touched: the focus stays where it is.
    const shown = [...this.log.children];
    if (shown.length !== nodes.length || nodes.some((node, index) => node !== shown[index])) this.log.replaceChildren(...nodes);
    const asked = history.length + this.client.pending.size > 0;
    this.starters.replaceChildren(...(asked ? [] : starters.map((text) => make("button", { type: "button", className: "chat-starter", textContent: text, onclick: () => this.composer.send(text) }))));
    this.composer.showWriting(history.some(({ state }) => state === "writing"));
    this.toEnd();
  }

  on_question({ id, text, client_id }) {
    this.follow(() => {
      const turn = this.turns.get(client_id) ?? this.turns.get(id) ?? this.put({ id, role: "user", text });
      this.turns.delete(client_id);
      this.turns.set(id, turn);
      turn.setState("done");
    });
    this.status.textContent = "";
  }

  on_start({ id, replaces }) {
    this.follow(() => {
      this.turns.get(replaces)?.node.remove();
      this.turns.delete(replaces);
      const turn = this.turns.get(id) ?? this.put({ id, role: "assistant" });
      turn.setText("");
      turn.setState("writing");
      this.log.append(turn.node);
    });
    this.composer.showWriting(true);
  }

  on_sources({ id, items }) {
    this.follow(() => this.turns.get(id)?.setSources(items));
  }

  on_result({ id, result }) {
    this.follow(() => this.turns.get(id)?.setResult(result));
  }

  on_piece({ id, text, offset }) {
    const turn = this.turns.get(id);
    this.follow(() => turn?.addPiece(text, offset) || this.client.resync());
  }

  on_done({ id, state, text }) {
    const turn = this.turns.get(id);
    this.composer.showWriting(false);
    if (this.status.textContent === this.words.wait) this.status.textContent = "";
    if (!turn) return this.client.resync();
    this.follow(() => {
      if (typeof text === "string") turn.setText(text);
      turn.setState(state);
    });
    this.say(`${this.words.assistant}: ${turn.text || this.words.failed}`);
    this.root.dispatchEvent(new CustomEvent("answer", { detail: { id, state, text: turn.text } }));
  }

  on_feedback({ id, rating }) {
    this.turns.get(id)?.setRating(rating);
  }

  on_busy({ sentence, retry_after, unsent }) {
    this.refuse(sentence, unsent);
    if (retry_after) setTimeout(() => this.status.textContent === sentence && (this.status.textContent = ""), retry_after * 1000);
  }

  on_error({ sentence, ref, unsent }) {
    this.refuse(ref ? `${sentence} (${ref})` : sentence, unsent);
  }

  // A question the server did not take goes back into the composer, so that it is not lost.
  refuse(sentence, unsent) {
    this.status.textContent = sentence;
    if (!unsent) return;
    for (const [id, turn] of this.turns) if (turn.state === "sending" && turn.text === unsent) this.turns.delete(id) && turn.node.remove();
    this.composer.giveBack(unsent);
  }
}
