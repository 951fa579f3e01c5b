// dlq.js: the dead-letter queue as a tool: what killed the jobs, group by group, and what to do about it.

import { download, path } from "./api.js";
import { bulk } from "./bulk.js";
import * as causes from "./causes.js";
import { h } from "./dom.js";
import { JobList, jobList } from "./jobs.js";
import { bar, button, choose, empty, field, heading, link, plain, problem, readOnlyNote, section, table, to, when }
  from "./pieces.js";
import { queueHeading, tabs } from "./queue.js";
import { allTasks, inWords, taskCard } from "./tasks.js";
import { count, jobs, oneLine, plural, said, same } from "./words.js";

const AGES = [["", "any age"], ["600000", "10 minutes"], ["3600000", "1 hour"], ["86400000", "1 day"],
  ["604800000", "7 days"]];
const REASONS = ["", "retries", "permanent", "poison", "malformed", "unsupported", "oversize", "no_handler", "cancelled"];

// What each reason means to whoever reads it for the first time.
const MEANING = {
  retries: "failed at every attempt", permanent: "the handler said: for good",
  poison: "its worker died under it, again and again", malformed: "its header cannot be read",
  unsupported: "its header is of a newer version", oversize: "larger than the queue allows",
  no_handler: "no handler for its type", cancelled: "somebody stopped it",
};

function groupCard(app, queue, group, total) {
  const select = { ...same(group, "reason"), ...same(group, "signature") };
  const signature = said(group, "signature");
  const what = { select, words: signature || MEANING[group.reason] || group.reason };
  const name = oneLine(what.words);
  const example = oneLine(said(group, "example_error"));
  return h("article", { key: `${group.reason} ${signature}`, class: "card group", "data-row": "" },
    h("p", { class: "many" }, h("b", null, count(group.count)), " ", group.count === 1 ? "job" : "jobs"),
    h("div", { class: "cause" },
      h("h3", { class: "mono" }, h("bdi", null, name || "(no error text)")),
      h("p", { class: "muted" },
        h("span", { title: MEANING[group.reason] }, `${group.reason}: ${MEANING[group.reason] ?? ""}`),
        group.types?.length ? [" · type ", h("bdi", null, oneLine(group.types.join(", ")))] : null),
      h("p", { class: "muted" }, "first ", when(app, group.first_ms), ", last ", when(app, group.last_ms)),
      example && example !== name ? h("p", { class: "example" }, "e.g. ", h("bdi", { class: "mono" }, example)) : null,
      bar(group.count, total, `${count(group.count)} of ${jobs(total)}`)),
    h("p", { class: "buttons" },
      group.example_id ? link("Look at one", to("q", queue, "job", group.example_id), { class: "button" }) : null,
      button(app, "Retry …", () => bulk(app, queue, "retry", what), { class: "go", "aria-label": `Retry ${name}` }),
      button(app, "Drop …", () => bulk(app, queue, "drop", what), { "aria-label": `Drop ${name}` })));
}

function groups(app, queue) {
  const known = causes.of(queue);
  if (!known) return empty("Looking for what they have in common …");
  const sure = known.complete ? "" : `, of ${count(known.scanned)} looked at so far`;
  return [
    h("p", { class: "muted" }, `${plural(known.groups.length, "cause")} of ${jobs(known.total)}${sure}. `,
      "Numbers, ids and addresses in the errors are taken for alike."),
    known.complete ? null : bar(known.scanned, known.total, `looked at ${count(known.scanned)} of ${jobs(known.total)}`),
    known.groups.map((group) => groupCard(app, queue, group, known.total)),
  ];
}

