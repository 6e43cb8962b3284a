// Draws training and validation loss as SVG and keeps it up to date; a table beside it says the same in numbers.
const SVG = "http://www.w3.org/2000/svg";
const [WIDEST, NARROWEST, LEFT, RIGHT, TOP, BOTTOM] = [720, 240, 48, 12, 12, 32];
const [FEWEST_TO_SMOOTH, WINDOWS] = [8, 12]; // steps, and how many windows of smoothing make up the curve

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

// The mean over a window around each step, shorter towards both ends so that these stay where they are.
export const smooth = (points) => {
  if (points.length < FEWEST_TO_SMOOTH) return points;
  const most = Math.max(1, Math.round(points.length / WINDOWS / 2));
  return points.map(([x], at) => {
    const half = Math.min(most, at, points.length - 1 - at);
    const near = points.slice(at - half, at + half + 1);
    return [x, near.reduce((sum, [, y]) => sum + y, 0) / near.length];
  });
};

// One unit is one pixel, so that words keep their size on a phone.
const scales = ({ train = [], validation = [] }, wide) => {
  const width = Math.round(Math.min(WIDEST, Math.max(NARROWEST, wide || WIDEST)));
  const height = Math.round(Math.max(200, width * 0.39));
  const points = [...train, ...validation];
  const right = Math.max(1, ...points.map(([x]) => x));
  const values = points.map(([, y]) => y).sort((a, b) => a - b);
  const low = Math.min(0, values[0] ?? 0);
  const high = (values[Math.floor(values.length * 0.98)] ?? 1) * 1.1 || 1; // one wild step must not flatten the rest
  const across = (x) => LEFT + (x / right) * (width - LEFT - RIGHT);
  const up = (y) => height - BOTTOM - ((Math.min(y, high) - low) / (high - low)) * (height - TOP - BOTTOM);
  return { across, up, right, low, high, width, height };
};

const path = (points, { across, up }) =>
  points.map(([x, y], index) => `${index ? "L" : "M"}${across(x).toFixed(1)} ${up(y).toFixed(1)}`).join("");

// Dots as one path: lines of no length with round ends.
const dots = (points) => points.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h.01`).join("");

const draw = (data, words, wide) => {
  const scale = scales(data, wide);
  const { width, height } = scale;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" });
  for (const y of ticks(scale.low, scale.high, 4)) {
    picture.append(svg("line", { class: "chart-grid", x1: LEFT, x2: width - RIGHT, y1: scale.up(y), y2: scale.up(y) }));
    picture.append(svg("text", { class: "chart-tick", x: LEFT - 10, y: scale.up(y) + 4, "text-anchor": "end" }, format(y)));
  }
  // Steps are whole, and the last ones make room for the word at the end of the axis.
  const fits = (x) => Number.isInteger(x) && (!words.x || scale.across(x) < width - 70);
  for (const x of ticks(0, scale.right, Math.max(2, Math.floor(width / 110))).filter(fits)) {
    picture.append(svg("text", { class: "chart-tick", x: scale.across(x), y: height - 8, "text-anchor": "middle" }, format(x, 0)));
  }
  const raw = data.train ?? [];
  const curve = smooth(raw);
  if (curve !== raw) picture.append(svg("path", { class: "chart-raw", d: dots(raw.map(([x, y]) => [scale.across(x), scale.up(y)])) }));
  for (const [name, points] of [["train", curve], ["validation", data.validation ?? []]]) {
    picture.append(svg("path", { class: `chart-line ${name}`, d: path(points, scale) }));
  }
  for (const [x, y] of data.validation ?? []) picture.append(svg("circle", { class: "chart-point", cx: scale.across(x), cy: scale.up(y), r: 3.5 }));
  picture.append(svg("text", { class: "chart-tick", x: width - RIGHT, y: height - 8, "text-anchor": "end" }, words.x ?? ""));
  return picture;
};

const MARKS = {
  train: () => [svg("path", { class: "chart-line train", d: "M1 4H27" })],
  raw: () => [svg("path", { class: "chart-raw", d: dots([[4, 5], [14, 2], [24, 5]]) })],
  validation: () => [svg("path", { class: "chart-line validation", d: "M1 4H27" })],
};
const keys = (words) =>
  html("span", "chart-keys", ...Object.keys(MARKS).filter((name) => words[name]).map((name) => {
    const line = svg("svg", { viewBox: "0 0 28 8", "aria-hidden": "true" });
    line.append(...MARKS[name]());
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
  let place = figure.appendChild(svg("svg", { viewBox: `0 0 ${WIDEST} ${Math.round(WIDEST * 0.39)}` }));
  let [last, wide] = [null, 0];
  figure.querySelector("figcaption")?.append(keys(words));
  figure.append(details);
  const paint = () => {
    wide = place.getBoundingClientRect().width;
    const next = draw(last, words, wide);
    place.replaceWith(next);
    place = next;
  };
  const show = (data) => {
    last = data;
    paint();
    details.lastChild.replaceWith(table(data, words));
  };
  // Turned or made narrower, the picture is drawn anew; a change of height alone is our own.
  new ResizeObserver(() => last && Math.abs(place.getBoundingClientRect().width - wide) > 1 && paint()).observe(figure);
  const load = async () => {
    if (!figure.isConnected) return;
    const data = await fetch(words.chartUrl, { headers: { Accept: "application/json" } }).then((r) => (r.ok ? r.json() : null)).catch(() => null);
    if (data) show(data);
    if (words.chartPoll && !data?.done) setTimeout(load, words.chartPoll * 1000);
  };
  if (words.points) show(JSON.parse(words.points));
  else load();
};
