"""The control socket beside other daemons with a JSON protocol on a Unix socket, and events to many subscribers."""

import contextlib
import json
import os
import shutil
import subprocess
import tempfile

from .control import BASELINES, finished_job, load
from .processes import Client, Daemon, ONE_CORE, Process, fresh_place, free_port, tool

SHAPES = [(1, 1, True), (16, 1, True), (16, 16, True), (256, 1, False)]
MPV = "mpv --no-config --idle --no-video --no-audio --no-terminal --input-ipc-server={socket}"
SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
# name, what must be installed, command, a request, arguments of the load generator, most connections
PEERS = [
    ("Redis PING", "redis-server", "redis-server --port 0 --unixsocket {socket} --save '' --appendonly no", "PING", [],
     256),
    ("mpv JSON IPC", "mpv", MPV, '{"command":["get_property","mpv-version"],"request_id":{id}}',
     ["-m", "id", "-k", "request_id"], 256),
    ("QEMU QMP", "qemu-system-x86_64",
     "qemu-system-x86_64 -machine none -display none -nodefaults -qmp unix:{socket},server=on,wait=off",
     '{"execute":"query-status","id":{id}}', ["-m", "id", "-g", "1", "-i", "{place}/qmp"], 1),
    ("ovsdb-server", "ovsdb-server", "ovsdb-server --remote=punix:{socket} --unixctl={socket}.ctl {place}/ovsdb",
     '{"id":{id},"method":"echo","params":[1]}', ["-d", "brace", "-m", "id"], 256),
    ("Python asyncio", "python3", f"python3 {BASELINES}/srv_asyncio.py {{socket}}",
     '{"jsonrpc":"2.0","id":{id},"method":"ping"}', ["-m", "id"], 256),
]


def installed():
    """The peers that this machine has; the table names the others."""
    return [peer for peer in PEERS if shutil.which(peer[1])]


def peer_command(command, place, socket_path, one_core):
    words = [word.format(socket=socket_path, place=place).replace("''", "") for word in command.split()]
    return (ONE_CORE if one_core else []) + words


def measure(rounds, seconds):
    """The best round of each server and shape, by requests per second."""
    best = {}
    with tempfile.TemporaryDirectory(prefix="vgb") as short:  # a socket path has at most 107 bytes
        with open(f"{short}/qmp", "w") as file:
            file.write('{"execute":"qmp_capabilities"}\n')
        if shutil.which("ovsdb-tool"):
            subprocess.run(["ovsdb-tool", "create", f"{short}/ovsdb", SCHEMA], check=True)
        for one_core in (True, False):
            shapes = [shape for shape in SHAPES if shape[2] == one_core]
            for _ in range(rounds):
                peers_round(short, one_core, shapes, seconds, best)
                own_round(short, one_core, shapes, seconds, best)
    return best


def keep(best, name, shape, result):
    if (name, shape) not in best or result["rps"] > best[name, shape]["rps"]:
        best[name, shape] = result


def peers_round(short, one_core, shapes, seconds, best):
    prefix = ONE_CORE if one_core else []
    for name, _, command, line, arguments, most in installed():
        socket_path = f"{short}/s"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(socket_path)
        with open(f"{short}/line", "w") as file:
            file.write(line + "\n")
        arguments = [argument.format(place=short) for argument in arguments]
        with Process(peer_command(command, short, socket_path, one_core), socket_path) as server:
            for shape in shapes:
                if shape[0] <= most:
                    result = load(socket_path, f"{short}/line", server.pid, shape[0], shape[1], seconds, prefix,
                                  False, arguments, tells=True)
                    keep(best, name, shape, result)


def own_round(short, one_core, shapes, seconds, best):
    prefix = ONE_CORE if one_core else []

    def compare(daemon, job):
        lines = {"jobs.get": '{"jsonrpc":"2.0","id":{id},"method":"jobs.get","params":{"id":"%s"}}' % job,
                 "daemon.info": '{"jsonrpc":"2.0","id":{id},"method":"daemon.info"}'}
        for name, line in lines.items():
            with open(f"{short}/line", "w") as file:
                file.write(line + "\n")
            for shape in shapes:
                result = load(daemon.socket_path, f"{short}/line", daemon.pid, shape[0], shape[1], seconds, prefix, True)
                keep(best, name, shape, result)

    finished_job(fresh_place("peers"), short, compare, ONE_CORE if one_core else [])


