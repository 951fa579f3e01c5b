// dialog.js: one question at a time, above the page. The element keeps the focus inside and closes at Escape.

import { h, show } from "./dom.js";
import { plain } from "./pieces.js";

const element = () => document.getElementById("dialog");
let current = null; // {title, draw, onclose}

// open({title, draw(), closed()}): draw() gives the children, and is called at each redraw.
export function open(dialog) {
  close();
  current = dialog;
  redraw();
  element().onclose = () => gone(dialog);
  element().showModal();
  element().querySelector("[autofocus], input, button.go")?.focus();
}

function gone(dialog) {
  if (current !== dialog) return;
  current = null;
  dialog.closed?.();
  show(element());
}

export function close() {
  if (!current) return;
  const dialog = current;
  if (element().open) element().close();
  gone(dialog);
}

export const isOpen = () => current !== null;

export function redraw() {
  if (!current) return;
  show(element(),
    h("header", { key: "header" }, h("h2", { id: "dialog-title" }, current.title),
      current.firm ? null : plain("✕", close, { class: "quiet", "aria-label": "Close" })),
    h("div", { key: "body", class: "body" }, current.draw()));
}

// confirm({title, words, go, word}): resolves to true if the person agrees; with `word`, only after it was typed.
export function confirm({ title, words, go, word, danger }) {
  return new Promise((resolve) => {
    let typed = "";
    let agreed = false;
    const ready = () => !word || typed.trim() === word;
    const agree = (event) => {
      event?.preventDefault();
      if (!ready()) return;
      agreed = true;
      close();
    };
    const input = () =>
      h("label", { class: "field" }, h("span", null, "Type ", h("b", null, word), " to confirm"),
        h("input", { autofocus: true, autocomplete: "off", spellcheck: "false",
          oninput: (e) => { typed = e.target.value; redraw(); } }));
    open({
      title,
      closed: () => resolve(agreed),
      draw: () => h("form", { onsubmit: agree },
        [words].flat().map((w) => h("p", null, w)),
        word ? input() : null,
        h("p", { class: "buttons" },
          h("button", { class: danger ? "go danger" : "go", type: "submit", disabled: !ready() }, go),
          plain("Not now", close))),
    });
  });
}
