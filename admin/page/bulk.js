// bulk.js: retry or drop many dead jobs, in steps: count them first without touching any, choose how (a few
// first, how fast), start, and watch it go. What runs is a task of navvy: it goes on without this page.

import { get, path, post } from "./api.js";
import * as dialog from "./dialog.js";
import { h } from "./dom.js";
import { choose, field, link, plain, problem, to } from "./pieces.js";
import { progress, isOver, taskButtons } from "./tasks.js";
import { count, jobs, oneLine, said } from "./words.js";

const CANARY_FROM = 20; // below, a few first is as good as all
const WATCH_MS = 1000;
const EXAMPLES = 3;

const number = (text) => (text === "" || text === null ? undefined : Number(text));

class Bulk {
  constructor(app, queue, action, what) {
    this.app = app;
    this.queue = queue;
    this.action = action;
    this.what = what; // {select, words}: which jobs, for navvy and for people
    this.found = null; // the dry run's answer
    this.task = null;
    this.error = null;
    this.limit = this.rate = this.typed = "";
    this.canary = true;
    this.canaryJobs = "10";
    this.canaryPercent = "20";
  }

  order(more) {
    return post(path("queues", this.queue, "dlq", "tasks"),
      { action: this.action, select: this.what.select, ...more });
  }

  async attempt(act) {
    this.error = null;
    try {
      await act();
    } catch (error) {
      this.error = error;
    }
    dialog.redraw();
  }

  count() {
    return this.attempt(async () => (this.found = await this.order({ dry_run: true })));
  }

  get many() {
    const limit = number(this.limit);
    return limit > 0 ? Math.min(limit, this.found.count) : this.found.count;
  }
  get tests() {
    return this.action === "retry" && this.canary && this.many >= CANARY_FROM;
  }

  start(event) {
    event.preventDefault();
    if (this.barred || this.starting) return;
    this.starting = true;
    const canary = this.tests
      ? { jobs: number(this.canaryJobs), stop_if_fail_percent: number(this.canaryPercent) } : undefined;
    this.attempt(async () => {
      this.task = await this.order({ limit: number(this.limit), rate: this.rate || undefined, canary });
      this.watch();
    }).finally(() => (this.starting = false));
  }

  async watch() {
    while (!this.closed && !isOver(this.task) && this.error?.status !== 404) {
      await new Promise((wake) => setTimeout(wake, WATCH_MS));
      await this.attempt(async () => (this.task = await get(path("tasks", this.task.id))));
    }
    this.app.poll.now();
  }

  get barred() {
    if (!this.found || this.found.count === 0) return "There is nothing to do";
    if (this.action === "drop" && this.typed.trim() !== this.queue) return "Type the queue's name first";
    return null;
  }

  // --- what is shown ------------------------------------------------------------------------

  draw() {
    return [
      this.error ? problem(this.error) : null,
      this.task ? this.drawTask() : this.found ? this.drawPlan()
        : this.error ? null : h("p", null, "Counting, without touching any …"),
    ];
  }

  drawPlan() {
    const { found, action } = this;
    if (found.count === 0)
      return [h("p", null, `No dead job matches ${this.what.words} any more.`),
        h("p", { class: "buttons" }, plain("Close", dialog.close, { class: "go" }))];
    const verb = action === "retry" ? "Retry" : "Drop";
    return h("form", { onsubmit: (e) => this.start(e) },
      h("p", { class: "found" }, h("b", null, jobs(found.count)), " of ", h("bdi", null, this.queue), ": ",
        h("bdi", null, oneLine(this.what.words))),
      this.drawExamples(),
      found.count > 1 ? this.drawHowMany() : null,
      action === "retry" ? this.drawHow() : this.drawWarning(),
      h("p", { class: "buttons" },
        h("button", { type: "submit", class: action === "drop" ? "go danger" : "go",
          disabled: Boolean(this.barred) },
          this.tests ? `Try ${this.canaryJobs} of ${jobs(this.many)} first` : `${verb} ${jobs(this.many)}`),
        plain("Not now", dialog.close)));
  }

  drawExamples() {
    const examples = (this.found.examples ?? []).slice(0, EXAMPLES);
    if (!examples.length || this.found.count === 1) return null;
    return [h("p", { class: "muted" }, "For example"), h("ul", { class: "examples" }, examples.map((e) =>
      h("li", { class: "mono" }, typeof e === "string" ? e
        : link(e.id, to("q", this.queue, "job", e.id), { target: "_blank", rel: "noopener" }),
      " ", h("bdi", { class: "error" }, oneLine(said(e, "error"))))))];
  }

  drawHowMany() {
    return field("How many", { type: "number", min: 1, max: this.found.count, inputmode: "numeric",
      placeholder: `all ${count(this.found.count)}`,
      oninput: (e) => { this.limit = e.target.value; dialog.redraw(); } },
    "The oldest first. Empty: all.");
  }

  drawHow() {
    const offered = this.many >= CANARY_FROM;
    return [
      offered ? h("fieldset", null,
        h("label", { class: "check" },
          h("input", { type: "checkbox", checked: this.canary,
            onchange: (e) => { this.canary = e.target.checked; dialog.redraw(); } }),
          " Try a few first, and stop if they fail again"),
        this.canary ? h("p", { class: "inline" },
          field("Jobs to try", { type: "number", min: 1, max: 1000, required: true, value: this.canaryJobs,
            oninput: (e) => { this.canaryJobs = e.target.value; dialog.redraw(); } }),
          field("Stop if so many fail, in %", { type: "number", min: 0, max: 100, required: true,
            value: this.canaryPercent, oninput: (e) => (this.canaryPercent = e.target.value) })) : null) : null,
      this.many > 1 ? choose("How fast", this.rate,
        [["", "as fast as it goes"], ["10/s", "10 jobs/s"], ["50/s", "50 jobs/s"], ["200/s", "200 jobs/s"],
          ["1000/s", "1,000 jobs/s"]], (value) => (this.rate = value)) : null,
    ];
  }

  drawWarning() {
    return [
      h("p", { class: "problem" }, "Dropped jobs are gone for ever. Export them first if in doubt."),
      h("label", { class: "field" }, h("span", null, "Type ", h("b", null, this.queue), " to confirm"),
        h("input", { autocomplete: "off", spellcheck: "false",
          oninput: (e) => { this.typed = e.target.value; dialog.redraw(); } })),
    ];
  }

  drawTask() {
    return [progress(this.task),
      h("p", { class: "unseen", role: "status" }, isOver(this.task) ? this.task.words ?? this.task.state : ""),
      h("p", { class: "buttons" }, taskButtons(this.app, this.task, (task) => {
        this.task = { ...this.task, ...task };
        dialog.redraw();
      }),
      isOver(this.task) ? plain("Close", dialog.close, { class: "go" })
        : plain("Let it run", dialog.close)),
      isOver(this.task) ? null : h("p", { class: "note" }, "It goes on without this page; see ",
        link("Tasks", to("tasks"), { onclick: () => dialog.close() }), ".")];
  }
}

// bulk(app, queue, "retry" or "drop", {select, words}): opens the dialog that does it.
export function bulk(app, queue, action, what) {
  const it = new Bulk(app, queue, action, what);
  dialog.open({
    title: action === "retry" ? "Retry dead jobs" : "Drop dead jobs",
    draw: () => it.draw(),
    closed: () => { it.closed = true; app.poll.now(); },
  });
  return it.count();
}
