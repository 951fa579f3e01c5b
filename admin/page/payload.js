// payload.js: bytes that somebody pushed: as text, as JSON set out in lines, or as hex. They reach the page only
// as text nodes, with control characters made visible.

import { h } from "./dom.js";
import { plain } from "./pieces.js";
import { bytes, decode, oneLine, visible } from "./words.js";

const HEX_SHOWN = 16 * 1024;
const TEXT_SHOWN = 256 * 1024;
const PREVIEW = 120;

// hex(bytes): rows of 16, as hexdump -C has them.
export function hex(data, limit = HEX_SHOWN) {
  const rows = [];
  for (let at = 0; at < Math.min(data.length, limit); at += 16) {
    const row = [...data.subarray(at, Math.min(at + 16, limit))];
    const codes = row.map((b) => b.toString(16).padStart(2, "0"));
    const left = codes.slice(0, 8).join(" ").padEnd(23);
    const right = codes.slice(8).join(" ").padEnd(23);
    const text = row.map((b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : "·")).join("");
    rows.push(`${at.toString(16).padStart(8, "0")}  ${left}  ${right}  ${text}`);
  }
  return rows.join("\n");
}

function setOut(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? JSON.stringify(value, null, 2) : null;
  } catch {
    return null;
  }
}

// preview(item): the beginning, in one line.
export function preview(item) {
  if (typeof item.preview === "string") return h("bdi", { class: "mono preview" }, oneLine(item.preview).slice(0, PREVIEW));
  if (!item.preview_base64) return "";
  const data = decode(item.preview_base64);
  const codes = [...data.subarray(0, 24)].map((b) => b.toString(16).padStart(2, "0"));
  return h("span", { class: "mono preview" }, h("span", { class: "muted" }, "hex "), codes.join(" "));
}

export class Payload {
  constructor() {
    this.form = null; // until somebody chooses
    this.of = null;
  }

  take(story) {
    if (this.of && this.of.payload === story.payload && this.of.payload_base64 === story.payload_base64) return;
    this.of = story;
    this.isText = typeof story.payload === "string";
    this.data = this.isText ? new TextEncoder().encode(story.payload)
      : decode(story.payload_base64 ?? "");
    this.json = this.isText && story.payload.length <= TEXT_SHOWN ? setOut(story.payload) : null;
    this.drawn = {};
  }

  text(form) {
    const text = this.of.payload ?? new TextDecoder().decode(this.data);
    this.drawn[form] ??= form === "hex" ? hex(this.data)
      : form === "json" ? visible(this.json)
      : visible(text.slice(0, TEXT_SHOWN));
    return this.drawn[form];
  }

  draw(app) {
    const story = this.of;
    const size = story.payload_size ?? this.data.length;
    if (size === 0) return h("p", { class: "empty" }, "The payload is empty: 0 bytes.");
    const form = this.form ?? (!this.isText ? "hex" : this.json ? "json" : "text");
    const choice = (name, words) =>
      plain(words, () => { this.form = name; app.redraw(); }, { "aria-pressed": String(form === name) });
    const cut = form === "hex" ? size > HEX_SHOWN && Math.min(HEX_SHOWN, this.data.length)
      : (this.data.length < size || this.data.length > TEXT_SHOWN) && Math.min(TEXT_SHOWN, this.data.length);
    return [
      h("div", { class: "choice", role: "group", "aria-label": "Show the payload as" },
        this.json ? choice("json", "JSON") : null,
        choice("text", "Text"), choice("hex", "Hex"),
        h("span", { class: "muted" }, bytes(size),
          this.isText ? "" : ", not UTF-8",
          cut ? `, the first ${bytes(cut)} shown` : "")),
      h("pre", { key: form, class: "payload", tabindex: "0", dir: "ltr", "aria-label": "Payload" },
        this.text(form)),
    ];
  }
}
