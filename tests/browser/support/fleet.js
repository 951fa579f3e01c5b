// fleet.js: a navvy as an operator has it: a Redis, `navvy run` with real workers, and the address of its page.
// Everything is in a temporary folder and ends with the test.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.js";
import { startRedis } from "./redis.js";

const NAVVY = process.env.NAVVY_BIN;
if (!NAVVY) throw new Error("NAVVY_BIN names no program; use tests/browser/run");

// Fails as a mail server would that is down, until there is a file `up` beside it.
const MAILER = `#!/bin/sh
payload=$(cat)
if [ ! -e "$(dirname "$0")/up" ]; then
  n=$(printf %s "$payload" | tr -cd 0-9)
  case $payload in
  *customer*) echo "KeyError: 'customer'" >&2; exit 65 ;;
  esac
  echo "connect to 10.0.0.$((n % 250)):587: connection refused (try $n)" >&2
  exit 1
fi
`;

const CONFIG = (dir) => `
log: { level: info, format: json }
pool: { min: 2, max: 4 }
queues:
  email:
    handler: { exec: [${dir}/mailer] }
    retry: { max_attempts: 1 }
  bytes:
    handler: { builtin: fail }
    retry: { max_attempts: 1 }
  slow:
    handler: { exec: [sleep, "60"] }
  quick:
    handler: { builtin: noop }
`;

class Fleet {
  constructor() {
    this.dir = mkdtempSync(join(tmpdir(), "navvy-page."));
    writeFileSync(join(this.dir, "mailer"), MAILER, { mode: 0o755 });
    writeFileSync(join(this.dir, "navvy.yaml"), CONFIG(this.dir));
    this.log = "";
  }

  // run: `navvy run`; at the port it had before, if there was one.
  async run(environment) {
    this.environment = environment ?? this.environment ?? {};
    this.process = spawn(NAVVY, ["run", "--config", join(this.dir, "navvy.yaml"), "--redis", this.redis.url], {
      env: { ...process.env, NAVVY_ADMIN_LISTEN: `127.0.0.1:${this.port ?? 0}`, ...this.environment },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const from = this.log.length;
    this.process.stderr.on("data", (text) => (this.log += text));
    const found = await eventually(() => this.log.slice(from).match(/"msg":"listen","address":"http:\/\/127\.0\.0\.1:(\d+)\/"/),
      `navvy to listen; it said:\n${this.log}`).catch((error) => {
      throw new Error(`${error.message}\n${this.log}`);
    });
    this.port = Number(found[1]);
    this.url = `http://127.0.0.1:${this.port}/`;
  }

  async halt(signal = "SIGKILL") {
    const { process } = this;
    if (!process || process.exitCode !== null || process.signalCode !== null) return;
    process.kill(signal);
    await once(process, "exit");
  }

  repairMailer() {
    writeFileSync(join(this.dir, "up"), "");
  }

  push(queue, ...elements) {
    return this.redis.call("LPUSH", queue, ...elements);
  }
  async counter(queue, name) {
    return Number((await this.redis.call("HGET", `navvy:{${queue}}:meta`, name)) ?? 0);
  }
  until(queue, name, n) {
    return eventually(async () => (await this.counter(queue, name)) >= n, `${queue}: ${n} ${name}`);
  }

  async stop() {
    await this.halt();
    await this.redis.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export async function startFleet(t, environment) {
  const fleet = new Fleet();
  fleet.redis = await startRedis(fleet.dir);
  t.after(() => fleet.stop());
  await fleet.run(environment);
  return fleet;
}