// Selection: some of all, by what they have, whatever their group.
class Selection {
  constructor() {
    this.match = this.error = this.type = this.reason = this.older = this.younger = "";
  }
  get select() {
    const select = { match: this.match, error: this.error, type: this.type, reason: this.reason,
      older_ms: Number(this.older) || "", younger_ms: Number(this.younger) || "" };
    return Object.fromEntries(Object.entries(select).filter(([, v]) => v !== ""));
  }
  draw(app, queue) {
    const take = (name) => (value) => (this[name] = value);
    const typed = (name) => (e) => (this[name] = e.target.value);
    const go = (action) => () => bulk(app, queue, action, { select: this.select, words: inWords(this.select) });
    return h("details", { key: "others" }, h("summary", null, "Others: choose by text, type, reason or age"),
      h("form", { class: "select", onsubmit: (e) => e.preventDefault() },
        field("Text in the payload", { "data-filter": "", oninput: typed("match"), autocomplete: "off" }),
        field("Text in the error", { oninput: typed("error"), autocomplete: "off" }),
        field("Type", { oninput: typed("type"), autocomplete: "off" }),
        choose("Reason", this.reason, REASONS.map((r) => [r, r || "any"]), take("reason")),
        choose("Dead longer than", this.older, AGES, take("older")),
        choose("Dead for less than", this.younger, AGES, take("younger")),
        h("p", { class: "buttons" },
          button(app, "Count and retry …", go("retry")), button(app, "Count and drop …", go("drop")))));
  }
}

function chosenBar(app, queue, chosen) {
  if (!chosen.size) return null;
  const what = { select: { ids: [...chosen] }, words: plural(chosen.size, "selected job") };
  return h("p", { class: "chosen buttons" }, h("b", null, `${count(chosen.size)} selected`),
    button(app, "Retry selected …", () => bulk(app, queue, "retry", what), { class: "go" }),
    button(app, "Drop selected …", () => bulk(app, queue, "drop", what)),
    plain("None", () => { chosen.clear(); app.redraw(); }, { class: "quiet" }));
}

export function dlqView({ queue }) {
  const list = new JobList(queue, "dlq");
  const chosen = new Set();
  const selection = new Selection();
  let tasks = [];
  let error = null;
  const exported = path("queues", queue, "dlq", "export");
  return {
    title: `${queue}: dead letters`,
    async load(app) {
      if (!app.queue(queue)) return;
      const looked = causes.look(queue).then(() => (error = null), (e) => (error = e));
      const asked = allTasks().then((all) => (tasks = all), () => null);
      await Promise.all([list.load(), looked, asked]);
      if (error?.away || error?.status === 401) throw error;
    },
    draw(app) {
      const q = app.queue(queue);
      if (!q) return [heading(queue), empty("There is no queue of this name. ", link("All queues", to("queues")))];
      const running = tasks.filter((t) => t.queue === queue && t.state === "running");
      return [
        queueHeading(app, q), tabs(q, "dlq"), readOnlyNote(app), error ? problem(error) : null,
        running.map((task) => taskCard(app, task)),
        q.dlq === 0 ? empty("No dead jobs. What fails for good waits here until somebody retries or drops it.")
          : [
            section("Why they died", groups(app, queue), selection.draw(app, queue)),
            section("One by one, the newest first", chosenBar(app, queue, chosen), jobList(app, list, chosen),
              h("p", null, plain("Export all as NDJSON",
                () => app.act(() => download(exported, `${queue}-dlq.ndjson`), ""), { class: "quiet" }))),
          ],
      ];
    },
  };
}

// All queues that have dead jobs.
export function deadView() {
  return {
    title: "Dead letters",
    draw(app) {
      const rows = app.overview.queues.filter((q) => q.dlq > 0).sort((a, b) => b.dlq - a.dlq);
      const cause = (q) => {
        const top = causes.top(q.name);
        return top ? h("bdi", { class: "mono error" }, `${count(top.count)} × ${oneLine(said(top, "signature") || top.reason)}`) : "";
      };
      return [
        heading("Dead letters"),
        rows.length ? table({
          label: "Queues with dead jobs", rows, key: (q) => q.name,
          columns: [
            { name: "Queue", main: true, cell: (q) => link(q.name, to("q", q.name, "dlq"), { class: "name" }) },
            { name: "Dead", number: true, cell: (q) => count(q.dlq) },
            { name: "Room for", number: true, cell: (q) => (q.dlq_max ? count(q.dlq_max) : "any") },
            { name: "Most of them", wide: true, cell: cause },
          ],
        }) : empty("No dead jobs anywhere."),
      ];
    },
  };
}
