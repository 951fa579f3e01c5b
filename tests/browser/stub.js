// stub.js: the page without a navvy, to work on its looks: `node tests/browser/stub.js [port]` serves admin/page
// and answers with figures that are made up and move.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const page = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../../admin/page");
const types = { js: "text/javascript", css: "text/css", html: "text/html" };
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const began = Date.now();
const noise = (seed) => Math.sin((Date.now() / 1000) * seed) + Math.sin((Date.now() / 1700) * seed);
const queue = (name, more) => ({
  name, configured: true, paused: false, waiting: 0, held: 0, retry: 0, scheduled: 0, dlq: 0, dlq_max: 100000,
  oldest_ms: null, alive: 2, trouble: [],
  control: { version: 0, concurrency: null, log_level: null, applied: 2, workers: 2 }, ...more,
  counters: { taken: 0, done: 0, duplicate: 0, dead: 0, retried: 0, released: 0, recovered: 0, expired: 0,
    purged: 0, ...more?.counters },
});
const seconds = () => (Date.now() - began) / 1000;
const worker = (name, pid, more) => ({
  worker: `web1-${pid}-9f03c2a1b7d4e688`, queue: name, host: "web1", pid, version: "0.1.0", state: "alive", quiet: false,
  lease_ms: 21000, held: 3, applied: 0, started_ms: began - 9e6, seen_ms: Date.now(),
  pool: { running: 3, idle: 5, capacity: 8 },
  running: [{ id: `web1-${pid}-9f03c2a1b7d4e688:17`, tag: 17, type: "invoice", since_ms: Date.now() - 83000, attempt: 1 }],
  ...more,
});

const overview = () => ({
  at_ms: Date.now(), version: "0.1.0", role: process.env.STUB_ROLE ?? "operator",
  redis: { version: "7.0.15", used_memory: 212e6, maxmemory: 1e9, rtt_us: 180, policy: "noeviction" },
  queues: [
    queue("email", { waiting: Math.round(1200 + 200 * noise(0.1)), held: 16, retry: 93, dlq: 412 + Math.floor(seconds()),
      oldest_ms: 42000, counters: { done: Math.round(seconds() * 53 + 9 * noise(0.3)), taken: 90000,
        dead: 412 + Math.floor(seconds()), retried: Math.floor(seconds() * 9) } }),
    queue("thumbnails", { waiting: 3, held: 2, counters: { done: Math.round(seconds() * 210), taken: 1e6 }, oldest_ms: 20 }),
    queue("reports", { paused: true, waiting: 88, alive: 1 }),
    queue("webhooks", { waiting: 500123, alive: 0 }),
  ],
  workers: [worker("email", 4711), worker("thumbnails", 4711), worker("email", 4712, { quiet: true }),
    worker("reports", 4713, { state: "expired", held: 4, running: [] })],
});
const groups = {
  total: 412, scanned: 412, complete: true, groups: [
    { signature: "connect to smtp.example.com:# failed: connection refused", reason: "retries", count: 380,
      first_ms: began - 3.6e6, last_ms: began - 4000, example_id: "web1-4711-9f03c2a1b7d4e688:33",
      example_error: "connect to smtp.example.com:587 failed: connection refused", types: ["welcome", "invoice"] },
    { signature: "KeyError: 'customer'", reason: "permanent", count: 31, first_ms: began - 9e7, last_ms: began - 5e6,
      example_id: "web1-4711-9f03c2a1b7d4e688:34", example_error: "KeyError: 'customer'", types: ["invoice"] },
    { signature: "", reason: "malformed", count: 1, first_ms: began - 9e7, last_ms: began - 9e7,
      example_id: "web1-4711-9f03c2a1b7d4e688:35", example_error: "", types: [] }],
};
const jobs = (state, cursor) => ({
  state, total: 412, next: Number(cursor ?? 0) < 350 ? String(Number(cursor ?? 0) + 50) : null,
  items: Array.from({ length: 50 }, (_, n) => ({
    id: `web1-4711-9f03c2a1b7d4e688:${Number(cursor ?? 0) + n}`, position: n, type: "invoice", attempt: 3,
    due_ms: Date.now() + n * 1000, failed_at_ms: Date.now() - n * 9000, reason: "retries", size: 43,
    error: "connect to smtp.example.com:587 failed: connection refused", worker: "web1-4711-9f03c2a1b7d4e688",
    ...(n % 7 === 3 ? { preview_base64: "AAH//oBkYXRh" } : { preview: '{"to":"bob@example.com","order":4711}' }) })),
});
const story = (q, id) => ({
  id, queue: q, state: "dlq", where: `navvy:{${q}}:dlq`,
  explain: ["It is in the dead-letter queue of email: it failed at all of its 5 attempts.",
    "It failed last 3 min ago: connect to smtp.example.com:587 failed: connection refused."],
  next: "Nothing, until somebody retries or drops it.",
  header: { claim: id, attempt: "5", deliveries: "5", failed_at: String(Date.now() - 180000), reason: "retries",
    error: "connect to smtp.example.com:587 failed: connection refused" },
  payload: '{"to":"bob@example.com","order":4711,"lines":[1,2,3]}', payload_size: 53, truncated: false,
  fingerprint: { key: `navvy:{${q}}:fp:9f3c`, holder: id }, attempts: 5,
});

