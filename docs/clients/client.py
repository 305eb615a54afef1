#!/usr/bin/env python3
"""Submits a job, waits for it, prints the file: client.py MODEL PROMPT"""
import json, os, socket, sys, uuid

path = os.environ.get("VIDEOGEND_SOCKET", "/run/videogend/control.sock")
connection = socket.socket(socket.AF_UNIX)
connection.connect(path)
lines = connection.makefile("rw", encoding="utf-8", newline="\n")


def call(method, **params):
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    lines.write(json.dumps(request) + "\n")
    lines.flush()
    reply = json.loads(lines.readline())
    if "error" in reply:
        error = reply["error"]
        sys.exit(f"{error['message']} ({error['data']['kind']}, charged: {error['data']['charged']})")
    return reply["result"]


# With the same key the same call may be repeated after a broken connection: it is the same job, paid once.
job = call("jobs.submit", client_key=str(uuid.uuid4()), request={"model": sys.argv[1], "prompt": sys.argv[2]})["job"]
print(job["id"], job["state"], file=sys.stderr)
while True:
    result = call("jobs.wait", id=job["id"], timeout_ms=60_000)
    if result["done"]:
        break
job = result["job"]
if job["state"] != "completed":
    sys.exit(f"{job['state']}: {job.get('reason') or job.get('error', {}).get('message')}")
print(job["output"]["file"])
