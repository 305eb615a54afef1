"""Accepting jobs durably beside SQLite's own one-row transactions, and ten thousand of them in memory."""

import json
import os
import sqlite3
import subprocess
import time

from .control import load
from .processes import Client, Daemon, fresh_place, free_port, memory

PROMPT = "a lighthouse in the fog, slow aerial shot, " * 4
SETTINGS = {"jobs.maximum_queued": 2_000_000}


def sqlite_rate(place, seconds):
    """One-row transactions per second with WAL and synchronous=FULL, a row as long as a job's request."""
    connection = sqlite3.connect(f"{place}/baseline.db", isolation_level=None)
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("create table if not exists job(id integer primary key, body text)")
    body, count, begun = "x" * 600, 0, time.monotonic()
    while time.monotonic() - begun < seconds:
        connection.execute("insert into job(body) values(?)", (body,))
        count += 1
    rate = count / (time.monotonic() - begun)
    connection.close()
    return rate


def queued(client):
    return client.call("daemon.status")["jobs"]["queued"]


def measure(rounds, seconds):
    """Rates of one round after the other, and the figures of ten thousand queued jobs."""
    place = fresh_place("journal")
    base_url = f"http://127.0.0.1:{free_port()}"  # nobody there: a drained daemon sends nothing
    call = {"jsonrpc": "2.0", "id": "{id}", "method": "jobs.submit",
            "params": {"request": {"model": "veo2-video", "prompt": PROMPT}}}
    requests = f"{place}/submit"
    with open(requests, "w") as file:
        file.write(json.dumps(call).replace('"{id}"', "{id}") + "\n")
    rates = {"SQLite, one row per transaction": [], "jobs.submit, 1 client": [], "jobs.submit, 64 clients": []}
    for number in range(rounds):
        with Daemon(f"{place}/rate{number}", base_url, SETTINGS) as daemon:
            client = Client(daemon.socket_path)
            client.call("daemon.drain")
            rates["SQLite, one row per transaction"].append(sqlite_rate(place, seconds))
            for clients in (1, 64):
                before = queued(client)
                result = load(daemon.socket_path, requests, daemon.pid, clients, 1, seconds, [], True)
                if queued(client) - before < result["ok"]:
                    raise SystemExit(f"{result['ok']} answers, but only {queued(client) - before} jobs more")
                rates[f"jobs.submit, {clients} client{'s' * (clients > 1)}"].append(result["rps"])
            client.close()
    return {"rates": rates, **live_jobs(f"{place}/live", base_url)}


def live_jobs(place, base_url, count=10_000):
    """Memory of a drained daemon with that many queued jobs, and how soon it is READY with and without them."""
    with Daemon(place, base_url, SETTINGS) as daemon:
        empty_ready = daemon.ready_seconds
        client = Client(daemon.socket_path)
        client.call("daemon.drain")
        client.call_all("jobs.submit", [{"request": {"model": "veo2-video", "prompt": PROMPT}}] * 100)
        before = memory(daemon.pid)
        client.call_all("jobs.submit", [{"request": {"model": "veo2-video", "prompt": PROMPT}}] * count)
        time.sleep(2)
        after = memory(daemon.pid)
        client.close()
    ready = []
    for _ in range(3):
        with Daemon(place, base_url, SETTINGS) as daemon:
            ready.append(daemon.ready_seconds)
            time.sleep(2)
            restored = memory(daemon.pid)
            client = Client(daemon.socket_path)
            if queued(client) != count + 100:
                raise SystemExit(f"{queued(client)} jobs after a restart with {count + 100}")
            client.close()
    return {"count": count, "empty": before, "full": after, "restored": restored,
            "ready_empty": empty_ready, "ready": min(ready)}


def table(result):
    """The table in Markdown; these figures have no goal yet."""
    sqlite = max(result["rates"]["SQLite, one row per transaction"])
    text = ["| accepting durably | per second, best round | of SQLite | all rounds |", "|---|--:|--:|---|"]
    for name, rates in result["rates"].items():
        every = ", ".join(f"{rate:,.0f}" for rate in rates)
        text.append(f"| {name} | {max(rates):,.0f} | {max(rates) / sqlite:.2f} | {every} |")
    per_job = (result["full"]["RssAnon"] - result["empty"]["RssAnon"]) / result["count"] / 1024
    restored = (result["restored"]["RssAnon"] - result["empty"]["RssAnon"]) / result["count"] / 1024
    text += ["", f"| {result['count']:,} queued jobs, drained | |", "|---|--:|",
             f"| memory per job, just submitted | {per_job:.1f} KiB |",
             f"| memory per job, after a restart | {restored:.1f} KiB |",
             f"| RSS with them | {result['full']['VmRSS'] / 1e6:.0f} MB |",
             f"| READY after a restart with them | {result['ready'] * 1e3:.0f} ms |",
             f"| READY at a first start | {result['ready_empty'] * 1e3:.0f} ms |"]
    return "\n".join(text), []
