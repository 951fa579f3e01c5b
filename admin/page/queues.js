// queues.js: all queues in a table, with what can be done to one: pause, resume, concurrency, log level.

import { path, post } from "./api.js";
import * as dialog from "./dialog.js";
import { h } from "./dom.js";
import { badge, button, choose, empty, field, heading, link, plain, table, to } from "./pieces.js";
import { byTrouble } from "./overview.js";
import { age, count, jobs, plural, rate, short } from "./words.js";

const number = (n, href) => (n > 0 && href ? link(short(n), href) : h("span", { class: n ? "" : "nil" }, short(n)));

export function state(q) {
  if (q.dlq_max && q.dlq >= q.dlq_max) return badge("DLQ full", "bad");
  if (q.paused) return badge("paused", "warn");
  if (q.alive === 0) return badge("no worker", q.waiting + q.retry > 0 ? "bad" : "");
  return badge("running", "good");
}

export async function pause(app, q) {
  const verb = q.paused ? "resume" : "pause";
  if (!q.paused && !(await dialog.confirm({
    title: `Pause ${q.name}?`, go: "Pause",
    words: ["No worker takes a job of it until it is resumed. What runs now runs on, and jobs that " +
      "are pushed wait."],
  }))) return;
  await app.act(() => post(path("queues", q.name, verb)), `${q.name} ${q.paused ? "is resumed" : "is paused"}.`);
}

export const pauseButton = (app, q) =>
  button(app, q.paused ? "Resume" : "Pause", () => pause(app, q),
    { class: "small", "aria-label": `${q.paused ? "Resume" : "Pause"} ${q.name}` });

// applied(q): how far the last order has come.
export function applied(q) {
  const c = q.control ?? {};
  if (!c.version || c.applied === undefined || c.applied >= c.workers) return "";
  return `applied by ${c.applied} of ${plural(c.workers, "worker")}`;
}

export function steer(app, q) {
  let concurrency = q.control?.concurrency ?? "";
  let level = q.control?.log_level ?? "";
  const go = async (event) => {
    event.preventDefault();
    dialog.close();
    const value = concurrency === "" ? null : Number(concurrency);
    const was = q.control ?? {};
    if (value !== (was.concurrency ?? null))
      await app.act(() => post(path("queues", q.name, "concurrency"), { value }),
        value === null ? `${q.name} runs as many jobs at once as configured.`
          : `${q.name} runs at most ${jobs(value)} at once in each worker.`);
    if ((level || null) !== (was.log_level ?? null))
      await app.act(() => post(path("queues", q.name, "log_level"), { level: level || null }),
        `${q.name} logs at level ${level || "as configured"}.`);
  };
  dialog.open({
    title: `Limits of ${q.name}`,
    draw: () => h("form", { onsubmit: go },
      field("Jobs at once in each worker process", {
        type: "number", min: 1, max: 1024, value: String(concurrency), placeholder: "as configured",
        oninput: (e) => (concurrency = e.target.value),
      }, "Empty: as its configuration says. All workers hear of it within a second; it outlives restarts."),
      choose("Log level", level, [["", "as configured"], ["error", "error"], ["warn", "warn"],
        ["info", "info"], ["debug", "debug"]], (value) => (level = value)),
      h("p", { class: "buttons" }, h("button", { class: "go", type: "submit" }, "Apply"),
        plain("Not now", dialog.close))),
  });
}

export const queueTable = (app, queues) =>
  table({
    label: "Queues", rows: queues, key: (q) => q.name,
    columns: [
      { name: "Queue", main: true, cell: (q) => link(q.name, to("q", q.name), { class: "name" }) },
      { name: "State", cell: (q) => [state(q), " ", h("small", null, applied(q))] },
      { name: "Waiting", number: true, cell: (q) => number(q.waiting, to("q", q.name, "jobs", "waiting")) },
      { name: "Running", number: true, cell: (q) => number(q.held, to("q", q.name, "jobs", "held")) },
      { name: "Retry", number: true, cell: (q) => number(q.retry, to("q", q.name, "jobs", "retry")) },
      { name: "Later", number: true,
        cell: (q) => number(q.scheduled, to("q", q.name, "jobs", "scheduled")) },
      { name: "Dead", number: true, cell: (q) =>
        h("span", { class: q.dlq ? "bad" : "" }, number(q.dlq, to("q", q.name, "dlq"))) },
      { name: "Done", number: true, cell: (q) => rate(app.history.rate(q.name, "done")) },
      { name: "Failed", number: true, cell: (q) => {
        const failed = app.history.rate(q.name, "failed");
        return h("span", { class: failed > 0 ? "bad" : "" }, rate(failed));
      } },
      { name: "Oldest", number: true, cell: (q) => (q.oldest_ms === null ? "–" : age(q.oldest_ms)) },
      { name: "Workers", number: true, cell: (q) => number(q.alive) },
      { name: "", cell: (q) => pauseButton(app, q) },
    ],
  });

export function queuesView() {
  let filter = "";
  return {
    title: "Queues",
    draw(app) {
      const all = byTrouble(app, app.overview.queues);
      const shown = all.filter((q) => q.name.toLowerCase().includes(filter.toLowerCase()));
      return [
        heading("Queues", h("input", {
          type: "search", placeholder: "Filter by name", "aria-label": "Filter by name", "data-filter": "",
          oninput: (e) => { filter = e.target.value; app.redraw(); },
        })),
        shown.length ? queueTable(app, shown)
          : empty(all.length ? `None of ${count(all.length)} queues has that in its name.`
            : "No queue yet: push a job to one, or name one in the configuration."),
      ];
    },
  };
}
