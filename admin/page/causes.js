// causes.js: why the jobs of a queue die: the groups of its dead-letter queue, asked for rarely and kept. A scan of
// a long DLQ goes on in navvy; each answer says how far it is.

import { get, path } from "./api.js";

const AGAIN_MS = 10000;
const QUEUES_MAX = 3; // at once, for the overview

const asked = new Map(); // queue -> the question that is under way
const known = new Map(); // queue -> {at, groups, total, scanned, complete}

export const of = (queue) => known.get(queue);

// look(queue, atMost): asks if the last answer is old, or is not whole yet.
export async function look(queue, always) {
  const last = known.get(queue);
  if (last && !always && last.complete && Date.now() - last.at < AGAIN_MS) return last;
  if (!asked.has(queue)) {
    const answer = get(path("queues", queue, "dlq", "groups"));
    asked.set(queue, answer);
    answer.then((groups) => known.set(queue, { ...groups, at: Date.now() }), () => null)
      .finally(() => asked.delete(queue));
  }
  await asked.get(queue);
  return known.get(queue);
}

// lookAtWorst: the top causes of the queues with most dead jobs.
export async function lookAtWorst(queues) {
  const worst = queues.filter((q) => q.dlq > 0).sort((a, b) => b.dlq - a.dlq).slice(0, QUEUES_MAX);
  await Promise.all(worst.map((queue) => look(queue.name).catch(() => null)));
}

export const top = (queue) => known.get(queue)?.groups?.[0] ?? null;
