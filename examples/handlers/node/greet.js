// A child handler: up to 16 jobs at once. Try it:
//
//     navvy try greet '{"name":"Ada"}' --config examples/handlers/navvy.yaml --type node
'use strict';
console.log = console.error; // what a library prints goes to the log, not among the answers

const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');
const running = new Map(); // claim id -> AbortController, for jobs that navvy cancels

// What becomes of the job. `signal` says that it should stop.
async function handle(job, payload, signal) {
  let name;
  try {
    name = JSON.parse(payload).name;
  } catch {}
  if (!name) return { outcome: 'permanent', error: 'the payload has no "name"' };
  return { outcome: 'done', result: `Hello, ${name}!` };
}

async function run(job, payload) {
  const abort = new AbortController();
  running.set(job.id, abort);
  try {
    say({ id: job.id, ...(await handle(job, payload, abort.signal)) });
  } catch (error) { // whatever it is, it may pass: tried again
    say({ id: job.id, outcome: 'retry', error: String(error) });
  }
  running.delete(job.id);
}

// Jobs come in pieces of any size: a line, then as many bytes as it says.
let bytes = Buffer.alloc(0);
process.stdin.on('data', (piece) => {
  bytes = bytes.length > 0 ? Buffer.concat([bytes, piece]) : piece;
  for (let start = 0, end; ; start = 0) {
    end = bytes.indexOf(10);
    if (end < 0) return;
    const line = JSON.parse(bytes.subarray(start, end));
    const next = end + 1 + (line.payload_bytes || 0);
    if (bytes.length < next) return;
    if ('ping' in line) say({ pong: line.ping });
    else if ('cancel' in line) running.get(line.cancel)?.abort();
    else run(line, bytes.subarray(end + 1, next));
    bytes = bytes.subarray(next);
  }
});
say({ navvy: 1, concurrency: 16, ping: true });
