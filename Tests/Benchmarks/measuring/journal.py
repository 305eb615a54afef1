"""Accepting jobs durably beside SQLite's own one-row transactions; ten thousand live jobs, and a month of old ones."""

import json
import os
import sqlite3
import subprocess
import time

from .control import load
from .processes import Client, Daemon, fresh_place, free_port, memory

PROMPT = "a lighthouse in the fog, slow aerial shot, " * 4
SETTINGS = {"jobs.maximum_queued": 2_000_000}
FINISHED = 100_000


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
    add_finished(place, base_url)
    large = []
    for _ in range(3):
        with Daemon(place, base_url, SETTINGS) as daemon:
            large.append(daemon.ready_seconds)
            time.sleep(2)
            old = memory(daemon.pid)
    return {"count": count, "empty": before, "full": after, "restored": restored, "old": old,
            "ready_empty": empty_ready, "ready": min(ready), "ready_large": min(large)}


def add_finished(place, base_url):
    """Multiplies a canceled job, with identifiers and client keys of their own, as clients leave them in a month."""
    with Daemon(place, base_url, SETTINGS) as daemon:
        client = Client(daemon.socket_path)
        params = {"request": {"model": "veo2-video", "prompt": PROMPT}, "client_key": "key-of-a-finished-job"}
        pattern = client.call("jobs.submit", **params)["job"]["id"]
        client.call("jobs.cancel", id=pattern)
        client.close()
    database = sqlite3.connect(f"{place}/state/journal.sqlite")
    columns = [row[1] for row in database.execute("PRAGMA table_info(job)")]
    job = database.execute("SELECT * FROM job WHERE id = ?", (pattern,)).fetchone()
    key = database.execute("SELECT * FROM client_key WHERE job = ?", (pattern,)).fetchone()
    identifier, record = columns.index("id"), columns.index("record")
    names = [pattern[:8] + format(number, "08d") for number in range(FINISHED)]

    def rows():
        for name in names:
            row = list(job)
            row[identifier] = name
            row[record] = job[record].decode().replace(pattern, name).replace(key[1], f"{key[1]}-{name}").encode()
            yield row

    database.executemany(f"INSERT INTO job VALUES ({','.join('?' * len(columns))})", rows())
    database.executemany("INSERT INTO client_key VALUES (?,?,?,?,?)",
                         ((key[0], f"{key[1]}-{name}", name, key[3], key[4]) for name in names))
    database.commit()
    database.close()


def table(result):
    """The table in Markdown, and whether the goals are reached."""
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
             f"| READY at a first start | {result['ready_empty'] * 1e3:.0f} ms |",
             f"| READY with {FINISHED:,} finished jobs more | {result['ready_large'] * 1e3:.0f} ms |",
             f"| RSS with those | {result['old']['VmRSS'] / 1e6:.0f} MB |"]
    large = result["ready_large"]
    goals = [("READY with 10,000 live and 100,000 finished jobs", "≤ 1 s", f"{large:.2f} s", large <= 1),
             ("memory per live job", "≤ 8 KiB", f"{max(per_job, restored):.1f} KiB", max(per_job, restored) <= 8)]
    for clients, wanted in ((1, 1 / 3), (64, 5 / 3)):
        ratio = max(result["rates"][f"jobs.submit, {clients} client{'s' * (clients > 1)}"]) / sqlite
        goals.append((f"jobs.submit, {clients} client{'s' * (clients > 1)} ÷ SQLite's rows", f"≥ {wanted:.2f}",
                      f"{ratio:.2f}", ratio >= wanted))
    return "\n".join(text), goals
