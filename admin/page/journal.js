// journal.js: who ordered what, when and from where.

import { get, path, query } from "./api.js";
import { h } from "./dom.js";
import { choose, empty, heading, link, problem, table, to } from "./pieces.js";
import { listOf } from "./tasks.js";
import { clock, count, oneLine, utc } from "./words.js";

const LIMIT = 200;

export function journalView() {
  let lines = null;
  let queue = "";
  let error = null;
  const filter = (f) => (f === null || f === undefined ? ""
    : oneLine(typeof f === "object" ? JSON.stringify(f) : f));
  const columns = [
    { name: "When", main: true, cell: (l) =>
      h("time", { datetime: utc(l.at_ms), title: utc(l.at_ms), tabindex: "0" }, clock(l.at_ms)) },
    { name: "Who", cell: (l) => h("bdi", null, oneLine(l.who ?? "?"), l.where ? ` · ${oneLine(l.where)}` : "") },
    { name: "What", cell: (l) => h("bdi", null, oneLine(l.what)) },
    { name: "Queue", cell: (l) => (l.queue ? link(l.queue, to("q", l.queue)) : "") },
    { name: "Which", wide: true, cell: (l) => h("bdi", { class: "mono small" }, filter(l.filter)) },
    { name: "Jobs", number: true, cell: (l) => (l.count === undefined || l.count === null ? "" : count(l.count)) },
    { name: "Value", wide: true, cell: (l) => h("bdi", null, oneLine(l.words ?? "")) },
  ];
  return {
    title: "Journal",
    async load() {
      try {
        lines = listOf(await get(query(path("journal"), { queue, limit: LIMIT })), "journal");
        error = null;
      } catch (e) {
        if (e.away || e.status === 401) throw e;
        error = e;
      }
    },
    draw(app) {
      const names = app.overview.queues.map((q) => [q.name, q.name]).sort();
      return [
        heading("Journal", choose("Queue", queue, [["", "all"], ...names], (value) => {
          queue = value;
          app.poll.now();
        })),
        error ? problem(error) : null,
        lines === null ? (error ? null : empty("Asking …"))
          : lines.length === 0 ? empty("Nobody has ordered anything yet.")
          : table({ label: "Journal", columns, rows: lines, key: (l) => JSON.stringify(l) }),
      ];
    },
  };
}
