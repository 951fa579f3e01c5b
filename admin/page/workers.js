// workers.js: the processes of the fleet: where they are, what they run and for how long, and what they can be told.

import { path, post } from "./api.js";
import * as dialog from "./dialog.js";
import { h } from "./dom.js";
import { badge, button, empty, heading, link, readOnlyNote, table, to, when } from "./pieces.js";
import { age, count, oneLine, said, short } from "./words.js";

const LONG_MS = 10 * 60 * 1000; // a job that runs longer stands out

// processes(workers): a worker has an entry for each queue that it serves; here they are one.
export function processes(workers) {
  const found = new Map();
  for (const worker of workers) {
    const key = worker.pid ? `${worker.host} ${worker.pid}` : worker.worker;
    if (!found.has(key)) found.set(key, { key, ...worker, entries: [] });
    found.get(key).entries.push(worker);
  }
  return [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function state(p) {
  const gone = p.entries.filter((e) => e.state !== "alive");
  if (gone.length === p.entries.length) return badge(p.state === "recovering" ? "recovering" : "lease over", "bad");
  if (p.entries.some((e) => e.quiet)) return badge("quiet", "warn");
  return badge("alive", "good");
}

// Each queue's entry is as old as the last change there; the newest speaks of the whole process.
const pool = (p) => {
  const newest = p.entries.reduce((best, e) => ((e.seen_ms ?? 0) > (best.seen_ms ?? 0) ? e : best));
  const { running, capacity } = newest.pool ?? {};
  return capacity ? `${count(running)} of ${count(capacity)}` : count(running ?? NaN);
};

async function order(app, p, verb) {
  const words = {
    quiet: [`Let ${p.host} ${p.pid} take no more jobs?`, "What it runs, it finishes. It takes again after “Resume”.",
      "Quiet it"],
    stop: [`Stop ${p.host} ${p.pid}?`, "It finishes what it runs, gives the rest back, and ends. Its supervisor " +
      "starts another one, unless that ends too.", "Stop it"],
  }[verb];
  if (words && !(await dialog.confirm({ title: words[0], words: words[1], go: words[2], danger: verb === "stop" })))
    return;
  await app.act(async () => {
    for (const worker of new Set(p.entries.map((e) => e.worker))) await post(path("workers", worker, verb));
  }, `${p.host} ${p.pid}: ${verb} is ordered.`);
}

const buttons = (app, p) => {
  const name = `${p.host} ${p.pid}`;
  const quiet = p.entries.some((e) => e.quiet);
  if (p.entries.every((e) => e.state !== "alive")) return null;
  return h("span", { class: "buttons" },
    button(app, quiet ? "Resume" : "Quiet", () => order(app, p, quiet ? "resume" : "quiet"),
      { class: "small", "aria-label": `${quiet ? "Resume" : "Quiet"} ${name}` }),
    button(app, "Stop", () => order(app, p, "stop"), { class: "small", "aria-label": `Stop ${name}` }));
};

export const workerTable = (app, rows) =>
  table({
    label: "Workers", rows, key: (p) => p.key,
    columns: [
      { name: "Host and process", main: true, cell: (p) =>
        link(`${p.host ?? p.worker} ${p.pid ?? ""}`, to("workers", p.key), { class: "name" }) },
      { name: "State", cell: state },
      { name: "Queues", wide: true, cell: (p) =>
        p.entries.map((e, n) => [n ? ", " : "", link(e.queue, to("q", e.queue))]) },
      { name: "Running", number: true, cell: pool },
      { name: "Held", number: true, cell: (p) => short(p.entries.reduce((n, e) => n + (e.held ?? 0), 0)) },
      { name: "Since", cell: (p) => when(app, p.started_ms) },
      { name: "Version", cell: (p) => p.version ?? "–" },
      { name: "", cell: (p) => buttons(app, p) },
    ],
  });

const running = (p) =>
  p.entries
    .flatMap((e) => (e.running ?? []).map((job) => ({ ...job, queue: e.queue, id: job.id ?? job.claim })))
    .sort((a, b) => a.since_ms - b.since_ms);

export async function stopJob(app, queue, id) {
  if (!(await dialog.confirm({
    title: "Stop this job?", go: "Stop it", danger: true,
    words: ["Its handler is told to end, and is ended if it does not. The job goes to the dead-letter queue, " +
      "reason cancelled; from there it can be retried."],
  }))) return;
  await app.act(() => post(path("queues", queue, "jobs", id, "cancel")), "The job is told to stop.");
}

const runningTable = (app, jobs, withWorker) =>
  table({
    label: "Running jobs", rows: jobs, key: (job) => `${job.queue} ${job.id}`,
    tone: (job) => (app.now() - job.since_ms > LONG_MS ? "long" : ""),
    columns: [
      { name: "Job", main: true, cell: (job) =>
        link(job.id ?? `tag ${job.tag}`, to("q", job.queue, "job", job.id), { class: "mono id" }) },
      { name: "Queue", cell: (job) => link(job.queue, to("q", job.queue)) },
      { name: "Type", cell: (job) => h("bdi", null, oneLine(said(job, "type"))) },
      withWorker && { name: "On", cell: (job) => job.on },
      { name: "Runs for", number: true, cell: (job) => age(app.now() - job.since_ms) },
      { name: "Attempt", number: true, cell: (job) => count(job.attempt) },
      { name: "", cell: (job) => button(app, "Stop job", () => stopJob(app, job.queue, job.id),
        { class: "small", "aria-label": `Stop job ${job.id}` }) },
    ],
  });

export function workersView({ key }) {
  return {
    title: "Workers",
    draw(app) {
      const all = processes(app.overview.workers);
      const rows = key ? all.filter((p) => p.key === key) : all;
      const jobs = rows.flatMap((p) =>
        running(p).map((job) => ({ ...job, on: `${p.host} ${p.pid}` })));
      jobs.sort((a, b) => a.since_ms - b.since_ms);
      return [
        heading(key ? `Worker ${key}` : "Workers",
          key ? link("All workers", to("workers"), { class: "up", "data-up": "" }) : null),
        readOnlyNote(app),
        rows.length ? workerTable(app, rows)
          : empty(key ? "It is gone." : "No worker is alive. Start one with ",
            key ? null : h("code", null, "navvy run"), key ? null : "."),
        rows.length ? h("section", { key: "running" }, h("h2", null, "Running now, the longest first"),
          jobs.length ? runningTable(app, jobs, !key) : empty("Nothing runs at this moment.")) : null,
      ];
    },
  };
}
