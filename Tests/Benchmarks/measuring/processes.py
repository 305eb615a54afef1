"""Starting the programs under measurement, and reading what the kernel counts for them."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")
ONE_CORE = ["taskset", "-c", str(max(os.sched_getaffinity(0)))]


def cpu_seconds(pid):
    """utime + stime of all threads, as /proc/PID/stat has them."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(pid):
    """RSS and the anonymous part of it, in bytes."""
    lines = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
    return {name: int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "RssAnon")}


def voluntary_switches(pid):
    """Per thread, how often it went to sleep by itself: a wake-up each."""
    switches = {}
    for task in os.listdir(f"/proc/{pid}/task"):
        lines = dict(line.split(":", 1) for line in open(f"/proc/{pid}/task/{task}/status"))
        name = f"{lines['Name'].strip()}/{task}"
        switches[name] = int(lines["voluntary_ctxt_switches"])
    return switches


class Process:
    """A program that runs inside a `with` block; only this process is ended."""

    def __init__(self, command, socket_path=None, log=None, environment=None):
        self.command, self.socket_path, self.log, self.environment = command, socket_path, log, environment

    def __enter__(self):
        out = open(self.log, "w") if self.log else subprocess.DEVNULL
        self.child = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.environment)
        self.pid = self.child.pid
        if self.socket_path:
            wait_until(lambda: os.path.exists(self.socket_path), self.child)
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(40)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def wait_until(condition, child, seconds=60):
    """Waits for something that another process does; fails when that process ends first."""
    end = time.monotonic() + seconds
    while not condition():
        if child.poll() is not None:
            raise SystemExit(f"{child.args[0]} ended with {child.returncode}")
        if time.monotonic() > end:
            raise SystemExit(f"{child.args[0]} was not ready within {seconds} s")
        time.sleep(0.02)


class Simulator(Process):
    """nanogpt-simulator on a free port, with jobs that take a moment."""

    def __init__(self, log):
        program = f"{os.environ['BENCH_PROGRAMS']}/nanogpt-simulator"
        super().__init__([program, "--port", "0", "--processing-seconds", "0.2"], log=log)

    def __enter__(self):
        super().__enter__()
        wait_until(lambda: open(self.log).read().startswith("http"), self.child)
        self.base_url = open(self.log).readline().strip()
        return self


class Daemon(Process):
    """videogend with a place of its own, started until it reports READY=1."""

    def __init__(self, place, base_url, settings=None, prefix=()):
        self.place, self.prefix = place, list(prefix)
        self.short = tempfile.mkdtemp(prefix="vgb")  # a socket path has at most 107 bytes
        self.output = f"{place}/videos"
        os.makedirs(self.output, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("VIDEOGEND_")}
        environment |= {
            "NANOGPT_API_KEY": "benchmark",
            "NOTIFY_SOCKET": f"{self.short}/notify",
            "VIDEOGEND_API_BASE_URL": base_url,
            "VIDEOGEND_CONTROL_SOCKET": f"{self.short}/control",
            "VIDEOGEND_OUTPUT_DIRECTORY": self.output,
            "VIDEOGEND_STATE_DIRECTORY": f"{place}/state",
        }
        environment |= {"VIDEOGEND_" + key.upper().replace(".", "_"): str(value)
                        for key, value in (settings or {}).items()}
        program = self.prefix + [f"{os.environ['BENCH_PROGRAMS']}/videogend"]
        super().__init__(program, f"{self.short}/control", f"{place}/videogend.log", environment)

    def __enter__(self):
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(f"{self.short}/notify")
        ready = threading.Event()
        threading.Thread(target=self.take_notices, args=(ready,), daemon=True).start()
        begun = time.monotonic()
        self.socket_path, path = None, self.socket_path
        super().__enter__()
        self.socket_path = path
        wait_until(lambda: ready.wait(0.001), self.child)
        self.ready_seconds = self.ready_at - begun
        return self

    def take_notices(self, ready):
        while True:
            try:
                notice = self.notify.recv(65536)
            except OSError:
                return
            if b"READY=1" in notice and not ready.is_set():
                self.ready_at = time.monotonic()
                ready.set()

    def __exit__(self, *error):
        super().__exit__(*error)
        self.notify.close()
        shutil.rmtree(self.short)


class Client:
    """A connection to the daemon that calls one method after the other, or many at once."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rb")

    def call(self, method, **params):
        return self.call_all(method, [params])[0]

    def call_all(self, method, many, in_flight=32):
        """Answers in the order of the calls."""
        answers, sent = {}, 0
        while len(answers) < len(many):
            while sent < len(many) and sent - len(answers) < in_flight:
                call = {"jsonrpc": "2.0", "id": sent, "method": method, "params": many[sent]}
                self.socket.sendall(json.dumps(call).encode() + b"\n")
                sent += 1
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                raise SystemExit(f"{method}: {answer['error']}")
            answers[answer["id"]] = answer["result"]
        return [answers[index] for index in range(len(many))]

    def close(self):
        self.lines.close()
        self.socket.close()


def fresh_place(name):
    """An empty folder on the file system of the build folder, hence on a disk."""
    place = f"{os.environ['BENCH_PLACE']}/{name}"
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    return place


def tool(name):
    """The path of one of the C programs."""
    return f"{os.environ['BENCH_TOOLS']}/{name}"


def free_port():
    """A TCP port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
