"""What the daemon does when nobody asks anything of it: wake-ups and memory."""

import time

from .processes import Client, Daemon, Process, cpu_seconds, fresh_place, free_port, memory, tool, voluntary_switches
from .processes import wait_until


def counted(name, daemon, seconds):
    before, cpu = voluntary_switches(daemon.pid), cpu_seconds(daemon.pid)
    time.sleep(seconds)
    after = voluntary_switches(daemon.pid)
    woken = {thread: after[thread] - before.get(thread, 0) for thread in after}
    return {"state": name, "rate": sum(woken.values()) / seconds, "cpu_ms": (cpu_seconds(daemon.pid) - cpu) * 1e3,
            "threads": len(after), "woken": {thread: count for thread, count in woken.items() if count},
            **memory(daemon.pid)}


def measure(seconds):
    """Two rows: just started, and after ten jobs with a client connected. No WATCHDOG_USEC, so no watchdog."""
    place, port = fresh_place("idle"), free_port()
    upstream = [tool("upsim"), "-p", str(port), "-D", "200", "-S", "5000000"]
    with Process(upstream, log=f"{place}/upsim.log") as simulator:
        wait_until(lambda: "upsim on" in open(f"{place}/upsim.log").read(), simulator.child)
        with Daemon(place, f"http://127.0.0.1:{port}") as daemon:
            time.sleep(5)  # what belongs to the start is over
            rows = [counted("just started", daemon, seconds)]
            client = Client(daemon.socket_path)
            request = {"model": "veo2-video", "prompt": "lighthouse"}
            for answer in client.call_all("jobs.submit", [{"request": request}] * 10):
                client.call("jobs.wait", id=answer["job"]["id"])
            time.sleep(5)
            rows.append(counted("after ten jobs, one client connected", daemon, seconds))
            client.close()
    return rows


def table(rows):
    """The table in Markdown, and whether the goals are reached."""
    text = ["| idle daemon | voluntary switches/s | CPU ms in all | threads | RSS MB | of it anonymous MB |",
            "|---|--:|--:|--:|--:|--:|"]
    for row in rows:
        text.append(f"| {row['state']} | {row['rate']:.2f} | {row['cpu_ms']:.0f} | {row['threads']} "
                    f"| {row['VmRSS'] / 1e6:.1f} | {row['RssAnon'] / 1e6:.1f} |")
    worst = max(rows, key=lambda row: row["rate"])
    text += [f"\nThreads that woke, {row['state']}: {row['woken']}" for row in rows if row["rate"] > 1]
    return "\n".join(text), [("idle, voluntary switches per second", "≤ 1", f"{worst['rate']:.2f}", worst["rate"] <= 1)]
