// Building blocks of the chat: elements and icons made as DOM nodes, never from a string of HTML.
const ICONS = {
  send: "M12 19V5M5 12l7-7 7 7",
  stop: "M7 7h10v10H7z",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  check: "M20 6 9 17l-5-5",
  retry: "M3 12a9 9 0 1 0 3-6.7L3 8M3 3v5h5",
  up: "M7 10v11H3V10zM7 11l4-8a3 3 0 0 1 3 3v4h5a2 2 0 0 1 2 2.300l-1.300 7A2 2 0 0 1 17.700 21H7",
  down: "M17 14V3h4v11zM17 13l-4 8a3 3 0 0 1-3-3v-4H5a2 2 0 0 1-2-2.300l1.300-7A2 2 0 0 1 6.300 3H17",
  fresh: "M12 20h9M16.500 3.500a2.100 2.100 0 0 1 3 3L7 19l-4 1 1-4z",
  close: "M18 6 6 18M6 6l12 12",
};
const SVG = "http://www.w3.org/2000/svg";

export const make = (tag, properties = {}, ...children) => {
  const { attributes = {}, ...rest } = properties;
  const node = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.filter(Boolean));
  return node;
};

export const icon = (name) => {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", class: "chat-icon", "aria-hidden": "true" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
};

export const iconButton = (name, label, onclick) =>
  make("button", { type: "button", className: "chat-tool", title: label, onclick, attributes: { "aria-label": label } }, icon(name));

// Black or white, whichever can be read better on the owner's colour.
export const inkOn = (color) => {
  const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  if (!parts) return null;
  const [r, g, b] = parts.slice(1).map((hex) => {
    const value = parseInt(hex, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) >= 4.5 ? "#ffffff" : "#000000";
};
