// The socket side of a chat: connects, reconnects with back-off, and goes on where the stream broke.
// It emits each server frame under its type, and "state" with online | waiting | refused.
import { newId, recall, remember } from "./chat-memory.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const PING_EVERY = 25000;
const PONG_WITHIN = 10000;
const REFUSED = [4401, 4403, 4404];
const RESYNC_AT_MOST_EVERY = 2000;
const HELD_AT_MOST = 50;

export class ChatClient extends EventTarget {
  constructor({ socket, memory }) {
    super();
    this.address = socket;
    this.memoryKey = memory ? `atelier-chat-${memory}` : null;
    this.last = 0; // the highest sequence number seen in this conversation
    this.pending = new Map(); // questions the server has not confirmed yet, by client id
    this.held = []; // what was pressed while there was no connection
    Object.assign(this, { conversation: null, token: null, ready: false, wait: FIRST_WAIT, ended: false, synced: 0 });
    Object.assign(this, recall(this.memoryKey));
    this.onOnline = () => this.reconnectNow();
    addEventListener("online", this.onOnline);
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  connect() {
    clearTimeout(this.retryTimer);
    const socket = (this.socket = new WebSocket(this.address));
    socket.onopen = () => this.hello();
    socket.onmessage = (event) => this.socket === socket && this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.closed(event.code);
    this.beat = setInterval(() => this.ping(), PING_EVERY);
  }

  hello() {
    this.synced = Date.now();
    this.transmit({ type: "hello", conversation: this.conversation, token: this.token, after: this.last });
  }

  ping() {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.transmit({ type: "ping" });
    this.pongTimer ??= setTimeout(() => this.drop(), PONG_WITHIN);
  }

  drop() {
    // A half-open connection can take minutes to report its own death, so it is given up here.
    const dead = this.socket;
    this.closed(1006);
    dead.close();
  }

  closed(code) {
    this.calmDown();
    this.socket = null;
    this.ready = false;
    if (this.ended) return;
    if (REFUSED.includes(code)) return this.emit("state", "refused");
    this.emit("state", "waiting");
    this.retryTimer = setTimeout(() => this.connect(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  reconnectNow() {
    if (!this.socket && !this.ended && this.retryTimer) this.connect();
  }

  calmDown() {
    clearInterval(this.beat);
    clearTimeout(this.pongTimer);
    this.pongTimer = undefined;
  }

  receive(frame) {
    clearTimeout(this.pongTimer);
    this.pongTimer = undefined;
    if (frame.type === "welcome") {
      this.welcome(frame);
      if (this.deliverHeld()) return; // a new conversation was asked for: this one is not shown any more
    } else if (frame.seq) this.count(frame.seq);
    if (frame.type === "question") this.pending.delete(frame.client_id);
    if (frame.type === "busy" || frame.type === "error") frame.unsent = this.giveBack();
    this.emit(frame.type, frame);
    if (frame.type === "welcome") this.sendPending();
  }

  welcome(frame) {
    Object.assign(this, { conversation: frame.conversation, token: frame.token ?? this.token, ready: true });
    this.last = frame.seq ?? 0;
    this.wait = FIRST_WAIT;
    for (const { client_id } of frame.history ?? []) this.pending.delete(client_id);
    remember(this.memoryKey, { conversation: this.conversation, token: this.token });
    this.emit("state", "online");
  }

  count(seq) {
    if (seq > this.last + 1) this.resync();
    this.last = Math.max(this.last, seq);
  }

  resync() {
    // Something is missing: say hello again; the welcome brings the whole conversation as it stands.
    const rest = RESYNC_AT_MOST_EVERY - (Date.now() - this.synced);
    this.resyncTimer ??= setTimeout(() => {
      this.resyncTimer = undefined;
      if (this.ready) this.hello();
    }, Math.max(rest, 0));
  }

  giveBack() {
    const [entry] = [...this.pending].slice(-1);
    if (entry) this.pending.delete(entry[0]);
    return entry?.[1] ?? "";
  }

  sendPending() {
    for (const [client_id, text] of this.pending) this.transmit({ type: "ask", text, client_id });
  }

  transmit(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  ask(text) {
    const id = newId();
    this.pending.set(id, text);
    if (this.ready) this.transmit({ type: "ask", text, client_id: id });
    return id;
  }

  // Nothing that a person pressed is lost because the connection was not there yet, or was gone for a moment.
  deliver(frame) {
    if (this.ready) this.transmit(frame);
    else if (this.held.length < HELD_AT_MOST) this.held.push(frame);
  }

  deliverHeld() {
    const held = this.held.splice(0);
    held.forEach((frame) => this.transmit(frame));
    return held.some(({ type }) => type === "new");
  }

  stop() {
    this.deliver({ type: "stop" });
  }

  retry(message) {
    this.deliver({ type: "retry", message });
  }

  rate(message, rating, correction = "") {
    this.deliver({ type: "feedback", message, rating, correction });
  }

  startAgain() {
    this.pending.clear();
    this.held = [];
    this.deliver({ type: "new" });
  }

  end() {
    this.ended = true;
    clearTimeout(this.retryTimer);
    clearTimeout(this.resyncTimer);
    this.calmDown();
    removeEventListener("online", this.onOnline);
    this.socket?.close();
  }
}
