// A child handler that does nothing, for the bench: the jobs of one piece of stdin are answered at once.
'use strict';
let bytes = Buffer.alloc(0);
process.stdin.on('data', (piece) => {
  bytes = bytes.length > 0 ? Buffer.concat([bytes, piece]) : piece;
  let answers = '';
  for (let end; (end = bytes.indexOf(10)) >= 0;) {
    const job = JSON.parse(bytes.subarray(0, end));
    const next = end + 1 + job.payload_bytes;
    if (bytes.length < next) break;
    answers += JSON.stringify({ id: job.id, outcome: 'done' }) + '\n';
    bytes = bytes.subarray(next);
  }
  if (answers !== '') process.stdout.write(answers);
});
process.stdout.write('{"navvy":1,"concurrency":8}\n');
