/* Atelier chat widget. One script tag, no cookies, its styles sealed in a shadow root; the chat itself is fetched on the
   first open. Settings come from the tag: data-endpoint, data-position, data-theme, data-language, data-color; with
   data-mode="carousel" a row of recommendations: data-item, data-history, data-query, data-count, data-title, data-target. */
(() => {
  "use strict";
  const script = document.currentScript;
  if (!script?.dataset.endpoint || window.Atelier?.version) return; // included twice: the first one stays

  const VERSION = "1";
  const { endpoint, position, theme, language, color, mode } = script.dataset;
  const host = new URL(script.src).origin;
  const memory = `${host}/${endpoint}`;
  const openKey = `atelier-open-${memory}`;
  const listeners = {};
  const emit = (type, detail) => {
    for (const listener of listeners[type] ?? []) listener(detail);
    window.dispatchEvent(new CustomEvent(`atelier:${type}`, { detail }));
  };

  const STYLE = `
:host { all: initial; color-scheme: light dark; }
:host([data-theme="light"]) { color-scheme: light; }
:host([data-theme="dark"]) { color-scheme: dark; }
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
@media print { :host { display: none; } }`;

  // A constructed style sheet is not an inline style, so the page's own content policy has no word in it.
  const sheet = (text) => {
    const made = new CSSStyleSheet();
    made.replaceSync(text);
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
  const session = (value) => {
    try {
      if (value === undefined) return sessionStorage.getItem(openKey);
      sessionStorage.setItem(openKey, value);
    } catch {
      // storage can be forbidden; then the panel starts closed on each page
    }
    return null;
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

  class Widget extends HTMLElement {
    constructor() {
      super();
      this.root = this.attachShadow({ mode: "open" });
      this.root.adoptedStyleSheets = [sheet(STYLE)];
    }

    async start() {
      const query = new URLSearchParams({ lang: language || document.documentElement.lang || navigator.language });
      const response = await fetch(`${host}/widget/${encodeURIComponent(endpoint)}.json?${query}`, { credentials: "omit" });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      this.config = await response.json();
      this.words = this.config.strings;
      this.dataset.position = position || this.config.position || "bottom-right";
      this.lang = this.config.language || "";
      this.follow();
      if (mode === "carousel") await this.row();
      else this.build();
      emit("ready", { endpoint });
      if (mode === "carousel") return;
      if (session() === "1" && innerWidth > 480) this.open(false);
    }

    follow() {
      const wanted = theme || this.config.theme || "auto";
      const show = () => (this.dataset.theme = wanted === "auto" ? (pageIsDark() ? "dark" : "light") : wanted);
      show();
      if (wanted !== "auto") return;
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
      const attributeFilter = ["class", "style", "data-theme", "data-mode", "data-bs-theme", "data-color-scheme"];
      const observer = new MutationObserver(show);
      for (const node of [document.documentElement, document.body]) observer.observe(node, { attributes: true, attributeFilter });
    }

    build() {
      this.paint(color || this.config.color);
      this.launcher = make("button", { type: "button", className: "launcher", title: this.words.open }, { "aria-label": this.words.open, "aria-expanded": "false" });
      this.launcher.append(bubble());
      this.launcher.onclick = () => this.toggle();
      this.panel = make("section", { className: "panel", hidden: true }, { role: "dialog", "aria-label": this.config.name });
      this.panel.onkeydown = (event) => {
        event.stopPropagation(); // the page's shortcuts must not fire while somebody types here
        if (event.key === "Escape" && !event.isComposing) this.close();
      };
      // Reopened by itself on the next page, the panel has no focus yet; Escape closes it all the same.
      document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && !event.defaultPrevented && document.activeElement === document.body) this.close();
      });
      this.root.append(this.panel, this.launcher);
    }

    paint(fill) {
      const parts = /^#(..)(..)(..)$/.exec(fill ?? "")?.slice(1).map((hex) => parseInt(hex, 16) / 255);
      if (!parts) return;
      const [r, g, b] = parts.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
      this.style.setProperty("--chat-fill", fill);
      this.style.setProperty("--chat-on-fill", 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 4.5 ? "#fff" : "#000");
    }

    // The other mode: a row of recommended things where the tag stands.
    async row() {
      const assets = new URL(this.config.assets || "/static/", host).href;
      const [{ startCarousel }, ...styles] = await Promise.all([
        import(`${assets}js/carousel.js`),
        ...["tokens", "chat"].map((name) => fetch(`${assets}css/${name}.css`).then((response) => response.text())),
      ]);
      this.root.adoptedStyleSheets = [...styles, ":host { display: block; color-scheme: light dark; }"].map(sheet);
      this.paint(color || this.config.color);
      const place = make("div", {});
      this.root.append(place);
      const settings = { host, endpoint, key: this.config.key, words: this.words, language: this.lang };
      emit("shown", { endpoint, count: await startCarousel(place, settings, script.dataset) });
    }

    async load() {
      const assets = new URL(this.config.assets || "/static/", host).href;
      const [{ ChatClient }, { ChatView }, ...styles] = await Promise.all([
        import(`${assets}js/chat-client.js`),
        import(`${assets}js/chat-view.js`),
        ...["tokens", "chat"].map((name) => fetch(`${assets}css/${name}.css`).then((response) => response.text())),
      ]);
      this.root.adoptedStyleSheets = [...styles, STYLE].map(sheet);
      const socket = new URL(this.config.socket || `/ws/chat/${endpoint}/`, host.replace("http", "ws"));
      if (this.config.key) socket.searchParams.set("key", this.config.key);
      if (this.lang) socket.searchParams.set("lang", this.lang);
      this.client = new ChatClient({ socket, memory });
      const chat = make("div", { className: "chat" });
      this.panel.replaceChildren(chat);
      const { name } = this.config;
      this.view = new ChatView(chat, this.client, { words: this.words, name, color: color || this.config.color, onclose: () => this.close(), draftKey: `atelier-draft-${memory}` });
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
      session(open ? "1" : "0");
      emit(open ? "open" : "close", { endpoint });
    }
  }

  customElements.define("atelier-chat", Widget);
  const widget = new Widget();
  const ready = new Promise((resolve) => window.addEventListener("atelier:ready", resolve, { once: true }));
  window.Atelier = {
    version: VERSION,
    open: () => ready.then(() => widget.open()),
    close: () => widget.close(),
    toggle: () => ready.then(() => widget.toggle()),
    on: (type, listener) => void (listeners[type] ??= []).push(listener),
  };

  // Pages that swap their body (Turbo, htmx, Astro) would take the widget away; it puts itself back, chat and all.
  const home = () => document.querySelector(script.dataset.target || null);
  const attach = () => widget.isConnected || (mode === "carousel" ? (home()?.append(widget) ?? script.after(widget)) : document.body.append(widget));
  const begin = () => {
    attach();
    new MutationObserver(attach).observe(document.documentElement, { childList: true });
    const watchBody = () => new MutationObserver(attach).observe(document.body, { childList: true });
    watchBody();
    for (const swap of ["turbo:load", "astro:page-load", "htmx:afterSwap"]) document.addEventListener(swap, () => attach() ?? watchBody());
    widget.start().catch((error) => console.warn(`Atelier: the chat "${endpoint}" is not open on this page (${error.message}).`));
  };
  if (document.body) begin();
  else document.addEventListener("DOMContentLoaded", begin);
})();
