// Uploads by choosing, dropping or pasting; in pieces, so that a lost connection or a closed tab costs one piece at most.
import { newest } from "./token.js";

const CHUNK = 4 * 1024 * 1024;
const LONGEST_WAIT = 15000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const fill = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
const readable = (bytes) => {
  const [size, unit] = bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(size);
};

class Refusal extends Error {}

class Upload {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.input = form.querySelector("input[type=file]");
    this.status = form.querySelector(".drop-status");
    this.panel = form.querySelector(".drop-progress");
    this.token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    this.listen();
    // Chosen before this script was there. What a browser puts back on a reload is no choice.
    const [{ type } = {}] = performance.getEntriesByType("navigation");
    if (type === "navigate") this.take(this.input.files);
  }

  listen() {
    const { form, input } = this;
    input.addEventListener("change", () => this.take(input.files));
    // Browsers open a choice of files with the space bar alone; who presses Enter on a button expects the same.
    input.addEventListener("keydown", (event) => event.key === "Enter" && (event.preventDefault(), input.click()));
    form.addEventListener("submit", (event) => input.files.length && (event.preventDefault(), this.take(input.files)));
    for (const type of ["dragenter", "dragover"]) form.addEventListener(type, (event) => this.hover(event, true));
    for (const type of ["dragleave", "drop"]) form.addEventListener(type, (event) => this.hover(event, false));
    form.addEventListener("drop", (event) => this.take(event.dataTransfer.files));
    document.addEventListener("paste", (event) => {
      if (form.isConnected && event.clipboardData.files.length) this.take(event.clipboardData.files);
    });
  }

  hover(event, over) {
    event.preventDefault();
    this.form.classList.toggle("is-over", over);
  }

  async take([file]) {
    if (!file || this.busy) return;
    this.show(true);
    try {
      const started = await this.ask(this.words.startUrl, { method: "POST", body: JSON.stringify({ name: file.name, size: file.size }) });
      location.assign(await this.send(file, started));
    } catch (error) {
      this.show(false);
      this.status.textContent = error instanceof Refusal ? error.message : this.words.failed;
    }
  }

  // The server knows how far it is; the browser only ever asks and goes on from there.
  async send(file, { put_url: url, offset, next, done }) {
    while (!done) {
      this.progress(file, offset);
      const body = file.slice(offset, offset + CHUNK);
      const headers = { "Upload-Offset": String(offset), "Content-Type": "application/octet-stream" };
      ({ offset, next, done } = { next, ...(await this.ask(url, { method: "PUT", body, headers })) });
    }
    this.progress(file, file.size);
    return next;
  }

  async ask(url, options) {
    for (let wait = 500; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      const answer = await this.tryOnce(url, options);
      if (answer) return answer;
      this.status.textContent = this.words.waiting;
      await pause(wait);
    }
  }

  async tryOnce(url, { headers = { "Content-Type": "application/json" }, ...options }) {
    let response;
    try {
      response = await fetch(url, { ...options, headers: { ...headers, "X-CSRFToken": newest() ?? this.token, Accept: "application/json" } });
    } catch {
      return null; // no network: try again
    }
    const answer = await response.json().catch(() => ({}));
    const { what, safe, todo } = answer.error ?? {};
    if (!what && (response.status >= 500 || response.status === 429)) return null; // a server at rest: try again
    this.status.textContent = "";
    if (response.ok || response.status === 409) return answer;
    throw new Refusal([what, safe, todo].filter(Boolean).join(" ") || this.words.failed);
  }

  show(busy) {
    this.busy = busy;
    this.panel.hidden = !busy;
    this.form.classList.toggle("is-busy", busy);
    this.input.disabled = busy;
  }

  progress(file, done) {
    this.panel.querySelector("progress").value = file.size ? done / file.size : 1;
    this.panel.querySelector(".progress-label").textContent = fill(this.words.progress, {
      name: file.name,
      done: readable(done),
      total: readable(file.size),
    });
  }
}

export const startUpload = (form) => new Upload(form);
