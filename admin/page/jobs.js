// jobs.js: the jobs of a queue in one state, page after page by cursor, of any length.

import { get, path, query } from "./api.js";
import { h } from "./dom.js";
import { preview } from "./payload.js";
import { empty, link, more, problem, section, table, to, when } from "./pieces.js";
import { bytes, count, oneLine, said } from "./words.js";

const PAGE = 25;

export const STATES = {
  waiting: "Waiting", held: "Running", retry: "Retrying", scheduled: "Scheduled", dlq: "Dead",
};
const NOTHING = {
  waiting: "Nothing waits.", held: "No worker holds a job.", retry: "No job waits for another attempt.",
  scheduled: "Nothing is planned for later.", dlq: "No dead jobs.",
};

// JobList: the first page follows the poll while it is alone; once more was loaded, the rows stay.
export class JobList {
  constructor(queue, state) {
    this.address = path("queues", queue, "jobs");
    this.queue = queue;
    this.state = state;
    this.items = [];
    this.total = null;
    this.next = null;
    this.pages = 0;
    this.error = null;
  }

  async page(cursor) {
    const answer = await get(query(this.address, { state: this.state, cursor, limit: PAGE }));
    this.total = answer.total;
    this.next = answer.next;
    return answer.items;
  }

  async load() {
    if (this.pages > 1) return;
    try {
      this.items = await this.page(null);
      this.pages = 1;
      this.error = null;
    } catch (error) {
      if (error.away || error.status === 401) throw error;
      this.error = error;
    }
  }

  async more(app) {
    if (this.loading || !this.next) return;
    this.loading = true;
    try {
      this.items = this.items.concat(await this.page(this.next));
      this.pages++;
      app.say(`${count(this.items.length)} rows.`);
    } catch (error) {
      this.error = error;
    }
    this.loading = false;
    app.redraw();
  }
}

const isDue = (state) => state === "retry" || state === "scheduled";
const hasFailed = (state) => state === "retry" || state === "dlq";

function name(list, item) {
  const words = item.id ?? `at ${count(item.position ?? 0)}`;
  return item.id ? link(words, to("q", list.queue, "job", item.id), { class: "mono id" })
    : h("span", { class: "mono", tabindex: "0" }, words);
}

export function jobTable(app, list, chosen) {
  const { state } = list;
  const toggle = (id) => {
    chosen.has(id) ? chosen.delete(id) : chosen.add(id);
    app.redraw();
  };
  return table({
    label: STATES[state], rows: list.items,
    key: (item) => `${item.id ?? ""} ${item.position ?? ""}`,
    columns: [
      chosen && { name: "", unseen: "Select", cell: (item) =>
        item.id ? h("input", { type: "checkbox", checked: chosen.has(item.id), "aria-label": `Select ${item.id}`,
          onchange: () => toggle(item.id) }) : "" },
      { name: "Job", main: true, cell: (item) => name(list, item) },
      { name: "Type", cell: (item) => h("bdi", null, oneLine(said(item, "type"))) },
      isDue(state) && { name: "Due", cell: (item) => when(app, item.due_ms) },
      hasFailed(state) && { name: "Failed", cell: (item) => when(app, item.failed_at_ms) },
      hasFailed(state) && { name: "Error", wide: true, cell: (item) =>
        h("div", { class: "clamp" }, item.reason ? h("span", { class: "muted" }, item.reason, " ") : null,
          h("bdi", null, oneLine(said(item, "error")))) },
      state !== "dlq" && { name: "Failures", number: true, cell: (item) => count(item.attempt ?? 0) },
      state === "held" && { name: "Worker", cell: (item) => h("span", { class: "mono small" }, item.worker) },
      { name: "Payload", wide: true, cell: (item) => h("div", { class: "clamp" }, preview(item)) },
      { name: "Size", number: true, cell: (item) => bytes(item.size) },
    ],
  });
}

export const jobList = (app, list, chosen) => [
  list.error ? problem(list.error) : null,
  list.pages === 0 ? (list.error ? null : empty("Asking …"))
    : list.items.length === 0 ? empty(NOTHING[list.state])
    : [jobTable(app, list, chosen), more(list.items.length, list.total, list.next, () => list.more(app))],
];

export const jobSection = (app, list) => section(null, jobList(app, list, null));
