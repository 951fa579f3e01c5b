// pieces.js: what several views are made of: links, buttons, badges, times, tables.

import { h } from "./dom.js";
import { age, clock, plural, utc } from "./words.js";

// to("q", "email", "dlq"): an address inside this page.
export const to = (...parts) => "#/" + parts.map((part) => encodeURIComponent(part)).join("/");
export const link = (text, href, attributes) => h("a", { href, ...attributes }, text);

// button(app, text, act): for what changes something. Who may only read is told so instead.
export function button(app, text, act, attributes = {}) {
  const barred = app.readOnly ? "Your token may only read" : attributes.barred;
  return h("button", {
    type: "button", ...attributes, barred: null,
    class: `${attributes.class ?? ""} ${barred ? "barred" : ""}`,
    "aria-disabled": barred ? "true" : null,
    title: barred ?? attributes.title ?? null,
    onclick: (event) => (barred ? app.say(barred + ".") : act(event)),
  }, text);
}
export const plain = (text, act, attributes) =>
  h("button", { type: "button", onclick: act, ...attributes }, text);

export const badge = (text, tone = "") => h("span", { class: `badge ${tone}` }, text);

export const readOnlyNote = (app) =>
  app.readOnly
    ? h("p", { class: "note" }, "You are looking with a token that may only read: actions are off.")
    : null;

// when(app, ms): "3 min ago", with the exact time at hand.
export function when(app, ms) {
  if (!Number.isFinite(ms) || ms <= 0) return h("span", { class: "muted" }, "–");
  const passed = app.now() - ms;
  const words = passed >= 0 ? `${age(passed)} ago` : `in ${age(-passed)}`;
  return h("time", { datetime: utc(ms), title: `${clock(ms)} (${utc(ms)})` }, words);
}

export const heading = (title, ...more) => h("div", { class: "heading" }, h("h1", null, title), more);
export const section = (title, ...more) =>
  h("section", { key: title }, title ? h("h2", null, title) : null, more);
export const empty = (...words) => h("p", { class: "empty" }, words);
export const problem = (error) =>
  h("p", { class: "problem", role: "alert" }, error.message,
    error.hint ? h("span", { class: "hint" }, " ", error.hint) : null);

// table({label, columns, rows, key}): a column is {name, cell(row), number, main, wide}. On a phone each row
// becomes a card, so the roles are written out, and each cell carries its column's name.
export function table({ label, columns, rows, key, tone }) {
  const shown = columns.filter(Boolean);
  const style = (c) => `${c.number ? "number" : ""} ${c.main ? "main" : ""} ${c.wide ? "wide" : ""}`;
  return h("table", { role: "table", "aria-label": label },
    h("thead", { role: "rowgroup" },
      h("tr", { role: "row" },
        shown.map((c) => h("th", { role: "columnheader", scope: "col", class: style(c) },
          c.name || h("span", { class: "unseen" }, c.unseen ?? "Actions"))))),
    h("tbody", { role: "rowgroup" },
      rows.map((row, n) =>
        h("tr", { key: key ? key(row) : n, role: "row", "data-row": "", class: tone?.(row) ?? "" },
          shown.map((c) =>
            h("td", { role: "cell", class: style(c), "data-name": c.name || null },
              c.cell(row)))))));
}

export const more = (shown, total, next, load) =>
  h("p", { class: "more" },
    `${plural(shown, "row")} of ${total === null ? "?" : plural(total, "job").split(" ")[0]} shown `,
    next ? plain("Load more", load, { class: "quiet", id: "more" }) : null);

// bar(part, whole): how far something is.
export const bar = (part, whole, words) =>
  h("progress", { max: Math.max(1, whole), value: String(Math.min(part, whole)), "aria-label": words });

// choose(label, value, options, act): a select with its label.
export const choose = (label, value, options, act, attributes) =>
  h("label", { class: "field" }, h("span", null, label),
    h("select", { onchange: (e) => act(e.target.value), ...attributes },
      options.map(([name, words]) =>
        h("option", { value: name, selected: name === value ? "" : null }, words))));

export const field = (label, attributes, ...hint) =>
  h("label", { class: "field" }, h("span", null, label), h("input", attributes),
    hint.length ? h("small", null, hint) : null);
