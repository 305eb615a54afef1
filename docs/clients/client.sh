#!/bin/sh
# Submits a job, waits for it, prints the file: client.sh MODEL PROMPT (needs socat and jq)
set -eu
socket=${VIDEOGEND_SOCKET:-/run/videogend/control.sock}

# call METHOD PARAMS: prints the result, or says what is wrong and ends. socat half-closes and waits for the answer.
call() {
    jq -cn --arg method "$1" --argjson params "$2" '{jsonrpc: "2.0", id: 1, $method, $params}' |
        socat -t 3600 - "UNIX-CONNECT:$socket" |
        jq -ce '.result // (.error | "\(.message) (\(.data.kind), charged: \(.data.charged))\n" | halt_error(1))'
}

# With the same key the same call may be repeated after a broken connection: it is the same job, paid once.
key=$(cat /proc/sys/kernel/random/uuid)
params=$(jq -cn --arg key "$key" --arg model "$1" --arg prompt "$2" \
    '{client_key: $key, request: {$model, $prompt}}')
submitted=$(call jobs.submit "$params")
id=$(printf '%s' "$submitted" | jq -r .job.id)
echo "$id" >&2
done=false
while [ "$done" = false ]; do
    result=$(call jobs.wait "{\"id\":\"$id\",\"timeout_ms\":60000}")
    done=$(printf '%s' "$result" | jq -r .done)
done
printf '%s' "$result" | jq -r 'if .job.state == "completed" then .job.output.file else
    "\(.job.state): \(.job.reason // .job.error.message)\n" | halt_error(1) end'