def table(best):
    """The table in Markdown, and whether videogend is ahead everywhere."""
    names = ["jobs.get", "daemon.info"] + [peer[0] for peer in PEERS]
    text = ["| thousand requests/s · p99 µs | " + " | ".join(shape_name(shape) for shape in SHAPES) + " |",
            "|---|" + "--:|" * len(SHAPES)]
    for name in names:
        cells = []
        for shape in SHAPES:
            row = best.get((name, shape))
            cells.append(f"{row['rps'] / 1e3:,.1f} · {row['p99_us']:,.0f}" if row else "–")
        missing = "" if any((name, shape) in best for shape in SHAPES) else " (not installed)"
        text.append(f"| {name}{missing} | " + " | ".join(cells) + " |")
    goals = []
    for name in ("mpv JSON IPC", "QEMU QMP", "ovsdb-server", "Python asyncio"):
        ratios = [best[own, shape]["rps"] / best[name, shape]["rps"]
                  for own in ("jobs.get", "daemon.info") for shape in SHAPES if (name, shape) in best]
        if ratios:
            goals.append((f"jobs.get and daemon.info, req/s ÷ {name}, worst column", "> 1", f"{min(ratios):.2f}",
                          min(ratios) > 1))
    return "\n".join(text), goals


def shape_name(shape):
    return f"{shape[0]}×{shape[1]} {'one core' if shape[2] else 'free'}"


# Events


def fan_out(socket_path, subscribe, publish, count, seconds):
    command = [tool("fanout"), socket_path, subscribe, publish, str(count), str(seconds), "0"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if run.returncode or not run.stdout:
        raise SystemExit(f"fanout: {run.stdout} {run.stderr}".strip())
    return json.loads(run.stdout)


def measure_events(rounds, seconds, counts=(1, 16, 256)):
    """Deliveries per second: the next event is made when every subscriber has the one before."""
    best = {}
    base_url = f"http://127.0.0.1:{free_port()}"  # nobody there: a drained daemon sends nothing
    submit = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "jobs.submit",
                         "params": {"request": {"model": "veo2-video", "prompt": "a lighthouse"}, "label": "{t}"}})
    subscribe = '{"jsonrpc":"2.0","id":1,"method":"events.subscribe"}'
    settings = {"jobs.maximum_queued": 2_000_000, "state.directory": "none"}
    for _ in range(rounds):
        for count in counts:
            with Daemon(fresh_place("events"), base_url, settings) as daemon:
                client = Client(daemon.socket_path)
                client.call("daemon.drain")
                client.close()
                keep(best, "videogend, job.created", count,
                     rate(fan_out(daemon.socket_path, subscribe, submit, count, seconds)))
            if shutil.which("mpv"):
                with tempfile.TemporaryDirectory(prefix="vgb") as short:
                    with Process(peer_command(MPV, short, f"{short}/s", False), f"{short}/s"):
                        keep(best, "mpv, script-message", count,
                             rate(fan_out(f"{short}/s", '{"command":["client_name"]}',
                                          '{"command":["script-message","{t}"]}', count, seconds)))
    return best


def rate(result):
    return result | {"rps": result["delivered_s"]}


def events_table(best):
    """The table in Markdown and the goal."""
    text = ["| server | subscribers | deliveries/s | events/s | p50 µs | p99 µs |", "|---|--:|--:|--:|--:|--:|"]
    for (name, count), row in sorted(best.items()):
        text.append(f"| {name} | {count} | {row['delivered_s']:,.0f} | {row['published_s']:,.0f} "
                    f"| {row['p50_us']:,.0f} | {row['p99_us']:,.0f} |")
    goals = []
    if ("mpv, script-message", 256) in best:
        ratio = best["videogend, job.created", 256]["rps"] / best["mpv, script-message", 256]["rps"]
        goals.append(("deliveries/s to 256 subscribers ÷ mpv", "> 1", f"{ratio:.2f}", ratio > 1))
    return "\n".join(text), goals
