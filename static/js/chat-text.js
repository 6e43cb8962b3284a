// Turns an answer into DOM nodes: paragraphs, lists, bold, code and links. Everything else stays the text it is,
// so HTML in an answer is shown and never run.
import { make } from "./chat-dom.js";

// Every run has a limit: an answer may hold whatever a stranger wrote, and it is read again with each piece that comes.
// No look-behind: browsers of 2022 do not read it.
const INLINE =
  /\*\*(?<bold>[^*\n]+)\*\*|\*(?<slanted>[^*\s][^*\n]*)\*|`(?<code>[^`\n]+)`|\[(?<label>[^[\]\n]{1,200})\]\((?<target>https?:\/\/[^\s)[]{1,1000})\)|(?<url>https?:\/\/[^\s<>"“”，。；、！？（）]{1,2000})|(?<at>@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})/gu;
const BEFORE_THE_AT = /[\w.+-]/u;
const LONGEST_NAME = 64;
const ITEM = /^\s*(?:[-*•]|(?<number>\d{1,3})[.)])\s+/u;
const AFTER_AN_ADDRESS = ".,;:!?)]'*"; // the full stop after an address is not part of it

const link = (text, href) => make("a", { textContent: text, href, target: "_blank", rel: "noopener noreferrer nofollow ugc" });

// A mail address is found by its @ and then read backwards, for a name could begin at every letter of a long word.
const nameBefore = (text, from, at) => {
  let start = at;
  while (start > from && at - start < LONGEST_NAME && BEFORE_THE_AT.test(text[start - 1])) start -= 1;
  return start;
};

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
    let start = match.index;
    let end = start + match[0].length;
    if (groups.at) {
      start = nameBefore(text, from, start);
      if (start === match.index) continue; // @name is no address
      groups.mail = text.slice(start, end);
    }
    if (groups.url) {
      let length = groups.url.length;
      while (AFTER_AN_ADDRESS.includes(groups.url[length - 1])) length -= 1;
      [groups.url, end] = [groups.url.slice(0, length), end - groups.url.length + length];
    }
    nodes.push(text.slice(from, start), inlineNode(groups));
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
    const begins = ITEM.exec(line);
    const item = begins && { number: begins.groups.number, text: line.slice(begins[0].length) };
    if (!line.trim() || (item && lines.length) || (!item && items.length)) flush();
    if (item) items.push(item);
    else if (line.trim()) lines.push(line.replace(/^#{1,4}\s+/, ""));
  }
  flush();
  return nodes;
};
