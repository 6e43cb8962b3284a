/* Atelier chat widget. One script tag for each chat or row, no cookies, its styles sealed in a shadow root; the chat itself is
   fetched on the first open. Settings come from the tag: data-endpoint, data-position, data-theme, data-language, data-color;
   with data-mode="carousel" a row of recommendations: data-item, data-history, data-query, data-count, data-title, data-target.
   Every tag runs this file again, so what is shared stands under one symbol and each tag only mounts its own. */
(() => {
  "use strict";
  const VERSION = "2";
  const SHARED = Symbol.for("atelier.widget");
  const REATTACH_AT_MOST = 50; // a page that takes the widget away again and again means it
  const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ku|ps|sd|ug|ur|yi)\b/i;
  const ROW_SETTINGS = ["item", "history", "query", "count", "title"].map((name) => `data-${name}`);
  const OF_THE_PERSON = ["keydown", "keypress", "keyup", "beforeinput", "input", "paste", "copy", "cut", "compositionstart", "compositionend"];

  const STYLE = `
/* Important rules of a shadow root win over every rule of the page, whatever it says about its elements. */
:host { all: initial !important; direction: ltr !important; color-scheme: light dark !important; }
:host([dir="rtl"]) { direction: rtl !important; }
:host([data-theme="light"]) { color-scheme: light !important; }
:host([data-theme="dark"]) { color-scheme: dark !important; }
:host([data-mode="row"]) { display: block !important; width: 100% !important; min-width: 240px !important; contain: inline-size !important; }
:host([data-mode="chat"]) { position: fixed !important; width: 0 !important; height: 0 !important; }
[hidden] { display: none !important; }
.launcher, .panel { position: fixed; z-index: 2147483000; bottom: max(20px, env(safe-area-inset-bottom)); }
.launcher, .panel { right: 20px; }
:host([data-position="bottom-left"]) :is(.launcher, .panel) { right: auto; left: 20px; }
.launcher {
  display: grid; place-items: center; width: 56px; height: 56px; padding: 0; border: 0; border-radius: 50%; cursor: pointer;
  color: var(--chat-on-fill, #fff); background: var(--chat-fill, #2b45c4);
  box-shadow: 0 2px 6px rgb(0 0 0 / 16%), 0 10px 28px -6px rgb(0 0 0 / 34%); transition: transform 160ms ease;
}
.launcher:hover { transform: translateY(-2px) scale(1.03); }
.launcher:focus-visible { outline: 3px solid var(--chat-fill, #2b45c4); outline-offset: 3px; }
.launcher svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.panel {
  display: flex; flex-direction: column; width: 392px; max-width: calc(100vw - 40px);
  height: min(640px, calc(100dvh - 116px)); bottom: calc(max(20px, env(safe-area-inset-bottom)) + 70px);
  overflow: hidden; border-radius: 20px; border: 1px solid light-dark(#e5e0d6, #32353e); font-size: 16px;
  color: light-dark(#1d1b18, #f2efe9); background: light-dark(#fff, #1d1f25); transform-origin: bottom right;
  box-shadow: 0 4px 12px rgb(0 0 0 / 10%), 0 28px 64px -16px rgb(0 0 0 / 38%); animation: rise 200ms cubic-bezier(.2,.7,.3,1);
}
.chat { flex: 1; }
.problem { margin: auto; padding: 24px; font: 15px/1.5 system-ui, sans-serif; text-align: center; }
@keyframes rise { from { opacity: 0; transform: translateY(14px) scale(.98); } }
@media (max-width: 480px) {
  .panel:not([hidden]) + .launcher { display: none; }
  :host .panel { inset: 0 !important; width: 100%; max-width: none; height: 100dvh; border: 0; border-radius: 0; padding-bottom: env(safe-area-inset-bottom); box-sizing: border-box; }
}
@media (prefers-reduced-motion: reduce) { .panel { animation: none; } .launcher { transition: none; } }
@media (max-height: 480px) {
  :host .panel { top: 8px; bottom: 8px; height: auto; }
  .panel:not([hidden]) + .launcher { display: none; }
}
@media print { :host { display: none !important; } }`;

  // Our style sheets are written in rem, which is the page's even in a shadow root: many shops set it to 10 px.
  const inPixels = (text) => text.replace(/(\d{1,4}(?:\.\d{1,6})?|\.\d{1,6})rem\b/g, (_all, size) => `${Number(size) * 16}px`);
  // A constructed style sheet is not an inline style, so the page's own content policy has no word in it.
  const sheet = (text) => {
    const made = new CSSStyleSheet();
    made.replaceSync(inPixels(text));
    return made;
  };
  const make = (tag, properties, attributes = {}) => {
    const node = Object.assign(document.createElement(tag), properties);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  };
  const bubble = () => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", "M21 12a8.500 8.500 0 0 1-12.400 7.600L3 21l1.500-5.400A8.500 8.500 0 1 1 21 12ZM8.500 10.500h7M8.500 14h4.500");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    svg.append(path);
    return svg;
  };
  const session = (key, value) => {
    try {
      if (value === undefined) return sessionStorage.getItem(key);
      sessionStorage.setItem(key, value);
    } catch {
      // storage can be forbidden; then the panel starts closed on each page
    }
    return null;
  };
  const emit = (type, detail) => {
    for (const listener of shared.listeners[type] ?? []) listener(detail);
    window.dispatchEvent(new CustomEvent(`atelier:${type}`, { detail }));
  };

  // The page's own look, as far as it can be seen: its background, else what it declares, else the system's.
  const pageIsDark = () => {
    for (const node of [document.body, document.documentElement]) {
      const parts = node && getComputedStyle(node).backgroundColor.match(/[\d.]+/g)?.map(Number);
      if (parts && (parts.length < 4 || parts[3] > 0.5)) return 0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2] < 110;
    }
    const declared = getComputedStyle(document.documentElement).colorScheme;
    return /dark/.test(declared) && (!/light/.test(declared) || matchMedia("(prefers-color-scheme: dark)").matches);
  };

  // One chat or one row of recommendations, with the settings of its tag.
  class Widget extends HTMLElement {
    constructor(tag) {
      super();
      this.tag = tag;
      this.settings = { ...tag.dataset };
      this.host = new URL(tag.src).origin;
      this.memory = `${this.host}/${this.settings.endpoint}`;
      this.openKey = `atelier-open-${this.memory}`;
      this.isRow = this.settings.mode === "carousel";
      this.attached = 0;
      this.root = this.attachShadow({ mode: "open" });
      this.root.adoptedStyleSheets = [sheet(STYLE)];
    }

    // Pages that swap their content would take the widget away. A chat comes back to the body; a row lives as long as the
    // tag, or the target, that it stands at.
    place() {
      this.dataset.mode = this.isRow ? "row" : "chat";
      if (this.isConnected || this.attached >= REATTACH_AT_MOST) return;
      const home = this.settings.target && document.querySelector(this.settings.target);
      if (!this.isRow) document.body.append(this);
      else if (home) home.append(this);
      else if (this.tag.isConnected && !this.tag.closest("head")) this.tag.after(this);
      else return;
      this.attached += 1;
      this.raise();
    }

    connectedCallback() {
      this.raise();
    }

    disconnectedCallback() {
      queueMicrotask(() => {
        this.place();
        if (this.isConnected) return;
        if (this.isRow && !this.settings.target) this.end(); // its view is gone
        else shared.homeless.add(this);
      });
    }

    // In the top layer nothing of the page reaches it: no transform, no opacity, no filter, no overflow, no z-index.
    raise() {
      if (this.isRow || !this.isConnected || !this.showPopover) return;
      this.setAttribute("popover", "manual");
      if (!this.matches(":popover-open")) this.showPopover();
    }

    end() {
      this.watching?.disconnect();
      this.remove();
    }

    async start() {
      const { endpoint, language, position } = this.settings;
      const query = new URLSearchParams({ lang: language || document.documentElement.lang || navigator.language });
      const response = await fetch(`${this.host}/widget/${encodeURIComponent(endpoint)}.json?${query}`, { credentials: "omit" });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      this.config = await response.json();
      this.words = this.config.strings;
      this.dataset.position = position || this.config.position || "bottom-right";
      this.lang = this.config.language || "";
      this.dir = RIGHT_TO_LEFT.test(this.lang) ? "rtl" : "ltr";
      this.follow();
      if (this.isRow) await this.row();
      else this.build();
      emit("ready", { endpoint });
      if (!this.isRow && session(this.openKey) === "1" && innerWidth > 480) this.open(false);
    }

    follow() {
      const wanted = this.settings.theme || this.config.theme || "auto";
      const show = () => (this.dataset.theme = wanted === "auto" ? (pageIsDark() ? "dark" : "light") : wanted);
      show();
      if (wanted !== "auto") return;
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
      const attributeFilter = ["class", "style", "data-theme", "data-mode", "data-bs-theme", "data-color-scheme"];
      const observer = new MutationObserver(show);
      for (const node of [document.documentElement, document.body]) observer.observe(node, { attributes: true, attributeFilter });
    }

    build() {
      this.paint(this.settings.color || this.config.color);
      this.launcher = make("button", { type: "button", className: "launcher", title: this.words.open }, { "aria-label": this.words.open, "aria-expanded": "false" });
      this.launcher.append(bubble());
      this.launcher.onclick = () => this.toggle();
      this.panel = make("section", { className: "panel", hidden: true }, { role: "dialog", "aria-label": this.config.name });
      this.panel.onkeydown = (event) => {
        if (event.key === "Escape" && !event.isComposing) this.close();
      };
      // What a person types here is no business of the page: neither its shortcuts nor its paste handlers.
      for (const type of OF_THE_PERSON) this.panel.addEventListener(type, (event) => event.stopPropagation());
      // Reopened by itself on the next page, the panel has no focus yet; Escape closes it all the same.
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !event.defaultPrevented && document.activeElement === document.body) this.close();
      });
      this.root.append(this.panel, this.launcher);
    }

    paint(fill) {
      const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(fill ?? "")?.slice(1).map((hex) => parseInt(hex, 16) / 255);
      if (!parts) return;
      const [r, g, b] = parts.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      this.style.setProperty("--chat-fill", fill);
      this.style.setProperty("--chat-on-fill", 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 4.5 ? "#fff" : "#000");
    }

    // The other mode: a row of recommended things where the tag stands.
    async row() {
      const assets = new URL(this.config.assets || "/static/", this.host).href;
      const [{ startCarousel }, ...styles] = await Promise.all([
        import(`${assets}js/carousel.js`),
        ...["tokens", "chat"].map((name) => fetch(`${assets}css/${name}.css`).then((response) => response.text())),
      ]);
      this.root.adoptedStyleSheets = [...styles, STYLE].map(sheet);
      this.paint(this.settings.color || this.config.color);
      const place = make("div", {});
      this.root.append(place);
      const draw = async () => {
        const { endpoint } = this.settings;
        const settings = { host: this.host, endpoint, key: this.config.key, words: this.words, language: this.lang };
        emit("shown", { endpoint, count: await startCarousel(place, settings, this.tag.dataset) });
      };
      // A page that changes without loading gives its tag another item.
      this.watching = new MutationObserver(() => draw().catch(this.complain));
      this.watching.observe(this.tag, { attributes: true, attributeFilter: ROW_SETTINGS });
      await draw();
    }

    async load() {
      const assets = new URL(this.config.assets || "/static/", this.host).href;
      const { host, memory, settings } = this;
      const [{ ChatClient }, { ChatView }, ...styles] = await Promise.all([
        import(`${assets}js/chat-client.js`),
        import(`${assets}js/chat-view.js`),
        ...["tokens", "chat"].map((name) => fetch(`${assets}css/${name}.css`).then((response) => response.text())),
      ]);
      this.root.adoptedStyleSheets = [...styles, STYLE].map(sheet);
      const socket = new URL(this.config.socket || `/ws/chat/${settings.endpoint}/`, host.replace("http", "ws"));
      if (this.config.key) socket.searchParams.set("key", this.config.key);
      if (this.lang) socket.searchParams.set("lang", this.lang);
      this.client = new ChatClient({ socket, memory });
      const chat = make("div", { className: "chat" });
      this.panel.replaceChildren(chat);
      const { name } = this.config;
      this.view = new ChatView(chat, this.client, { words: this.words, name, color: settings.color || this.config.color, onclose: () => this.close(), draftKey: `atelier-draft-${memory}` });
      chat.addEventListener("answer", ({ detail }) => emit("message", detail));
      this.client.connect();
    }

    async open(focus = true) {
      if (!this.panel?.hidden) return focus ? this.view?.focus() : undefined;
      this.show(true);
      try {
        await (this.loading ??= this.load());
        this.view.toEnd();
        if (focus) this.view.focus();
      } catch {
        this.loading = null; // the next press tries again
        this.panel.replaceChildren(make("p", { className: "problem", textContent: this.words.waiting }));
      }
    }

    close() {
      if (!this.panel || this.panel.hidden) return;
      this.show(false);
      this.launcher.focus();
    }

    toggle() {
      if (this.panel?.hidden === false) this.close();
      else this.open();
    }

    show(open) {
      this.panel.hidden = !open;
      this.launcher.setAttribute("aria-expanded", String(open));
      this.launcher.title = open ? this.words.close : this.words.open;
      this.launcher.setAttribute("aria-label", this.launcher.title);
      session(this.openKey, open ? "1" : "0");
      emit(open ? "open" : "close", { endpoint: this.settings.endpoint });
    }

    complain = (error) => console.warn(`Atelier: “${this.settings.endpoint}” is not open on this page (${error.message}).`);
  }

  // What all tags of a page share; the first one that runs makes it.
  const create = () => {
    customElements.define("atelier-chat", Widget);
    const made = { listeners: {}, claimed: new WeakSet(), homeless: new Set(), chat: null, mount: null };
    const ready = new Promise((resolve) => (made.chatIsReady = resolve));
    made.mount = (tag) => {
      if (made.claimed.has(tag)) return;
      made.claimed.add(tag);
      const isChat = tag.dataset.mode !== "carousel";
      if (isChat && made.chat) {
        if (made.chat.settings.endpoint !== tag.dataset.endpoint) {
          console.warn(`Atelier: this page has a chat already, so “${tag.dataset.endpoint}” is not shown.`);
        }
        return; // the same chat included twice: the first one stays
      }
      const widget = new Widget(tag);
      if (isChat) made.chat = widget;
      widget.place();
      widget.start().then(() => isChat && made.chatIsReady(), widget.complain);
    };
    const rehome = () => made.homeless.forEach((widget) => widget.place() ?? (widget.isConnected && made.homeless.delete(widget)));
    for (const swap of ["turbo:load", "astro:page-load", "htmx:afterSwap", "popstate"]) addEventListener(swap, rehome);
    new MutationObserver(() => made.homeless.size && rehome()).observe(document, { childList: true, subtree: true });
    window.Atelier = {
      version: VERSION,
      open: () => ready.then(() => made.chat.open()),
      close: () => made.chat?.close(),
      toggle: () => ready.then(() => made.chat.toggle()),
      on: (type, listener) => void (made.listeners[type] ??= []).push(listener),
    };
    return made;
  };
  const shared = (window[SHARED] ??= create());

  // A module, and a script that a library evaluates, have no current script: then the tags are found by their address.
  const isTag = (node) => node.dataset?.endpoint && /\/widget\.js$/.test(node.src ? new URL(node.src).pathname : "");
  const mountAll = () => [...document.scripts].filter((node) => isTag(node) && !shared.claimed.has(node)).forEach(shared.mount);
  const current = document.currentScript;
  const begin = () => {
    if (current && isTag(current)) return shared.mount(current);
    mountAll();
    if (![...document.scripts].some(isTag)) console.warn("Atelier: the script tag needs data-endpoint, the name of an assistant.");
    // A module runs once, however many tags name it; later ones are seen here.
    new MutationObserver(mountAll).observe(document, { childList: true, subtree: true });
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