const tasks = new Map();
function task(body) {
  if (body.dry_run) return { count: body.select.ids?.length ?? 380, examples: jobs("dlq").items.slice(0, 3) };
  const id = `t${tasks.size + 1}`;
  tasks.set(id, { id, queue: "email", ...body, state: "running", by: "loopback", started_ms: Date.now(), total: 380,
    moved: 0, failed: 0, skipped: 0, words: "" });
  return tasks.get(id);
}
function moved(t) {
  if (t.state === "running") t.moved = Math.min(t.total, Math.round((Date.now() - t.started_ms) / 20));
  if (t.moved === t.total) t.state = "done";
  return { ...t, updated_ms: Date.now() };
}

function api(method, parts, url, body) {
  const [noun, name, sub, id, verb] = parts;
  if (noun === "overview") return overview();
  if (noun === "journal") return [{ at_ms: began, who: "ada", where: "cli web1", what: "pause", queue: "reports", count: null }];
  if (noun === "tasks" && method === "POST") tasks.get(name).state = "cancelled";
  if (noun === "tasks") return name ? moved(tasks.get(name)) : [...tasks.values()].map(moved);
  if (method === "POST") return sub === "dlq" && id === "tasks" ? task(body) : {};
  if (noun === "queues" && sub === "jobs") return id ? story(name, id) : jobs(url.searchParams.get("state"), url.searchParams.get("cursor"));
  if (noun === "queues" && sub === "dlq" && id === "groups") return name === "email" ? groups : { total: 0, scanned: 0, complete: true, groups: [] };
  return verb ?? null;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, "http://stub");
  let text = "";
  for await (const chunk of request) text += chunk;
  response.setHeader("Content-Security-Policy", csp);
  if (url.pathname.startsWith("/api/v1/")) {
    const parts = url.pathname.slice(8).split("/").map(decodeURIComponent);
    const answer = api(request.method, parts, url, text ? JSON.parse(text) : null);
    response.writeHead(answer === null ? 404 : 200, { "Content-Type": "application/json" });
    return response.end(JSON.stringify(answer ?? { error: "no such thing", hint: "" }));
  }
  const file = url.pathname === "/" ? "index.html" : url.pathname.slice(1).replace(/[^a-z.]/g, "");
  const bytes = await readFile(join(page, file)).catch(() => null);
  response.writeHead(bytes ? 200 : 404, { "Content-Type": types[file.split(".").pop()] ?? "text/plain" });
  response.end(bytes ?? "");
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
