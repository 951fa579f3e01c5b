// keys.js: the keyboard. One table says what each key does, and is what "?" shows.

import { h } from "./dom.js";
import * as dialog from "./dialog.js";
import { to } from "./pieces.js";

const SEQUENCE_MS = 1500;

const go = (...parts) => () => (location.hash = to(...parts));
const KEYS = {
  j: ["next row", () => step(1)],
  k: ["previous row", () => step(-1)],
  Enter: ["open it", null],
  x: ["select the row, or take it out", () => currentRow()?.querySelector("input[type=checkbox]")?.click()],
  "/": ["filter", () => document.querySelector("main [data-filter]")?.focus()],
  m: ["load more rows", () => document.getElementById("more")?.click()],
  u: ["up: from a job to its queue, from a queue to all", () => document.querySelector("[data-up]")?.click()],
  "g o": ["overview", go()],
  "g q": ["queues", go("queues")],
  "g w": ["workers", go("workers")],
  "g d": ["dead letters", go("dlq")],
  "g t": ["tasks", go("tasks")],
  "g j": ["journal", go("journal")],
  t: ["dark or light", () => window.navvyTheme.toggle()],
  "?": ["these keys", () => help()],
  Escape: ["leave a field, close what is open", null],
};

const rows = () => [...document.querySelectorAll("main [data-row]")];
const currentRow = () => document.activeElement?.closest("[data-row]");
const grip = (row) => row.querySelector("a[href], button, input") ?? row;

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(currentRow());
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
  grip(all[next]).focus();
  all[next].scrollIntoView({ block: "nearest" });
}

export function help() {
  dialog.open({
    title: "Keys",
    draw: () => h("dl", { class: "keys" },
      Object.entries(KEYS).map(([keys, [words]]) => [
        h("dt", null, keys.split(" ").map((key) => h("kbd", null, key))),
        h("dd", null, words),
      ])),
  });
}

let first = { key: "", at: 0 };

export function listen() {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select");
    if (typing) {
      if (event.key === "Escape" && !dialog.isOpen()) event.target.blur();
      return;
    }
    if (dialog.isOpen()) return;
    const both = Date.now() - first.at < SEQUENCE_MS ? `${first.key} ${event.key}` : "";
    first = { key: event.key, at: both in KEYS ? 0 : Date.now() };
    const act = (KEYS[both] ?? KEYS[event.key])?.[1];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
