// tasks.js: bulk work under way and what became of the last ones.

import { get, path, post } from "./api.js";
import { h } from "./dom.js";
import { badge, bar, button, empty, heading, link, problem, to, when } from "./pieces.js";
import { count, jobs, oneLine, rate } from "./words.js";

const OVER = new Set(["done", "cancelled", "failed"]);
const STOPPABLE = new Set(["running"]);
const RESUMABLE = new Set(["stopped", "orphaned", "cancelled"]);
const TONE = { running: "good", failed: "bad", stopped: "warn", orphaned: "warn" };

export const isOver = (task) => OVER.has(task.state) || task.state === "stopped";
const verb = (task) => ({ retry: "Retry", drop: "Drop", import: "Import" })[task.action] ?? task.action;
const past = { retry: "retried", drop: "dropped", import: "imported" };

// inWords({reason, signature}): "reason retries, error like connection refused".
export function inWords(select) {
  const names = { signature: "error like", error: "error with", match: "with", ids: "ids",
    older_ms: "older than (ms)", younger_ms: "younger than (ms)" };
  const parts = Object.entries(select ?? {})
    .filter(([, v]) => v !== null && v !== "" && v !== 0 && !(Array.isArray(v) && v.length === 0))
    .map(([name, v]) => `${names[name] ?? name} ${Array.isArray(v) ? `(${count(v.length)})` : oneLine(v)}`);
  return parts.length ? parts.join(", ") : "all";
}

export function progress(task) {
  const counting = !(task.total >= 0);
  const pace = task.updated_ms > task.started_ms + 1000
    ? rate(((task.moved ?? 0) * 1000) / (task.updated_ms - task.started_ms)) : null;
  const figures = [
    counting ? "counting" : `${count(task.moved ?? 0)} of ${jobs(task.total)} ${past[task.action] ?? "moved"}`,
    task.failed ? `${count(task.failed)} failed` : null,
    task.skipped ? `${count(task.skipped)} skipped` : null,
    task.state === "running" ? pace : null,
  ].filter(Boolean).join(" · ");
  return h("div", { class: "progress" },
    h("p", null, badge(task.state, TONE[task.state] ?? ""), " ", figures),
    counting ? bar(task.looked ?? 0, task.length ?? 0, "Counting")
      : bar((task.moved ?? 0) + (task.skipped ?? 0), task.total, `${verb(task)}: ${figures}`),
    task.words ? h("p", { class: "words" }, oneLine(task.words)) : null);
}

// taskButtons: cancel or resume; then(task) gets the answer, where somebody waits for it.
export function taskButtons(app, task, then) {
  const send = (what, words) => app.act(async () => {
    const answer = await post(path("tasks", task.id, what));
    then?.(answer ?? {});
  }, words);
  return [
    STOPPABLE.has(task.state) ? button(app, "Cancel", () => send("cancel", "The task is told to end."),
      { key: "cancel", "aria-label": `Cancel task ${task.id}` }) : null,
    RESUMABLE.has(task.state) ? button(app, "Go on", () => send("resume", "The task goes on."),
      { key: "resume", "aria-label": `Go on with task ${task.id}` }) : null,
  ];
}

export const taskCard = (app, task) =>
  h("article", { key: task.id, class: "card task", "data-row": "" },
    h("h2", null, `${verb(task)} dead jobs of `, link(task.queue, to("q", task.queue, "dlq"))),
    h("p", { class: "muted" }, h("bdi", null, inWords(task.select)), ` · by ${task.by ?? "?"} · `,
      "started ", when(app, task.started_ms), " · ", h("span", { class: "mono" }, task.id)),
    progress(task),
    h("p", { class: "buttons" }, taskButtons(app, task, () => app.poll.now())));

export const listOf = (answer, name) => (Array.isArray(answer) ? answer : (answer?.[name] ?? []));
export const allTasks = async () => listOf(await get(path("tasks")), "tasks");

export function tasksView() {
  let tasks = null;
  let error = null;
  return {
    title: "Tasks",
    async load() {
      try {
        tasks = await allTasks();
        error = null;
      } catch (e) {
        if (e.away || e.status === 401) throw e;
        error = e;
      }
    },
    draw(app) {
      return [
        heading("Tasks"), error ? problem(error) : null,
        tasks === null ? (error ? null : empty("Asking …"))
          : tasks.length === 0 ? empty("No bulk work yet. Retry or drop dead jobs, and it shows here with " +
            "its progress.")
          : h("div", { class: "cards" }, tasks.map((task) => taskCard(app, task))),
      ];
    },
  };
}
