# A child handler that does nothing, for the bench.
import json
import sys

jobs, answers = sys.stdin.buffer, sys.stdout.buffer
answers.write(b'{"navvy":1}\n')
answers.flush()
for line in jobs:
    job = json.loads(line)
    jobs.read(job["payload_bytes"])
    answers.write(json.dumps({"id": job["id"], "outcome": "done"}).encode() + b"\n")
    answers.flush()
