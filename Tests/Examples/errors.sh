#!/bin/sh
# One submission with curl; what is refused is told by the HTTP status and the words of the answer.
# Usage: errors.sh PROMPT [MODEL]
set -eu
: "${NANOGPT_BASE_URL:?}" "${NANOGPT_API_KEY:?}"

BODY=$(jq -n --arg prompt "$1" --arg model "${2:-veo2-video}" '{model: $model, prompt: $prompt}')
ANSWER=$(curl -sS -w '\n%{http_code}' -X POST "$NANOGPT_BASE_URL/api/generate-video" \
    -H "x-api-key: $NANOGPT_API_KEY" \
    -H "Content-Type: application/json" \
    -d "$BODY")
CODE=${ANSWER##*
}
TEXT=${ANSWER%
*}
case $CODE in
2*)
    echo "accepted $(echo "$TEXT" | jq -r '.runId')"
    exit 0
    ;;
401) WHAT="the key is not accepted" ;;
402) WHAT="insufficient balance" ;;
429) WHAT="rate limited, retry after a delay" ;;
*) WHAT="refused" ;;
esac
MESSAGE=$(echo "$TEXT" | jq -r 'if (.error | type) == "object" then .error.message else .error end')
echo "$CODE $WHAT: $MESSAGE"
exit 1
