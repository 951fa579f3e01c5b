// overview.js: the fleet in one look: four lines over time, why jobs die, and the queues.

import * as causes from "./causes.js";
import { chart } from "./chart.js";
import { h } from "./dom.js";
import { heading, link, section, to, when } from "./pieces.js";
import { queueTable } from "./queues.js";
import { age, bytes, count, oneLine, plural, rate, said, short } from "./words.js";

const QUEUES_SHOWN = 12;

export const charts = (app, queue) => {
  const line = (kind) => app.history.points(queue, kind);
  const name = (kind) => `${queue ?? ""} ${kind}`;
  const redraw = app.redraw;
  return h("div", { class: "charts" },
    chart({ name: name("done"), label: "Done", points: line("done"), format: rate, redraw }),
    chart({ name: name("failed"), label: "Failed runs", points: line("failed"), format: rate,
      tone: "bad", redraw }),
    chart({ name: name("backlog"), label: "Backlog", points: line("backlog"), format: short, redraw,
      note: "waiting, held, due" }),
    chart({ name: name("oldest"), label: "Latency", points: line("oldest"), format: age, redraw, note: "oldest wait" }));
};

const cause = (queue, group, app) =>
  h("li", { key: `${queue} ${group.signature}` },
    h("a", { href: to("q", queue, "dlq"), class: "cause" },
      h("b", null, count(group.count)), " ", h("span", { class: "muted" }, queue), " ",
      h("bdi", { class: "mono" }, oneLine(said(group, "signature") || group.reason)),
      h("span", { class: "muted" }, " last ", when(app, group.last_ms))));

function why(app) {
  const rows = app.overview.queues
    .filter((q) => q.dlq > 0)
    .flatMap((q) => (causes.of(q.name)?.groups ?? []).slice(0, 3).map((group) => [q.name, group]))
    .sort((a, b) => b[1].count - a[1].count)
    .slice(0, 5);
  if (!rows.length) return null;
  return section("Why jobs die", h("ul", { class: "causes" }, rows.map(([q, g]) => cause(q, g, app))));
}

// The worst first: what has trouble, then what has most to do.
export function byTrouble(app, queues) {
  const level = new Map();
  for (const t of app.troubles) if (t.queue) level.set(t.queue, Math.max(level.get(t.queue) ?? 0, t.level));
  const weight = (q) => q.waiting + q.retry + q.held;
  return [...queues].sort((a, b) =>
    (level.get(b.name) ?? 0) - (level.get(a.name) ?? 0) || weight(b) - weight(a) ||
    (a.name < b.name ? -1 : 1));
}

function fleetLine(app) {
  const { redis = {}, workers = [], queues } = app.overview;
  const processes = new Set(workers.map((w) => `${w.host} ${w.pid}`)).size;
  const memory = redis.maxmemory
    ? `${bytes(redis.used_memory)} of ${bytes(redis.maxmemory)}` : bytes(redis.used_memory);
  return h("p", { class: "muted fleet" },
    link(plural(queues.length, "queue"), to("queues")), " · ",
    link(plural(processes, "worker process", "worker processes"), to("workers")), " · ",
    `Redis ${redis.version ?? ""}, ${memory}, answers in ${age((redis.rtt_us ?? NaN) / 1000)}`);
}

export function overviewView() {
  return {
    title: "Overview",
    draw(app) {
      const queues = byTrouble(app, app.overview.queues);
      const rest = queues.length - QUEUES_SHOWN;
      return [
        heading("Overview", fleetLine(app)),
        charts(app, null),
        why(app),
        section("Queues", queueTable(app, queues.slice(0, QUEUES_SHOWN)),
          rest > 0 ? h("p", null, link(`All ${count(queues.length)} queues`, to("queues"))) : null),
      ];
    },
  };
}
