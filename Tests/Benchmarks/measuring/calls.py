"""One call from the command line: start the program, connect, ask, print, end."""

import os
import subprocess
import tempfile
import time

from .control import finished_job
from .jobs import quantile
from .processes import Process, fresh_place, tool



def times(command, count):
    """Milliseconds of each call, and processor milliseconds per call."""
    seconds, before = [], os.times()
    for _ in range(count):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        seconds.append((time.perf_counter() - begun) * 1e3)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu / count * 1e3


def measure(rounds, count):
    """All calls of all rounds by command; the commands take turns."""
    rows = {}
    with tempfile.TemporaryDirectory(prefix="vgb") as short:  # a socket path has at most 107 bytes
        def compare(daemon, job):
            control = f"{os.environ['BENCH_PROGRAMS']}/videogenctl"
            info = '{"jsonrpc":"2.0","id":1,"method":"daemon.info"}'
            redis = ["redis-server", "--port", "0", "--unixsocket", f"{short}/r", "--save", "", "--appendonly", "no"]
            with Process(redis, f"{short}/r"):
                commands = {
                    "/bin/true": ["/bin/true"],
                    "C client (limit)": [tool("udsping"), daemon.socket_path, info],
                    "redis-cli ping": ["redis-cli", "-s", f"{short}/r", "ping"],
                    "videogenctl call daemon.info": [control, "--socket", daemon.socket_path, "call", "daemon.info"],
                    "videogenctl show ID": [control, "--socket", daemon.socket_path, "show", job],
                }
                for _ in range(rounds):
                    for name, command in commands.items():
                        seconds, cpu = times(command, count)
                        row = rows.setdefault(name, ([], []))
                        row[0].extend(seconds)
                        row[1].append(cpu)

        finished_job(fresh_place("calls"), short, compare, [])
    return rows


def table(rows):
    """The table in Markdown and the goal."""
    text = ["| one call | p50 ms | p99 ms | processor ms |", "|---|--:|--:|--:|"]
    for name, (seconds, cpu) in rows.items():
        text.append(f"| {name} | {quantile(seconds, .5):.2f} | {quantile(seconds, .99):.2f} | {min(cpu):.2f} |")
    ratio = quantile(rows["videogenctl call daemon.info"][0], .5) / quantile(rows["redis-cli ping"][0], .5)
    return "\n".join(text), [("one videogenctl call, p50 ÷ redis-cli ping", "≤ 2", f"{ratio:.2f}", ratio <= 2)]
