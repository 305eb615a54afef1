#!/bin/sh
# Text to video with curl: submit, poll, download.
# Usage: text_to_video.sh PROMPT OUTPUT.mp4
set -eu
: "${NANOGPT_BASE_URL:?}" "${NANOGPT_API_KEY:?}"

# 1) Submit
BODY=$(jq -n --arg prompt "$1" \
    '{model: "veo2-video", prompt: $prompt, duration: "5s", aspect_ratio: "16:9"}')
RUN_ID=$(curl -sS -X POST "$NANOGPT_BASE_URL/api/generate-video" \
    -H "x-api-key: $NANOGPT_API_KEY" \
    -H "Content-Type: application/json" \
    -d "$BODY" | jq -r '.runId')
echo "Run ID: $RUN_ID"

# 2) Poll the status (at most about 10 minutes)
VIDEO_URL=
i=1
while [ "$i" -le 120 ]; do
    RESP=$(curl -sS "$NANOGPT_BASE_URL/api/generate-video/status?runId=$RUN_ID&modelSlug=veo2-video" \
        -H "x-api-key: $NANOGPT_API_KEY")
    STATUS=$(echo "$RESP" | jq -r '.data.status // empty')
    echo "Attempt $i: status=$STATUS"
    case $STATUS in
    COMPLETED)
        VIDEO_URL=$(echo "$RESP" | jq -r '.data.output.video.url')
        break
        ;;
    FAILED)
        echo "Failed: $(echo "$RESP" | jq -r '.data.error')" >&2
        exit 1
        ;;
    esac
    sleep "${POLL_SECONDS:-5}"
    i=$((i + 1))
done
[ -n "$VIDEO_URL" ] || { echo "Video generation timed out" >&2; exit 1; }
echo "Video URL: $VIDEO_URL"

# 3) Download when ready, without the key: the video is on another host.
curl -sS -f -L "$VIDEO_URL" -o "$2"
echo "Saved: $2"
