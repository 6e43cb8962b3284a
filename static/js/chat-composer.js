// Where a question is written: Enter sends, a draft outlives the page, and the button stops an answer that is being written.
import { icon, make } from "./chat-dom.js";

export class Composer {
  constructor(words, draftKey, { send, stop, wait }) {
    Object.assign(this, { words, draftKey, onsend: send, onwait: wait, writing: false });
    this.input = make("textarea", { rows: 1, placeholder: words.write, maxLength: 4000, attributes: { "aria-label": words.write, enterkeyhint: "send" } });
    this.input.value = this.draft();
    this.input.oninput = () => this.keepDraft();
    this.input.onkeydown = (event) => {
      // Enter also confirms a word of a Chinese or Japanese keyboard; that one must not send.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    };
    this.button = make("button", { className: "chat-send" });
    this.showWriting(false);
    this.node = make("form", { className: "chat-form" }, this.input, this.button);
    this.node.onsubmit = (event) => {
      event.preventDefault();
      if (this.writing) stop();
      else this.send();
    };
  }

  send(text = this.input.value.trim()) {
    if (!text) return;
    if (this.writing) return this.onwait();
    if (text === this.input.value.trim()) this.setText("");
    this.onsend(text);
  }

  showWriting(writing) {
    this.writing = writing;
    this.button.replaceChildren(icon(writing ? "stop" : "send"));
    this.button.title = writing ? this.words.stop : this.words.send;
    this.button.setAttribute("aria-label", this.button.title);
  }

  draft() {
    try {
      return (this.draftKey && localStorage.getItem(this.draftKey)) || "";
    } catch {
      return "";
    }
  }

  keepDraft() {
    try {
      if (this.draftKey) localStorage.setItem(this.draftKey, this.input.value);
    } catch {
      // without storage a draft lasts as long as the page
    }
  }

  setText(text) {
    this.input.value = text;
    this.keepDraft();
  }

  // A question that was not taken comes back, unless something new is being written.
  giveBack(text) {
    if (!this.input.value) this.setText(text);
  }

  async copy(text) {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const before = this.input.value;
    this.input.value = text; // plain http has no clipboard interface
    this.input.select();
    document.execCommand("copy");
    this.input.value = before;
  }
}
