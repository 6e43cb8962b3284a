// Draws training and validation loss as SVG and keeps it up to date; a table beside it says the same in numbers.
const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 280, 48, 12, 12, 32];

const svg = (tag, attributes, text) => {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== undefined) node.textContent = text;
  return node;
};
const html = (tag, className, ...children) => {
  const node = Object.assign(document.createElement(tag), { className });
  node.append(...children);
  return node;
};
const format = (value, digits = 2) =>
  new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: digits }).format(value);

// Round steps of 1, 2 or 5, about `count` of them between low and high.
const ticks = (low, high, count) => {
  const raw = (high - low || 1) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= raw) * power;
  const list = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step * 1e-6; tick += step) list.push(tick);
  return list;
};

const scales = ({ train = [], validation = [] }) => {
  const points = [...train, ...validation];
  const right = Math.max(1, ...points.map(([x]) => x));
  const values = points.map(([, y]) => y).sort((a, b) => a - b);
  const low = Math.min(0, values[0] ?? 0);
  const high = (values[Math.floor(values.length * 0.98)] ?? 1) * 1.1 || 1; // one wild step must not flatten the rest
  const across = (x) => LEFT + (x / right) * (WIDTH - LEFT - RIGHT);
  const up = (y) => HEIGHT - BOTTOM - ((Math.min(y, high) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  return { across, up, right, low, high };
};

const path = (points, { across, up }) =>
  points.map(([x, y], index) => `${index ? "L" : "M"}${across(x).toFixed(1)} ${up(y).toFixed(1)}`).join("");

const draw = (data, words) => {
  const scale = scales(data);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true", focusable: "false" });
  for (const y of ticks(scale.low, scale.high, 4)) {
    picture.append(svg("line", { class: "chart-grid", x1: LEFT, x2: WIDTH - RIGHT, y1: scale.up(y), y2: scale.up(y) }));
    picture.append(svg("text", { class: "chart-tick", x: LEFT - 10, y: scale.up(y) + 4, "text-anchor": "end" }, format(y)));
  }
  // Steps are whole, and the last ones make room for the word at the end of the axis.
  for (const x of ticks(0, scale.right, 6).filter((x) => Number.isInteger(x) && (!words.x || scale.across(x) < WIDTH - 70))) {
    picture.append(svg("text", { class: "chart-tick", x: scale.across(x), y: HEIGHT - 8, "text-anchor": "middle" }, format(x, 0)));
  }
  for (const name of ["train", "validation"]) picture.append(svg("path", { class: `chart-line ${name}`, d: path(data[name] ?? [], scale) }));
  for (const [x, y] of data.validation ?? []) picture.append(svg("circle", { class: "chart-point", cx: scale.across(x), cy: scale.up(y), r: 3.5 }));
  picture.append(svg("text", { class: "chart-tick", x: WIDTH - RIGHT, y: HEIGHT - 8, "text-anchor": "end" }, words.x ?? ""));
  return picture;
};

const keys = (words) =>
  html("span", "chart-keys", ...["train", "validation"].filter((name) => words[name]).map((name) => {
    const line = svg("svg", { viewBox: "0 0 28 8", "aria-hidden": "true" });
    line.append(svg("path", { class: `chart-line ${name}`, d: "M1 4H27" }));
    return html("span", "chart-key", line, words[name]);
  }));

const table = ({ train = [], validation = [] }, words) => {
  const known = new Map(validation);
  const every = Math.max(1, Math.ceil(train.length / 40));
  const steps = [...new Set([...train.map(([x]) => x).filter((_, i) => i % every === 0), ...known.keys()])].sort((a, b) => a - b);
  const losses = new Map(train);
  const body = html("table", "table table-tight");
  body.createTHead().append(html("tr", "", ...[words.x, words.train, words.validation].map((text) => Object.assign(html("th", "", text ?? ""), { scope: "col" }))));
  const rows = body.createTBody();
  for (const step of steps) {
    const cells = [format(step, 0), ...[losses, known].map((map) => (map.has(step) ? format(map.get(step), 3) : "–"))];
    rows.append(html("tr", "", ...cells.map((text) => html("td", "num", text))));
  }
  const wrap = html("div", "table-wrap", body);
  wrap.tabIndex = 0;
  return wrap;
};

export const startChart = (figure) => {
  const words = figure.dataset;
  const details = html("details", "", html("summary", "", words.table ?? ""), "");
  let place = figure.appendChild(svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` }));
  figure.querySelector("figcaption")?.append(keys(words));
  figure.append(details);
  const show = (data) => {
    const next = draw(data, words);
    place.replaceWith(next);
    place = next;
    details.lastChild.replaceWith(table(data, words));
  };
  const load = async () => {
    if (!figure.isConnected) return;
    const data = await fetch(words.chartUrl, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : null)).catch(() => null);
    if (data) show(data);
    if (words.chartPoll && !data?.done) setTimeout(load, words.chartPoll * 1000);
  };
  if (words.points) show(JSON.parse(words.points));
  else load();
};
