// queue.js: one queue: its figures, its lines over time, why its jobs fail, and its jobs by state.

import * as causes from "./causes.js";
import { h } from "./dom.js";
import { jobSection, JobList, STATES } from "./jobs.js";
import { badge, button, empty, heading, link, section, to, when } from "./pieces.js";
import { charts } from "./overview.js";
import { applied, pauseButton, state, steer } from "./queues.js";
import { processes, workerTable } from "./workers.js";
import { count, oneLine, said, short } from "./words.js";

const CAUSES_SHOWN = 3;

const DEPTH = { waiting: "waiting", held: "held", retry: "retry", scheduled: "scheduled", dlq: "dlq" };

const tab = (q, name, current) =>
  h("a", {
    key: name, href: name === "dlq" ? to("q", q.name, "dlq") : to("q", q.name, "jobs", name),
    "aria-current": current === name ? "page" : null, class: name === "dlq" && q.dlq ? "bad" : "",
  }, STATES[name], " ", h("b", null, short(q[DEPTH[name]] ?? 0)));

export const tabs = (q, current) =>
  h("nav", { class: "tabs", "aria-label": "Jobs by state" },
    Object.keys(STATES).map((name) => tab(q, name, current)));

export const queueHeading = (app, q) =>
  heading(h("bdi", null, q.name), state(q),
    applied(q) ? badge(applied(q), "warn") : null,
    q.control?.concurrency ? badge(`at most ${count(q.control.concurrency)} at once in each worker`) : null,
    h("span", { class: "buttons" }, pauseButton(app, q),
      button(app, "Limits", () => steer(app, q), { class: "small", "aria-label": `Limits of ${q.name}` })),
    link("All queues", to("queues"), { class: "up", "data-up": "" }));

// retryCauses: what the jobs that wait for another attempt said, of the page that is known.
function retryCauses(list) {
  const counts = new Map();
  for (const item of list.items) {
    const words = said(item, "error").replace(/[0-9]+/g, "#");
    const cause = counts.get(words) ?? { count: 0, item };
    cause.count++;
    counts.set(words, cause);
  }
  return [...counts.values()].sort((a, b) => b.count - a.count).slice(0, CAUSES_SHOWN);
}

function why(app, q, retries) {
  const groups = q.dlq > 0 ? (causes.of(q.name)?.groups ?? []).slice(0, CAUSES_SHOWN) : [];
  const trying = q.retry > 0 ? retryCauses(retries) : [];
  if (!groups.length && !trying.length) return null;
  return section("Why jobs fail",
    h("ul", { class: "causes" },
      groups.map((g) => h("li", { key: "dead " + g.signature },
        h("a", { href: to("q", q.name, "dlq"), class: "cause" }, h("b", null, count(g.count)), " dead  ",
          h("bdi", { class: "mono" }, oneLine(said(g, "signature") || g.reason)),
          h("span", { class: "muted" }, " last ", when(app, g.last_ms))))),
      trying.map(({ count: n, item }) => h("li", { key: "retry " + item.id },
        h("a", { href: to("q", q.name, "job", item.id), class: "cause" },
          h("b", null, count(n)), n === 1 ? " is tried again  " : " are tried again  ",
          h("bdi", { class: "mono" }, oneLine(said(item, "error"))),
          h("span", { class: "muted" }, " for example this one"))))));
}

const COUNTERS = [
  ["taken", "taken from the list, ever"], ["done", "done"], ["duplicate", "dropped as duplicates"],
  ["retried", "failed runs that were tried again"], ["dead", "ended in the dead-letter queue"],
  ["released", "given back unrun"], ["recovered", "recovered from dead workers"],
  ["expired", "too old when taken"], ["purged", "dropped from the dead-letter queue"],
];

const counters = (q) =>
  h("dl", { class: "counters" },
    COUNTERS.filter(([name]) => q.counters?.[name] !== undefined).map(([name, words]) =>
      h("div", null, h("dt", null, name), h("dd", { title: words }, count(q.counters[name])),
        h("dd", { class: "muted" }, words))));

export function queueView({ queue, state: shown }) {
  const list = new JobList(queue, shown ?? "waiting");
  const retries = shown === "retry" ? list : new JobList(queue, "retry");
  return {
    title: queue,
    async load(app) {
      const q = app.queue(queue);
      if (!q) return;
      const asked = [list.load()];
      if (q.retry > 0 && retries !== list) asked.push(retries.load());
      if (q.dlq > 0) asked.push(causes.look(queue).catch(() => null));
      await Promise.all(asked);
    },
    draw(app) {
      const q = app.queue(queue);
      if (!q) return [heading(queue), empty("There is no queue of this name. ", link("All queues", to("queues")))];
      const own = processes(app.overview.workers.filter((w) => w.queue === queue));
      return [
        queueHeading(app, q), charts(app, queue), why(app, q, retries),
        tabs(q, list.state), jobSection(app, list),
        section("Workers", own.length ? workerTable(app, own) : empty("No worker serves it.")),
        section("Since ever", counters(q)),
      ];
    },
  };
}
