#!/usr/bin/env python3
"""Image to video: submit an image, in base 64 or by its URL, and wait for the video.

Usage: image_to_video.py IMAGE.jpg|URL PROMPT
"""
import base64
import json
import os
import sys
import time
import urllib.parse
import urllib.request

BASE = os.environ["NANOGPT_BASE_URL"] + "/api"
API_KEY = os.environ["NANOGPT_API_KEY"]
MODEL = "kling-v21-pro"


def request(url, payload=None):
    data = None if payload is None else json.dumps(payload).encode()
    headers = {"x-api-key": API_KEY, "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=60) as response:
        return json.load(response)


def submit(prompt: str, media: dict) -> str:
    payload = {
        "model": MODEL,
        "prompt": prompt,
        "duration": "5",
        "aspect_ratio": "16:9",
    }
    return request(f"{BASE}/generate-video", payload | media)["runId"]


def submit_image_to_video(image_path: str, prompt: str) -> str:
    with open(image_path, "rb") as image_file:
        encoded = base64.b64encode(image_file.read()).decode("utf-8")
    return submit(prompt, {"imageDataUrl": f"data:image/jpeg;base64,{encoded}"})


def submit_image_url(image_url: str, prompt: str) -> str:
    return submit(prompt, {"imageUrl": image_url})


def get_video_status(run_id: str, model: str) -> dict:
    params = urllib.parse.urlencode({"runId": run_id, "model": model})
    return request(f"{BASE}/generate-video/status?{params}")


def wait_for_video(run_id: str, model: str, max_attempts: int = 120) -> str:
    for _ in range(max_attempts):
        data = get_video_status(run_id, model)
        status = data.get("data", {}).get("status")
        if status == "COMPLETED":
            return data["data"]["output"]["video"]["url"]
        if status == "FAILED":
            raise RuntimeError(data.get("data", {}).get("error", "Video generation failed"))
        time.sleep(float(os.environ.get("POLL_SECONDS", 5)))
    raise TimeoutError("Video generation timed out")


def main():
    source, prompt = sys.argv[1:]
    is_url = source.startswith("https://")
    run_id = submit_image_url(source, prompt) if is_url else submit_image_to_video(source, prompt)
    print("Run ID:", run_id)
    try:
        print("Video URL:", wait_for_video(run_id, MODEL))
    except RuntimeError as error:
        sys.exit(f"Failed: {error}")


if __name__ == "__main__":
    main()
