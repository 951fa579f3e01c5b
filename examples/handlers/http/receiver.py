#!/usr/bin/env python3
"""A receiver for navvy's http handler, with nothing but the standard library.

    python3 receiver.py 8080        (0: any free port; the first line that it prints says which)

Each answer is an outcome of the job. A job may come more than once, always with the same
Idempotency-Key, so what was done under a key is remembered, and not done again. A real
receiver keeps that in its database, in the same transaction as the work.
"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

done = {}


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # so that connections are kept

    def do_POST(self):
        payload = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        try:
            to = json.loads(payload)["to"]
        except (ValueError, KeyError, TypeError):
            return self.answer(400, "no JSON object with a `to`")  # permanent: dead-letter queue
        if to == "busy":
            return self.answer(503, "try again", {"Retry-After": "30"})  # retry, in 30 s
        if to == "asleep":  # snooze: later, and it costs no attempt
            return self.answer(200, "", {"Navvy-Outcome": "snooze", "Navvy-Delay": "10m"})
        if key not in done:
            done[key] = f"sent to {to}"
        self.answer(200, done[key])  # done; the body is the result

    def answer(self, status, text, headers={}):
        body = text.encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, fmt, *args):
        print(self.headers["Navvy-Id"], "attempt", self.headers["Navvy-Attempt"], fmt % args, file=sys.stderr)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8080), Receiver)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()
