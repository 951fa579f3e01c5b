// job.js: one job's story: where it is and why, what happens next, its header and its bytes.

import { get, path, query } from "./api.js";
import { bulk } from "./bulk.js";
import { h } from "./dom.js";
import { Payload } from "./payload.js";
import { badge, button, empty, heading, link, problem, readOnlyNote, section, to, when } from "./pieces.js";
import { clock, count, said, visible } from "./words.js";
import { stopJob } from "./workers.js";

const REST = 20; // times as long as a search took, until the next
const NAMES = { dlq: "dead", held: "held by a worker", retry: "waits for another attempt" };
const isTime = (name) => /(_at|_ms)$/.test(name) && !/timeout|age|took|delay/.test(name);

function value(app, name, v) {
  const n = Number(v);
  if (isTime(name) && n > 1e12) return [clock(n), " ", h("span", { class: "muted" }, "(", when(app, n), ")")];
  if (v !== null && typeof v === "object") return h("span", { class: "mono" }, visible(JSON.stringify(v)));
  return h("bdi", { class: "mono" }, visible(v));
}

const facts = (app, pairs) =>
  h("dl", { class: "facts" },
    pairs.filter(([, v]) => v !== null && v !== undefined && v !== "").map(([name, v]) =>
      h("div", { key: name }, h("dt", null, name.replace(/_ms$/, "").replaceAll("_", " ")), h("dd", null, value(app, name, v)))));

function actions(app, story) {
  const queue = app.queue(story.queue) ?? { name: story.queue };
  const one = { select: { ids: [story.id] }, words: "this job", count: 1 };
  if (story.state === "dlq")
    return h("p", { class: "buttons" },
      button(app, "Retry this job", () => bulk(app, queue.name, "retry", one), { class: "go" }),
      button(app, "Drop it", () => bulk(app, queue.name, "drop", one)));
  if (story.state === "held" || story.state === "running")
    return h("p", { class: "buttons" }, button(app, "Stop this job", () => stopJob(app, story.queue, story.id)));
  return null;
}

const told = new Set(["id", "asked", "cursor", "queue", "state", "where", "explain", "next", "header", "payload",
  "payload_base64", "payload_size", "truncated", "fingerprint", "error", "error_base64", "at_ms", "commands", "claim"]);

function story(app, s, payload) {
  const error = said(s, "error") || said(s.header, "error");
  const state = NAMES[s.state] ?? s.state;
  return [
    heading(h("span", { class: "mono id" }, s.id), badge(state, s.state === "dlq" ? "bad" : "")),
    h("div", { class: "story" }, (s.explain ?? []).map((words) => h("p", null, h("bdi", null, visible(words)))),
      s.next ? h("p", { class: "next" }, h("b", null, "What happens next. "), h("bdi", null, visible(s.next))) : null),
    error ? section("What it said last", h("pre", { class: "payload said", tabindex: "0" }, visible(error))) : null,
    actions(app, s), readOnlyNote(app),
    section("Payload", payload.draw(app)),
    section("Facts", facts(app, [
      ["queue", s.queue], ["where", s.where],
      ...Object.entries(s).filter(([name]) => !told.has(name)),
      ["fingerprint", s.fingerprint?.key], ["fingerprint held by", s.fingerprint?.holder]])),
    section("Header", said(s.header, "line")
      ? facts(app, Object.entries(s.header).filter(([, v]) => v !== 0 && v !== false))
      : empty("It has none: it was pushed as plain bytes, and has not failed yet.")),
    s.commands?.length ? section("In a terminal", h("pre", { class: "payload", tabindex: "0" },
      visible(s.commands.join("\n")))) : null,
  ];
}

// search: in a long queue an answer may only say how far the search has come, and go on from there. null: `step` said
// that nobody waits for it any more.
async function search(queue, id, step) {
  let cursor = null;
  for (;;) {
    const answer = await get(query(path("queues", queue, "jobs", id), { cursor }));
    if (answer.state !== "searching") return answer;
    cursor = answer.cursor;
    if (!step(answer.looked)) return null;
  }
}

export function jobView({ queue, id }) {
  const payload = new Payload();
  let found = null;
  let error = null;
  let again = 0; // a search that took long rests long
  let looked = null; // jobs that were looked at, while it is being searched
  const view = {
    title: id,
    async load(app) {
      try {
        const began = Date.now();
        if (began < again) return;
        const answer = await search(queue, id, (n) => {
          looked = n;
          app.redraw();
          return app.view === view;
        });
        if (!answer) return;
        found = answer;
        again = Date.now() + REST * (Date.now() - began);
        payload.take(found);
        error = null;
      } catch (e) {
        if (e.away || e.status === 401) throw e;
        error = e;
      }
    },
    draw(app) {
      const up = h("p", { class: "crumbs" }, link(h("bdi", null, `‹ ${queue}`),
        found?.state === "dlq" ? to("q", queue, "dlq") : to("q", queue), { "data-up": "" }));
      const gone = error?.status === 404
        ? empty(found ? "It is not there any more: it ended, or was dropped. " : "No such job: it ended, or never was. ",
          "navvy keeps no list of jobs that are done.")
        : error ? problem(error) : null;
      if (!found) return [up, heading(h("span", { class: "mono id" }, id)), gone ?? empty(looked ? `Looking for it among all jobs: ${count(looked)} so far …` : "Asking …")];
      return [up, gone, story(app, found, payload)];
    },
  };
  return view;
}
