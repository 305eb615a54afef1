"""Whole jobs against the C simulator: processor time per job, and how soon after COMPLETED the file is there."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request

from .control import BASELINES
from .processes import Client, Daemon, Process, cpu_seconds, fresh_place, free_port, tool, wait_until


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def run_id(path):
    """The simulator writes the run id into the first 64 bytes of each file."""
    with open(path, "rb") as file:
        found = re.search(rb"vid_\d+", file.read(64))
    return found.group().decode() if found else None


def delays(jobs, watched, size):
    """Milliseconds from COMPLETED upstream to the visible file, and the parts of it."""
    runs = {job["id"]: job for job in jobs}
    parts = {"total": [], "detect": [], "fetch": []}
    for line in open(watched):
        if not line[0].isdigit():
            continue  # its greeting
        moment, event, bytes_seen, path = line.rstrip("\n").split(" ", 3)
        if event != "MOVED_TO" or not path.endswith(".mp4"):
            continue
        if int(bytes_seen) != size:
            raise SystemExit(f"{path} had {bytes_seen} bytes when it became visible")
        job = runs.pop(run_id(path))
        parts["total"].append((int(moment) - job["done"]) / 1e6)
        parts["detect"].append((job["seen"] - job["done"]) / 1e6)
        parts["fetch"].append((int(moment) - job["seen"]) / 1e6)
    if runs:
        raise SystemExit(f"{len(runs)} videos never became visible")
    return parts


def python_client(place, base_url, count):
    """CPU seconds of the aiohttp script, its start included."""
    command = [os.environ["BENCH_PYTHON"], f"{BASELINES}/jobs_aiohttp.py", base_url, f"{place}/videos", str(count), "1"]
    before = os.times()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=900)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


def daemon_client(place, base_url, count, settings):
    """CPU seconds of the daemon from its start until the last video was visible."""
    with Daemon(place, base_url, settings) as daemon:
        client = Client(daemon.socket_path)
        requests = [{"request": {"model": "veo2-video", "prompt": f"lighthouse {index}"}} for index in range(count)]
        client.call_all("jobs.submit", requests)
        videos = lambda: sum(name.endswith(".mp4") for name in os.listdir(daemon.output))
        wait_until(lambda: videos() == count, daemon.child, 900)
        client.close()
        return cpu_seconds(daemon.pid)


def one_run(name, client, count, milliseconds, size):
    """One client, one fresh simulator: the times of all jobs and what they cost in processor time."""
    place, port = fresh_place("jobs"), free_port()
    base_url, videos = f"http://127.0.0.1:{port}", f"{place}/run/videos"
    os.makedirs(videos)
    upstream = [tool("upsim"), "-p", str(port), "-D", milliseconds, "-S", str(size)]
    with Process(upstream, log=f"{place}/upsim.log") as simulator:
        wait_until(lambda: "upsim on" in open(f"{place}/upsim.log").read(), simulator.child)
        with Process([tool("fswatch"), videos], log=f"{place}/watched.log") as watch:
            wait_until(lambda: "watching" in open(f"{place}/watched.log").read(), watch.child)
            begun = time.monotonic()
            cpu = client(f"{place}/run", base_url)
            wall = time.monotonic() - begun
            time.sleep(0.3)  # the last event is on its way from the kernel
        answer = urllib.request.urlopen(f"{base_url}/__jobs", timeout=20).read().decode()
    jobs = [json.loads(line) for line in answer.splitlines()]
    if len(jobs) != count:
        raise SystemExit(f"{name}: {len(jobs)} runs upstream for {count} jobs")
    parts = delays(jobs, f"{place}/watched.log", size)
    shutil.rmtree(place)
    row = {"client": name, "jobs": count, "wall": wall, "cpu_ms": cpu / count * 1e3,
           "polls": sum(job["polls"] for job in jobs) / count, "parts": parts}
    print(f"{name}: {row['cpu_ms']:.1f} ms CPU per job, p50 {quantile(parts['total'], .5):.0f} ms", file=sys.stderr)
    return row


def measure(rounds, count):
    """Each client once per round; the daemon with its default limits once at the end."""
    milliseconds, size = "10000-20000", 5_000_000
    raised = {"api.submit_per_minute": 100000, "api.requests_per_second": 10000}
    rows = []
    for _ in range(rounds):
        rows.append(one_run("Python aiohttp, poll 1 s", lambda place, url: python_client(place, url, count),
                            count, milliseconds, size))
        rows.append(one_run("videogend, limits raised", lambda place, url: daemon_client(place, url, count, raised),
                            count, milliseconds, size))
    rows.append(one_run("videogend, default limits", lambda place, url: daemon_client(place, url, count, {}),
                        count, milliseconds, size))
    return rows


def table(rows):
    """The table in Markdown, and whether the goals are reached."""
    text = ["| client | jobs | wall s | CPU ms per job | polls per job | COMPLETED→visible p50 ms | p99 ms "
            "| detect p50 ms | fetch and publish p50 ms |", "|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for row in rows:
        total, detect, fetch = (row["parts"][name] for name in ("total", "detect", "fetch"))
        text.append(f"| {row['client']} | {row['jobs']} | {row['wall']:.1f} | {row['cpu_ms']:.1f} | {row['polls']:.1f} "
                    f"| {quantile(total, .5):.0f} | {quantile(total, .99):.0f} "
                    f"| {quantile(detect, .5):.0f} | {quantile(fetch, .5):.0f} |")
    python = [row for row in rows if row["client"].startswith("Python")]
    raised = [row for row in rows if "raised" in row["client"]]
    ratio = min(row["cpu_ms"] for row in raised) / min(row["cpu_ms"] for row in python)
    delay = max(quantile(row["parts"]["total"], .5) for row in raised)
    goals = [("CPU per job ÷ Python aiohttp", "≤ 1", f"{ratio:.2f}", ratio <= 1),
             ("COMPLETED→visible p50, limits raised", "≤ 1200 ms", f"{delay:.0f} ms", delay <= 1200)]
    return "\n".join(text), goals
