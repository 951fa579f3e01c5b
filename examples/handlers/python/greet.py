"""A child handler: one job after the other. Try it:

    navvy try greet '{"name":"Ada"}' --config examples/handlers/navvy.yaml
"""
import json
import sys

jobs, answers = sys.stdin.buffer, sys.stdout.buffer
sys.stdout = sys.stderr  # what a library prints goes to the log, not among the answers


def say(line):
    answers.write(json.dumps(line).encode() + b"\n")
    answers.flush()


def handle(job, payload):
    """Returns what becomes of the job."""
    try:
        name = json.loads(payload)["name"]
    except (ValueError, KeyError, TypeError):
        name = None
    if not name:
        return {"outcome": "permanent", "error": 'the payload has no "name"'}
    return {"outcome": "done", "result": f"Hello, {name}!"}


say({"navvy": 1, "ping": True})
for line in jobs:
    job = json.loads(line)
    if "ping" in job:
        say({"pong": job["ping"]})
        continue
    payload = jobs.read(job["payload_bytes"])
    try:
        answer = handle(job, payload)
    except Exception as error:  # whatever it is, it may pass: tried again
        answer = {"outcome": "retry", "error": f"{type(error).__name__}: {error}"}
    say({"id": job["id"], **answer})
