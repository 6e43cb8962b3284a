// Turns an answer into DOM nodes: paragraphs, lists, bold, code and links. Everything else stays the text it is,
// so HTML in an answer is shown and never run.
import { make } from "./chat-dom.js";

const INLINE =
  /\*\*(?<bold>[^*\n]+)\*\*|\*(?<slanted>[^*\s][^*\n]*)\*|`(?<code>[^`\n]+)`|\[(?<label>[^\]\n]+)\]\((?<target>https?:\/\/[^\s)]+)\)|(?<url>https?:\/\/[^\s<>"“”，。；、！？（）]+)|(?<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)/gu;
const ITEM = /^\s*(?:[-*•]|(?<number>\d{1,3})[.)])\s+(?<text>.*)$/u;

const link = (text, href) => make("a", { textContent: text, href, target: "_blank", rel: "noopener noreferrer nofollow ugc" });

const inlineNode = ({ bold, slanted, code, label, target, url, mail }) => {
  if (bold) return make("strong", { textContent: bold });
  if (slanted) return make("em", { textContent: slanted });
  if (code) return make("code", { textContent: code });
  if (label) return link(label, target);
  if (mail) return link(mail, `mailto:${mail}`);
  return link(url, url);
};

export const inline = (text) => {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(INLINE)) {
    const groups = { ...match.groups };
    let end = match.index + match[0].length;
    const tail = groups.url ? /[.,;:!?)\]'*]+$/.exec(groups.url) : null; // the full stop after an address is not part of it
    if (tail) [groups.url, end] = [groups.url.slice(0, tail.index), end - tail[0].length];
    nodes.push(text.slice(from, match.index), inlineNode(groups));
    from = end;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== "");
};

const paragraph = (lines) => {
  const node = make("p");
  lines.forEach((line, index) => node.append(...(index ? [make("br")] : []), ...inline(line)));
  return node;
};

const list = (items) => {
  const number = items[0].number;
  const node = make(number ? "ol" : "ul", number ? { start: Number(number) } : {});
  node.append(...items.map(({ text }) => make("li", {}, ...inline(text))));
  return node;
};

export const blocks = (text) => {
  const nodes = [];
  let lines = [];
  let items = [];
  const flush = () => {
    if (lines.length) nodes.push(paragraph(lines));
    if (items.length) nodes.push(list(items));
    [lines, items] = [[], []];
  };
  for (const line of text.split("\n")) {
    const item = ITEM.exec(line)?.groups;
    if (!line.trim() || (item && lines.length) || (!item && items.length)) flush();
    if (item) items.push(item);
    else if (line.trim()) lines.push(line.replace(/^#{1,4}\s+/, ""));
  }
  flush();
  return nodes;
};
