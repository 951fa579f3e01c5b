// trouble.js: what is wrong, in words, the worst first, each with the place where to go on. What the figures
// say now, and what the last minutes say; navvy's own words (`trouble`) where nothing here covers them.

import { to } from "./pieces.js";
import { age, bytes, count, jobs, plural } from "./words.js";

const MINUTE = 60000;
const LATE_MS = 5 * MINUTE;
const FAILING_SHARE = 0.1;
const STOPPED = 3; // nothing goes on
const FAILS = 2; // jobs fail
const LOOK = 1; // worth a look

const waitingOf = (q) => q.waiting + q.retry;

function stopped(q) {
  if (q.dlq_max && q.dlq >= q.dlq_max)
    return {
      id: "full", level: STOPPED, href: to("q", q.name, "dlq"), go: "Make room",
      words: `has stopped: its dead-letter queue is full (${count(q.dlq)} of ${count(q.dlq_max)})`,
    };
  if (q.paused)
    return waitingOf(q) > 0 || q.scheduled > 0
      ? { id: "paused", level: LOOK, href: to("q", q.name), go: "Look at it",
        words: `is paused while ${jobs(waitingOf(q) + q.scheduled)} wait` }
      : null;
  if (q.alive === 0 && waitingOf(q) > 0)
    return {
      id: "workers", level: STOPPED, href: to("q", q.name), go: "Look at it",
      words: `has no worker; ${jobs(waitingOf(q))} wait`,
    };
  return null;
}

// failing: by what ended in the last minute, or by what lies in the DLQ.
function failing(q, history) {
  const failed = history.growth(q.name, "failed", MINUTE);
  const done = history.growth(q.name, "done", MINUTE);
  const dead = history.growth(q.name, "dead", MINUTE);
  const runs = failed ? failed.by + done.by : 0;
  const where = q.dlq > 0 ? to("q", q.name, "dlq") : to("q", q.name, "jobs", "retry");
  if (failed?.by > 0 && failed.by / runs >= FAILING_SHARE) {
    const which = failed.by < runs ? `${count(failed.by)} of its last ${count(runs)} runs`
      : runs === 1 ? "its last run" : `all of its last ${count(runs)} runs`;
    const dying = !(dead?.by > 0) ? "" : dead.by === failed.by ? ", for good" : `, ${count(dead.by)} for good`;
    return {
      id: "failing", why: true, level: FAILS, href: where, go: "See why",
      words: `fails: ${which}${dying}` + (q.dlq > 0 ? `; ${count(q.dlq)} dead in all` : ""),
    };
  }
  if (q.dlq > 0)
    return {
      id: "dead", why: true, level: dead?.by > 0 ? FAILS : LOOK, href: where, go: "See why",
      words: `has ${plural(q.dlq, "dead job")}` +
        (dead?.by > 0 ? `, ${count(dead.by)} of them of the last minute` : ""),
    };
  return null;
}

function late(q) {
  if (q.paused || q.alive === 0 || !(q.oldest_ms >= LATE_MS)) return null;
  return {
    id: "late", level: LOOK, href: to("q", q.name), go: "Look at it",
    words: `is behind: its oldest job has waited ${age(q.oldest_ms)}`,
  };
}

// What the rules above say in their own way is not said twice.
const COVERED = new Set(["dlq_full", "no_worker", "recovering", "expired", "paused"]);
const told = (q) =>
  (q.trouble ?? []).filter((_, n) => !COVERED.has(q.trouble_names?.[n])).map((words) => ({
    id: words, level: STOPPED, href: to("q", q.name), go: "Look at it", words: `: ${words}`,
  }));

export const ofQueue = (q, history) =>
  [stopped(q), failing(q, history), late(q), ...told(q)]
    .filter(Boolean)
    .map((t) => ({ ...t, key: `${q.name} ${t.id}`, queue: q.name }));

function ofRedis(redis) {
  const found = [];
  const say = (id, level, words) =>
    found.push({ key: "redis " + id, subject: "Redis", level, words, href: to(), go: "" });
  const full = redis.maxmemory > 0 ? redis.used_memory / redis.maxmemory : 0;
  if (full >= 0.9)
    say("memory", full >= 0.98 ? STOPPED : FAILS,
      `is ${full >= 0.98 ? "full" : "almost full"}: ${bytes(redis.used_memory)} of ` +
      `${bytes(redis.maxmemory)}. What waits is still worked off, but producers are refused`);
  if (redis.policy && redis.policy !== "noeviction")
    say("policy", STOPPED, `may throw jobs away: its maxmemory-policy is ${redis.policy}, not noeviction`);
  if (redis.rtt_us > 100000) say("slow", LOOK, `is slow: ${age(redis.rtt_us / 1000)} for one answer`);
  return found;
}

function ofWorkers(workers) {
  const gone = workers.filter((w) => w.state === "expired" || w.state === "recovering");
  if (!gone.length) return [];
  const held = gone.reduce((sum, w) => sum + (w.held ?? 0), 0);
  return [{
    key: "workers", subject: plural(gone.length, "worker"), level: LOOK, href: to("workers"), go: "Look",
    words: `${gone.length === 1 ? "has" : "have"} died; ${jobs(held)} held there ` +
      "are given back by others when the lease is over",
  }];
}

export function ofFleet(overview, history) {
  const found = [
    ...ofRedis(overview.redis ?? {}),
    ...ofWorkers(overview.workers ?? []),
    ...overview.queues.flatMap((q) => ofQueue(q, history)),
  ];
  return found.sort((a, b) => b.level - a.level);
}

export const LEVELS = { STOPPED, FAILS, LOOK };
