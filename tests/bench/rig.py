"""rig: what the benches in Python stand on: a redis-server of their own on a unix socket, a navvy, what /proc says of
both, medians and tables. Everything is started by its `with` and ended by its pid at the end of it."""
import json, os, shutil, socket, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NAVVY = os.environ.get("NAVVY", os.path.join(ROOT, "build/release/navvy"))
HZ = os.sysconf("SC_CLK_TCK")


def need_navvy():
    if not os.access(NAVVY, os.X_OK):
        sys.exit(f"no {NAVVY}; build it: cmake --preset release && cmake --build --preset release")


class Connection:
    """A blocking client that speaks just enough RESP2."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb", buffering=1 << 20)

    def send(self, *words):
        words = [w if isinstance(w, bytes) else str(w).encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))

    def receive(self):
        line = self.file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        if kind == b"$":
            size = int(rest)
            return None if size < 0 else self.file.read(size + 2)[:-2]
        if kind == b"*":
            return [self.receive() for _ in range(int(rest))]
        return int(rest) if kind == b":" else rest.decode()

    def __call__(self, *words):
        self.send(*words)
        return self.receive()


class Redis:
    def __init__(self, *options):
        self.options = options

    def __enter__(self):
        self.dir = tempfile.mkdtemp(prefix="navvy-bench.")
        self.socket = os.path.join(self.dir, "redis.sock")
        self.url = "unix://" + self.socket
        self.log = open(os.path.join(self.dir, "redis.log"), "wb")
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.dir,
                                         "--save", "", *self.options], stdout=self.log, stderr=self.log)
        self.pid = self.process.pid
        until(self.connect, 10)
        return self

    def connect(self):
        try:
            self.cmd = Connection(self.socket)
            return self.cmd("PING") == "PONG"
        except (OSError, RuntimeError):
            return False

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    def calls(self):
        """Commands so far, those inside of scripts included."""
        info = self.cmd("INFO", "stats").decode()
        return int(info.split("total_commands_processed:")[1].split()[0])

    @staticmethod
    def payload(number, size):
        """As tests/bench/payloads makes them, and why."""
        unit = b"%011d" % ((number + 1) * 48271 % 2147483647)
        return (unit * (size // 11 + 1))[:size] if size >= 11 else b"%0*d" % (size, number)

    def push(self, queue, jobs, size, first_job=0):
        """`jobs` elements of `size` bytes, each of them different."""
        chunk = max(1, min(2000, (4 << 20) // size))
        for first in range(0, jobs, chunk):
            last = min(jobs, first + chunk)
            numbers = range(first_job + first, first_job + last)
            self.cmd("LPUSH", queue, *(self.payload(number, size) for number in numbers))

    def fill(self, queue, jobs, size, first_job=0):
        """The same while nobody takes."""
        self.push(queue, jobs, size, first_job)
        if self.cmd("LLEN", queue) != jobs:
            sys.exit("the queue was not filled")

    def count(self, queue, field="done"):
        return int(self.cmd("HGET", "navvy:{%s}:meta" % queue, field) or 0)


class Navvy:
    """One `navvy run`. `config`: its YAML behind `redis:`. Another `program` than NAVVY, another `url` to reach Redis at."""

    def __init__(self, redis, config, env=None, program=NAVVY, url=None):
        self.program = program
        self.config = os.path.join(redis.dir, "navvy.%d.yaml" % time.monotonic_ns())
        with open(self.config, "w") as file:
            file.write('redis: { url: "%s" }\n%s' % (url or redis.url, config))
        unwatched = {} if "admin:" in config else {"NAVVY_ADMIN_LISTEN": "off"}  # a process less
        self.env = {**os.environ, **unwatched, **(env or {})}

    def __enter__(self):
        self.log = open(self.config + ".log", "w+b")
        self.process = subprocess.Popen([self.program, "run", "--config", self.config], stderr=self.log, env=self.env)
        self.pid = self.process.pid
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def pids(self):
        """The supervisor and its workers."""
        return [self.pid, *children(self.pid)]

    def must_run(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            sys.exit("navvy ended by itself:\n" + self.log.read().decode())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, limit_s, pause_s=0.01):
    end = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > end:
            sys.exit("not within %g s: %s" % (limit_s, getattr(condition, "__name__", condition)))
        time.sleep(pause_s)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def ticks(*pids):
    """CPU used, user and system, in units of 1/HZ s."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total


def memory_kib(pid, key):
    """VmRSS, VmHWM, RssAnon of status; Pss of smaps_rollup."""
    with open(f"/proc/{pid}/" + ("smaps_rollup" if key == "Pss" else "status")) as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key + ":"))


def median(values):
    return statistics.median(values)


def spread(values):
    """`12,300 (11,000 to 13,000)`"""
    form = (lambda v: f"{v:,.0f}") if max(values) >= 100 else (lambda v: f"{v:.2f}")
    return f"{form(median(values))} ({form(min(values))} to {form(max(values))})"


def table(head, rows):
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def machine():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "?")
    redis = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout.split("v=")[1].split()[0]
    return {"cpu": model, "cores": os.cpu_count(), "redis": redis, "kernel": os.uname().release}


def show(result, as_json, lines):
    """One line of JSON, or what `lines` prints."""
    if as_json:
        print(json.dumps(result))
    else:
        lines()
