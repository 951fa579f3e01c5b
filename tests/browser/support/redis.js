// redis.js: a private redis-server on a unix socket in a temporary folder, and a client that speaks enough of its
// protocol for tests: many commands at once, answers in order.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { eventually } from "./eventually.js";

class Client {
  constructor(socket) {
    this.socket = socket;
    this.waiting = [];
    this.rest = Buffer.alloc(0);
    socket.on("data", (bytes) => this.take(bytes));
    socket.on("error", () => {});
  }

  // call("LPUSH", "email", "a"): strings or buffers; resolves to a string, a number, null or an array.
  call(...words) {
    const parts = [Buffer.from(`*${words.length}\r\n`)];
    for (const word of words) {
      const bytes = Buffer.isBuffer(word) ? word : Buffer.from(String(word));
      parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from("\r\n"));
    }
    this.socket.write(Buffer.concat(parts));
    return new Promise((resolve, reject) => this.waiting.push({ resolve, reject }));
  }

  take(bytes) {
    this.rest = Buffer.concat([this.rest, bytes]);
    for (;;) {
      const found = read(this.rest, 0);
      if (!found) return;
      this.rest = this.rest.subarray(found.end);
      const { resolve, reject } = this.waiting.shift();
      found.value instanceof Error ? reject(found.value) : resolve(found.value);
    }
  }
}

// read: the reply that begins at `at`, or null while it is not whole.
function read(bytes, at) {
  const line = bytes.indexOf("\r\n", at);
  if (line < 0) return null;
  const kind = String.fromCharCode(bytes[at]);
  const text = bytes.toString("utf8", at + 1, line);
  const end = line + 2;
  if (kind === "+") return { value: text, end };
  if (kind === "-") return { value: new Error(text), end };
  if (kind === ":") return { value: Number(text), end };
  const size = Number(text);
  if (size < 0) return { value: null, end };
  if (kind === "$")
    return bytes.length < end + size + 2 ? null : { value: bytes.toString("utf8", end, end + size), end: end + size + 2 };
  const value = [];
  let next = end;
  for (let n = 0; n < size; n++) {
    const item = read(bytes, next);
    if (!item) return null;
    value.push(item.value);
    next = item.end;
  }
  return { value, end: next };
}

export async function startRedis(dir) {
  const path = join(dir, "redis.sock");
  const server = spawn("redis-server", ["--port", "0", "--unixsocket", path, "--save", "", "--dir", dir],
    { stdio: "ignore" });
  const socket = await eventually(async () => {
    const attempt = connect(path);
    await once(attempt, "connect");
    return attempt;
  }, "redis-server to listen");
  const client = new Client(socket);
  return {
    url: `unix://${path}`,
    call: (...words) => client.call(...words),
    async stop() { // may be called again
      socket.destroy();
      server.kill("SIGKILL");
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    },
  };
}
