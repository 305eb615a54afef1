#!/usr/bin/env python3
"""One submission; a refusal is told by its HTTP status, its type and its words.

Usage: errors.py PROMPT [MODEL]
"""
import json
import os
import sys
import urllib.error
import urllib.request


def submit(payload: dict) -> dict:
    request = urllib.request.Request(
        os.environ["NANOGPT_BASE_URL"] + "/api/generate-video",
        json.dumps(payload).encode(),
        {"x-api-key": os.environ["NANOGPT_API_KEY"], "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def describe(error: urllib.error.HTTPError) -> str:
    body = json.load(error)
    detail = body.get("error")
    message = detail["message"] if isinstance(detail, dict) else detail
    kind = detail.get("type") if isinstance(detail, dict) else None
    if error.code == 429:
        what = f"rate limited, retry after {error.headers.get('Retry-After', 'a while')}"
    elif error.code == 402:
        what = "insufficient balance"
    elif error.code == 401:
        what = "the key is not accepted"
    elif kind == "CONTENT_POLICY_VIOLATION":
        what = "content policy violation"
    else:
        what = "refused"
    return f"{error.code} {what}: {message}"


def main():
    model = sys.argv[2] if len(sys.argv) > 2 else "veo2-video"
    try:
        print("accepted", submit({"model": model, "prompt": sys.argv[1]})["runId"])
    except urllib.error.HTTPError as error:
        print(describe(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
