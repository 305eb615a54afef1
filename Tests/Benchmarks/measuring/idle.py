"""What the daemon does when nobody asks anything of it: wake-ups and memory."""

import os
import time

from .processes import Client, Daemon, Process, Simulator, cpu_seconds, fresh_place, memory, tool, voluntary_switches

# A mount made elsewhere wakes the daemon, rightly; root can keep those of others out of the measurement.
ALONE = ["unshare", "--mount", "--propagation", "private"] if os.geteuid() == 0 else []
SETTLE = 15  # seconds: what belongs to the start or to the last job is over


def counted(name, process, seconds):
    before, cpu = voluntary_switches(process.pid), cpu_seconds(process.pid)
    time.sleep(seconds)
    after = voluntary_switches(process.pid)
    woken = {thread: after[thread] - before.get(thread, 0) for thread in after}
    return {"state": name, "rate": sum(woken.values()) / seconds,
            "cpu_ms": (cpu_seconds(process.pid) - cpu) * 1e3, "threads": len(after),
            "woken": {thread: count for thread, count in woken.items() if count}, **memory(process.pid)}


def measure(seconds):
    """A bare Swift program, the daemon just started, and after ten jobs. No WATCHDOG_USEC, so no watchdog."""
    place = fresh_place("idle")
    with Simulator(f"{place}/simulator.log") as simulator, Process([tool("idle")]) as bare, \
            Daemon(place, simulator.base_url, prefix=ALONE) as daemon:
        time.sleep(SETTLE)
        rows = [counted("bare Swift program", bare, seconds), counted("videogend, just started", daemon, seconds)]
        client = Client(daemon.socket_path)
        request = {"model": "veo2-video", "prompt": "lighthouse"}
        for answer in client.call_all("jobs.submit", [{"request": request}] * 10):
            client.call("jobs.wait", id=answer["job"]["id"])
        time.sleep(SETTLE)
        rows.append(counted("videogend after ten jobs, one client connected", daemon, seconds))
        client.close()
    return rows


def table(rows):
    """The table in Markdown, and whether the goals are reached."""
    text = ["| idle | voluntary switches/s | CPU ms in all | threads | RSS MB | of it anonymous MB | threads that woke |",
            "|---|--:|--:|--:|--:|--:|---|"]
    for row in rows:
        woken = ", ".join(f"{thread.split('/')[0]} {count}" for thread, count in row["woken"].items())
        text.append(f"| {row['state']} | {row['rate']:.2f} | {row['cpu_ms']:.0f} | {row['threads']} "
                    f"| {row['VmRSS'] / 1e6:.1f} | {row['RssAnon'] / 1e6:.1f} | {woken} |")
    bare, worst = rows[0]["rate"], max(row["rate"] for row in rows[1:])
    # The tick of once a second falls 20 or 21 times into 20 s.
    return "\n".join(text), [
        ("idle, voluntary switches per second", "≤ 1", f"{worst:.2f}", round(worst, 1) <= 1),
        ("idle, of these more than a bare Swift program's", "0", f"{max(0, worst - bare):.2f}", worst - bare < 0.1)]
