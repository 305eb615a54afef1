"""Runs the sections and prints their tables; see run.sh, which builds what is measured and calls this."""

import argparse
import os
import sys

from measuring import calls, control, idle, jobs, journal, peers

BEGIN, END = "<!-- begin of the tables that run.sh --write makes -->", "<!-- end of the tables -->"
SECTIONS = {
    "control": ("Control socket, server and load generator on one core",
                lambda quick: control.table(control.measure(2 if quick else 4, 1.0 if quick else 1.5))),
    "peers": ("Control socket beside other daemons",
              lambda quick: peers.table(peers.measure(1 if quick else 3, 1.0))),
    "events": ("Events to many subscribers, flat out",
               lambda quick: peers.events_table(peers.measure_events(1 if quick else 3, 2.0))),
    "calls": ("One call from the command line",
              lambda quick: calls.table(calls.measure(2 if quick else 4, 100))),
    "jobs": ("Whole jobs of 10 to 20 s, 5 MB each",
             lambda quick: jobs.table(jobs.measure(1 if quick else 2, 200))),
    "idle": ("Idle, over 20 s, watchdog off", lambda quick: idle.table(idle.measure(20))),
    "journal": ("Accepting jobs", lambda quick: journal.table(journal.measure(1 if quick else 3, 2))),
}


def write(path, text):
    """Puts the tables between the two marks of the page."""
    page = open(path).read()
    head, tail = page.split(BEGIN)[0], page.split(END)[1]
    with open(path, "w") as file:
        file.write(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


def main():
    parser = argparse.ArgumentParser(description="Measures videogend beside its baselines.")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=" ".join(SECTIONS) + " (all)")
    parser.add_argument("--quick", action="store_true", help="fewer rounds")
    parser.add_argument("--write", metavar="FILE", help="put all tables into this page too")
    options = parser.parse_args()
    chosen = options.sections or list(SECTIONS)
    if unknown := set(chosen) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(unknown))}")
    if options.write and set(chosen) != set(SECTIONS):
        parser.error("--write wants all sections, so that the page holds figures of one run")
    if os.geteuid() == 0:
        os.nice(-10)  # short bursts ahead of whatever else runs here
    parts, goals = [], []
    for name in chosen:
        title, measure = SECTIONS[name]
        print(f"measuring: {title}", file=sys.stderr, flush=True)
        text, reached = measure(options.quick)
        parts.append(f"### {title}\n\n{text}")
        goals += reached
        print(f"{parts[-1]}\n", flush=True)
    lines = ["| goal | wanted | seen | |", "|---|--:|--:|---|"]
    lines += [f"| {name} | {wanted} | {seen} | {'reached' if good else 'missed'} |"
              for name, wanted, seen, good in goals]
    parts.insert(0, "### Goals\n\n" + "\n".join(lines))
    print(parts[0])
    if options.write:
        write(options.write, "\n\n".join(parts))


main()
