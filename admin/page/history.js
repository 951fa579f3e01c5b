// history.js: what the polled counters were, so that rates and charts can be told from them. It begins when the
// page is opened, lasts 15 minutes, and survives a reload of the tab.

const SPAN_MS = 15 * 60 * 1000;
const QUEUES_MAX = 200; // beyond, only the whole fleet has charts
const KEY = "navvy.history";
const KEPT_BYTES_MAX = 1500000;

// Counters grow, and are shown as rates; levels are shown as they are.
const COUNTERS = {
  done: (q) => q.counters?.done,
  failed: (q) => (q.counters?.dead ?? 0) + (q.counters?.retried ?? 0),
  dead: (q) => q.counters?.dead,
  taken: (q) => q.counters?.taken,
};
const LEVELS = {
  backlog: (q) => q.backlog,
  dlq: (q) => q.dlq,
  oldest: (q) => q.oldest_ms,
};
const KINDS = [...Object.keys(COUNTERS), ...Object.keys(LEVELS)];

export class History {
  constructor() {
    this.samples = []; // {at, whole: [a number of each kind], queues: {name: [...]}}
    this.load();
  }

  add(overview) {
    const last = this.samples.at(-1);
    if (last && overview.at_ms <= last.at) return;
    const sample = { at: overview.at_ms, whole: KINDS.map(() => 0), queues: {} };
    overview.queues.forEach((queue, n) => {
      const row = KINDS.map((kind) => Number((COUNTERS[kind] ?? LEVELS[kind])(queue) ?? 0));
      if (n < QUEUES_MAX) sample.queues[queue.name] = row;
      row.forEach((value, i) => {
        const sum = KINDS[i] !== "oldest";
        sample.whole[i] = sum ? sample.whole[i] + value : Math.max(sample.whole[i], value);
      });
    });
    this.samples.push(sample);
    while (this.samples[0].at < sample.at - SPAN_MS) this.samples.shift();
  }

  // points(queue, kind): [{at, value}] of one queue, or of all if queue is null. Of counters, the rate
  // since the sample before; after a counter went back (a new Redis) there is a gap.
  points(queue, kind) {
    const i = KINDS.indexOf(kind);
    const points = [];
    let before = null;
    for (const sample of this.samples) {
      const row = queue === null ? sample.whole : sample.queues[queue];
      if (!row) continue;
      if (kind in LEVELS) points.push({ at: sample.at, value: row[i] });
      else if (before && row[i] >= before.value)
        points.push({
          at: sample.at,
          value: ((row[i] - before.value) * 1000) / (sample.at - before.at),
        });
      before = { at: sample.at, value: row[i] };
    }
    return points;
  }

  // growth(queue, kind, ms): how much it has grown in about that time, and in which time; null: unknown.
  growth(queue, kind, ms) {
    const i = KINDS.indexOf(kind);
    const last = this.samples.at(-1);
    const first = this.samples.find((s) => s.at >= (last?.at ?? 0) - ms);
    const of = (s) => (queue === null ? s?.whole : s?.queues[queue])?.[i];
    if (first === last || of(first) === undefined || of(last) === undefined) return null;
    return { by: Math.max(0, of(last) - of(first)), in_ms: last.at - first.at };
  }

  rate(queue, kind, ms = 10000) {
    const growth = this.growth(queue, kind, ms);
    return growth ? (growth.by * 1000) / growth.in_ms : NaN;
  }

  save() {
    try {
      const text = JSON.stringify({ kinds: KINDS, samples: this.samples });
      if (text.length < KEPT_BYTES_MAX) sessionStorage.setItem(KEY, text);
    } catch {
      // no storage, or it is full: the charts begin anew
    }
  }

  load() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(KEY));
      if (kept?.kinds?.join() === KINDS.join()) this.samples = kept.samples;
    } catch {
      // as if there were none
    }
  }
}
