"""The control socket beside a bare C echo and Redis, one after the other in each round."""

import json
import os
import subprocess
import tempfile

from .processes import Client, Daemon, ONE_CORE, Process, Simulator, fresh_place, tool

BASELINES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "baselines")
SHAPES = [(1, 1), (16, 1), (16, 16)]


def load(path, requests, pid, connections, depth, seconds, prefix, by_id, more=(), tells=False):
    """One run of the load generator; `tells`: the server also sends what nobody asked for."""
    command = list(prefix) + [
        tool("udsbench"), "-s", path, "-f", requests, "-c", str(connections), "-p", str(depth),
        "-t", str(seconds), "-w", "0.3", "-P", str(pid), "-J"]
    command += (["-m", "id"] if by_id else []) + list(more)
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if run.returncode or not run.stdout:
        raise SystemExit(f"udsbench: {run.stderr.strip()}")
    result = json.loads(run.stdout)
    if result["errors"] or result["events"] and not tells:
        raise SystemExit(f"{requests}: {result['errors']} wrong answers, {result['events']} without an id")
    return result


def finished_job(place, short, use, prefix):
    """Runs `use(daemon, job id)` with a daemon that has published one job of the simulator."""
    with Simulator(f"{short}/simulator") as simulator:
        with Daemon(place, simulator.base_url, prefix=prefix) as daemon:
            client = Client(daemon.socket_path)
            request = {"model": "veo2-video", "prompt": "a lighthouse in the fog, slow aerial shot"}
            job = client.call("jobs.submit", request=request)["job"]["id"]
            job = client.call("jobs.wait", id=job)["job"]
            if job["state"] != "completed":
                raise SystemExit(f"the job is {job['state']}")
            client.close()
            use(daemon, job["id"])


def measure(rounds, seconds):
    """Rows of the table: the best round of each server and shape, by requests per second."""
    with tempfile.TemporaryDirectory(prefix="vgb") as short:  # a socket path has at most 107 bytes
        best = best_rounds(short, rounds, seconds)
    return [dict(best[name, shape], server=name, shape=f"{shape[0]}×{shape[1]}")
            for shape in SHAPES for name in ("C echo", "jobs.get", "daemon.info", "Redis PING")]


def best_rounds(short, rounds, seconds):
    """The best result by server and shape."""
    best = {}

    def keep(name, shape, result):
        key = (name, shape)
        if key not in best or result["rps"] > best[key]["rps"]:
            best[key] = result

    def calls(name, line):
        with open(f"{short}/{name}", "w") as file:
            file.write(line + "\n")
        return f"{short}/{name}"

    def compare(daemon, job):
        get = calls("get", '{"jsonrpc":"2.0","id":{id},"method":"jobs.get","params":{"id":"%s"}}' % job)
        info = calls("info", '{"jsonrpc":"2.0","id":{id},"method":"daemon.info"}')
        ping = calls("ping", "PING")
        redis_command = ONE_CORE + ["redis-server", "--port", "0", "--unixsocket", f"{short}/redis",
                                    "--save", "", "--appendonly", "no"]
        with Process(ONE_CORE + [tool("echoline"), f"{short}/echo"], f"{short}/echo") as echo, \
                Process(redis_command, f"{short}/redis") as redis:
            servers = [("C echo", f"{short}/echo", get, echo.pid, False),
                       ("jobs.get", daemon.socket_path, get, daemon.pid, True),
                       ("daemon.info", daemon.socket_path, info, daemon.pid, True),
                       ("Redis PING", f"{short}/redis", ping, redis.pid, False)]
            for _ in range(rounds):
                for shape in SHAPES:
                    for name, path, requests, pid, by_id in servers:
                        keep(name, shape, load(path, requests, pid, *shape, seconds, ONE_CORE, by_id))

    finished_job(fresh_place("control"), short, compare, ONE_CORE)
    return best


def table(rows):
    """The table in Markdown, and whether the goals are reached."""
    of = {(row["server"], row["shape"]): row for row in rows}
    text = ["| shape | server | req/s | of C echo | of Redis | p50 µs | p50 ÷ C echo | p99 µs | server CPU µs/req |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|"]
    for row in rows:
        echo, redis = of["C echo", row["shape"]], of["Redis PING", row["shape"]]
        text.append(
            f"| {row['shape']} | {row['server']} | {row['rps']:,.0f} | {row['rps'] / echo['rps']:.3f} "
            f"| {row['rps'] / redis['rps']:.3f} | {row['p50_us']:.1f} | {row['p50_us'] / echo['p50_us']:.2f} "
            f"| {row['p99_us']:.1f} | {row['server_cpu_us']:.2f} |")
    single = of["jobs.get", "1×1"]["p50_us"] / of["C echo", "1×1"]["p50_us"]
    many = of["jobs.get", "16×16"]["rps"] / of["C echo", "16×16"]["rps"]
    half = of["jobs.get", "1×1"]["rps"] / of["Redis PING", "1×1"]["rps"]
    goals = [("jobs.get 1×1, p50 ÷ C echo", "≤ 5", f"{single:.2f}", single <= 5),
             ("jobs.get 16×16, req/s ÷ C echo", "≥ 0.05", f"{many:.3f}", many >= 0.05),
             ("jobs.get 1×1, req/s ÷ Redis (a later goal)", "≥ 0.5", f"{half:.2f}", half >= 0.5)]
    return "\n".join(text), goals
