// bullmq: fills its queue, or drains it with a handler that does nothing. Run by ./run.
// Usage: node bullmq.js fill|work SOCKET JOBS BYTES   (NODE_PATH: where bullmq is installed)
const { Queue, Worker } = require('bullmq');

const [verb, path, jobs, bytes] = process.argv.slice(2);
const connection = { path, maxRetriesPerRequest: null };

async function fill(count, size) {
  const queue = new Queue('jobs', { connection, defaultJobOptions: { removeOnComplete: true, removeOnFail: true } });
  for (let first = 0; first < count; first += 1000) {
    const length = Math.min(1000, count - first);
    await queue.addBulk(Array.from({ length }, (_, i) => ({
      name: 'noop',
      data: { p: String(first + i).padStart(size, '0') },
    })));
  }
  await queue.close();
}

// Its own marks are the times: the first call of the handler, and the last one.
function work(count) {
  let calls = 0;
  new Worker('jobs', async () => {
    calls += 1;
    if (calls === 1 || calls === count) console.log(String(process.hrtime.bigint()));
  }, { connection, concurrency: 50 });
  process.on('SIGTERM', () => process.exit(0));
}

if (verb === 'fill') fill(Number(jobs), Number(bytes));
else work(Number(jobs));
