#!/bin/sh
# Image to video with curl, with the image in base 64 or by its URL.
# Usage: image_to_video.sh IMAGE.jpg|URL PROMPT
set -eu
: "${NANOGPT_BASE_URL:?}" "${NANOGPT_API_KEY:?}"

case $1 in
https://*) FIELD=imageUrl VALUE=$1 ;;
*) FIELD=imageDataUrl VALUE="data:image/jpeg;base64,$(base64 -w 0 "$1")" ;;
esac

# The image goes through a pipe: it can be larger than a command line.
RUN_ID=$(printf '%s' "$VALUE" | jq -R --arg field "$FIELD" --arg prompt "$2" \
    '{model: "kling-v21-pro", prompt: $prompt, ($field): ., duration: "5", aspect_ratio: "16:9"}' |
    curl -sS -X POST "$NANOGPT_BASE_URL/api/generate-video" \
        -H "Authorization: Bearer $NANOGPT_API_KEY" \
        -H "Content-Type: application/json" \
        -d @- | jq -r '.runId')
echo "Run ID: $RUN_ID"

# The same loop as for text, here at the newer status page, which needs no model.
i=1
while [ "$i" -le 120 ]; do
    RESP=$(curl -sS "$NANOGPT_BASE_URL/api/video/status?requestId=$RUN_ID" -H "x-api-key: $NANOGPT_API_KEY")
    STATUS=$(echo "$RESP" | jq -r '.data.status // empty')
    if [ "$STATUS" = "COMPLETED" ]; then
        echo "Video URL: $(echo "$RESP" | jq -r '.data.output.video.url')"
        exit 0
    fi
    sleep "${POLL_SECONDS:-5}"
    i=$((i + 1))
done
echo "Video generation timed out" >&2
exit 1
