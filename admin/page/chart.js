// chart.js: one small line over time, in SVG: label, the value now (or under the pointer), and the scale.

import { h } from "./dom.js";
import { age, clock } from "./words.js";

const WIDTH = 300;
const HEIGHT = 64;
const SPAN_MS_MIN = 60 * 1000;

let pointed = null; // {name, part}: where the pointer is

// ceiling(n): the scale's end: 1, 2 or 5 times a power of ten.
export function ceiling(n) {
  if (!(n > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(n));
  return [1, 2, 5, 10].find((step) => step * power >= n) * power;
}

function line(points, from, to, top) {
  const x = (at) => (((at - from) / (to - from)) * WIDTH).toFixed(1);
  const y = (value) => (HEIGHT - 1 - (value / top) * (HEIGHT - 4)).toFixed(1);
  const path = points.map((p, i) => `${i ? "L" : "M"}${x(p.at)} ${y(p.value)}`).join("");
  const end = points.length ? x(points.at(-1).at) : 0;
  const area = points.length ? `${path}L${end} ${HEIGHT}L${x(points[0].at)} ${HEIGHT}Z` : "";
  return { path, area, x };
}

// chart({name, label, points, format, tone, redraw, note}): tone: "", or "bad" for what should be flat.
export function chart({ name, label, points, format, tone = "", redraw, note }) {
  const to = points.at(-1)?.at ?? 0;
  const span = Math.max(SPAN_MS_MIN, to - (points[0]?.at ?? to));
  const from = to - span;
  const most = points.reduce((max, p) => Math.max(max, p.value), 0);
  const top = ceiling(most);
  const { path, area, x } = line(points, from, to, top);
  const at = pointed?.name === name && points.length ? nearest(points, from + pointed.part * span) : null;
  const shown = at ?? points.at(-1);
  const move = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    pointed = { name, part: (event.clientX - box.left) / box.width };
    redraw();
  };
  const leave = () => {
    pointed = null;
    redraw();
  };
  const value = shown ? format(shown.value) : "…";
  return h("figure", { key: name, class: `chart ${tone} ${tone && most > 0 ? "live" : ""}` },
    h("figcaption", null,
      h("span", { class: "label" }, label),
      h("span", { class: "value" }, value),
      h("span", { class: "when" }, at ? clock(at.at).slice(11) : (note ?? ""))),
    h("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img",
      "aria-label": `${label}: now ${value}, at most ${format(most)} in the last ${age(span)}`,
      onpointermove: move, onpointerleave: leave,
    },
      h("path", { class: "area", d: area }),
      h("path", { class: "line", d: path }),
      at ? h("path", { class: "hair", d: `M${x(at.at)} 0V${HEIGHT}` }) : null),
    h("div", { class: "scale", "aria-hidden": "true" },
      h("span", null, `${age(span)} ago`), h("span", null, `scale to ${format(top)}`),
      h("span", null, "now")));
}

const nearest = (points, at) =>
  points.reduce((best, p) => (Math.abs(p.at - at) < Math.abs(best.at - at) ? p : best));
