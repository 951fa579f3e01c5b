// access.js: asks for a token when navvy wants one.

import { token } from "./api.js";
import { h } from "./dom.js";
import * as dialog from "./dialog.js";

let asking = false;

// ask(words, given): once at a time; given() is called when there is a new one.
export function ask(words, given) {
  if (asking) return;
  asking = true;
  let typed = "";
  const submit = (event) => {
    event.preventDefault();
    if (!typed.trim()) return;
    token.set(typed.trim());
    dialog.close();
  };
  dialog.open({
    title: "This navvy asks for a token",
    closed() {
      asking = false;
      given();
    },
    draw: () => h("form", { onsubmit: submit },
      h("p", null, token.get() ? `The token was not accepted: ${words}.` : "It is in the file that ",
        token.get() ? null : h("code", null, "admin.token_file"),
        token.get() ? null : " names (or read_token_file, to look only)."),
      h("label", { class: "field" }, h("span", null, "Token"),
        h("input", { type: "password", autofocus: true, autocomplete: "off", spellcheck: "false",
          oninput: (e) => (typed = e.target.value) })),
      h("p", { class: "note" }, "It is kept in this tab until you close it."),
      h("p", { class: "buttons" }, h("button", { class: "go", type: "submit" }, "Open"))),
  });
}
