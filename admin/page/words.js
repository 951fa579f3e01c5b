// words.js: numbers, ages and bytes as people read them.

const grouped = new Intl.NumberFormat("en");
const unknown = "–";

export const count = (n) => (Number.isFinite(n) ? grouped.format(Math.round(n)) : unknown);

// short(1234567): "1.23M", for places where five characters must do.
export function short(n) {
  if (!Number.isFinite(n)) return unknown;
  for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (n < size) continue;
    const units = n / (letter === "k" ? 1e3 : size);
    return units.toFixed(units >= 100 ? 0 : units >= 10 ? 1 : 2) + letter;
  }
  return count(n);
}

export function rate(perSecond) {
  if (!Number.isFinite(perSecond)) return unknown;
  if (perSecond === 0) return "0/s";
  if (perSecond < 0.1) return (perSecond * 60).toFixed(1) + "/min";
  if (perSecond < 10) return perSecond.toFixed(1) + "/s";
  return short(perSecond) + "/s";
}

// age(ms): the two largest units at most: "40 ms", "12 s", "3 min", "2 h 5 min", "3 d 4 h".
export function age(ms) {
  if (!Number.isFinite(ms)) return unknown;
  if (ms > 0 && ms < 1000) return ms < 1 ? `${ms.toFixed(2)} ms` : `${Math.round(ms)} ms`;
  const s = Math.max(0, ms) / 1000;
  if (s < 120) return Math.floor(s) + " s";
  const minutes = Math.floor(s / 60);
  if (minutes < 120) return minutes + " min";
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function bytes(n) {
  if (!Number.isFinite(n)) return unknown;
  if (n < 1024) return `${n} B`;
  let unit = -1;
  do {
    n /= 1024;
    unit++;
  } while (n >= 1024 && unit < 4);
  return `${n.toFixed(n < 10 ? 1 : 0)} ${["KiB", "MiB", "GiB", "TiB", "PiB"][unit]}`;
}

export const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : (many ?? one + "s")}`;
export const jobs = (n) => plural(n, "job");

// clock(ms): the reader's own time, to the second.
export function clock(ms) {
  if (!Number.isFinite(ms)) return unknown;
  const d = new Date(ms);
  const two = (n) => String(n).padStart(2, "0");
  return (
    `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())} ` +
    `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`
  );
}
export const utc = (ms) => (Number.isFinite(ms) ? new Date(ms).toISOString() : unknown);

// visible(text): control characters as pictures, and what would turn the direction of the text or hide in
// it by its number. What a producer sent must not rearrange the page around it.
export const visible = (text) =>
  String(text ?? "").replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (c) => {
      const code = c.charCodeAt(0);
      if (code < 0x20) return String.fromCharCode(0x2400 + code);
      return code === 0x7f ? "\u2421" : `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
    },
  );

// said(object, "error"): a text of the API. Bytes that are no UTF-8 come in base64 under another name.
export function said(object, key) {
  const coded = object?.[key + "_base64"];
  return object?.[key] ?? (coded ? new TextDecoder().decode(decode(coded)) : "");
}
export const decode = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
// same(object, "error"): the same text, to be sent back byte for byte.
export const same = (object, key) =>
  object[key + "_base64"] ? { [key + "_base64"]: object[key + "_base64"] } : object[key] ? { [key]: object[key] } : {};

export const oneLine = (text) => visible(text).replace(/\s*\n\s*/g, " ⏎ ").replace(/\t/g, " ");
