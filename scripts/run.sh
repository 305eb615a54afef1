#!/usr/bin/env bash
# Starts what is needed, submits one job, shows its progress, prints where the video is and what it cost, and stops
# everything it started. With REAL=1 the job goes to the real API and costs money.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
prompt=${1:-$PROMPT}
model=${MODEL:-kling-video}
# Only what stands here counts: neither a daemon's variables nor a service's credentials.
for name in "${!VIDEOGEND_@}" CREDENTIALS_DIRECTORY STATE_DIRECTORY NOTIFY_SOCKET; do unset "$name"; done

if [ "${REAL:-}" = 1 ]; then
    place=$PWD/run/api
    if [ -z "${NANOGPT_API_KEY:-}" ]; then
        echo "REAL=1 needs a key: REAL=1 NANOGPT_API_KEY=... make run" >&2
        exit 64
    fi
else
    place=$PWD/run/simulator
fi

echo "Building ..."
swift build --product videogend
swift build --product videogenctl
[ "${REAL:-}" = 1 ] || swift build --product nanogpt-simulator
bin=$(swift build --show-bin-path)

mkdir -p "$place/videos"
# A file of its own, so that the configuration of an installed daemon, and its key, stay out of this.
config=$place/videogend.yaml
[ -e "$config" ] || echo "# What this daemon takes besides the defaults, see videogend.yaml(5)." >"$config"
# The address of a Unix socket has about 100 bytes; a checkout can lie deeper than that.
socket=$place/control.sock
scratch=
if [ ${#socket} -gt 100 ]; then
    scratch=$(mktemp -d /tmp/videogend.XXXXXX)
    socket=$scratch/control.sock
fi
started=()
stop() {
    local pid
    for pid in "${started[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
    [ -z "$scratch" ] || rm -rf "$scratch"
}
trap stop EXIT
trap 'echo "Stopped.${REAL:+ What was paid goes on with the next REAL=1 make run.}" >&2; exit 130' INT TERM HUP

wait_for() { # what, log, command ...
    local what=$1 log=$2 tries=0
    shift 2
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "${started[-1]}" 2>/dev/null; then
            echo "$what did not start:" >&2
            tail -n 5 "$log" >&2
            exit 1
        fi
        sleep 0.1
    done
}

if [ "${REAL:-}" != 1 ]; then
    key=simulator-key
    # The first line of its output is the address; a file keeps that line for us. One of an earlier run would be taken
    # for it.
    rm -f "$place/simulator.url"
    "$bin/nanogpt-simulator" --port 0 --api-key "$key" --processing-seconds 3 \
        >"$place/simulator.url" 2>"$place/simulator.log" &
    started+=($!)
    wait_for "nanogpt-simulator" "$place/simulator.log" test -s "$place/simulator.url"
    export VIDEOGEND_API_BASE_URL
    VIDEOGEND_API_BASE_URL=$(head -n 1 "$place/simulator.url")
    export NANOGPT_API_KEY=$key
    echo "Simulator of the NanoGPT API at $VIDEOGEND_API_BASE_URL (no money is spent)"
fi

VIDEOGEND_CONTROL_SOCKET=$socket VIDEOGEND_OUTPUT_DIRECTORY=$place/videos \
    VIDEOGEND_STATE_DIRECTORY=$place/state "$bin/videogend" --config "$config" >"$place/videogend.log" 2>&1 &
started+=($!)
unset NANOGPT_API_KEY
export VIDEOGEND_SOCKET=$socket
wait_for "videogend" "$place/videogend.log" "$bin/videogenctl" status
echo "videogend answers on $socket, log in ${place#"$PWD"/}/videogend.log"

if [ "${REAL:-}" = 1 ]; then
    echo "This submits a paid job to the real API:"
    echo "  model  $model"
    "$bin/videogenctl" check --model "$model" -- "$prompt"
    if [ "${YES:-}" != 1 ]; then
        if [ ! -t 0 ]; then
            echo "Without a terminal nobody can agree to the charge; YES=1 does." >&2
            exit 1
        fi
        read -r -p "Submit it? [y/N] " answer
        case $answer in [yY]*) ;; *) echo "Nothing was sent."; exit 1 ;; esac
    fi
fi

status=0
# In the background, so that whatever ends this script ends the client too.
"$bin/videogenctl" submit --wait --model "$model" -- "$prompt" >"$place/file" &
started+=($!)
wait $! || status=$?
file=$(cat "$place/file")
[ -z "$file" ] || echo "Video:   $file"
receipt=${file%.*}.json
if [ -f "$receipt" ]; then
    micros=$(sed -n 's/.*"micros": *\([0-9]*\).*/\1/p' "$receipt" | head -n 1)
    currency=$(sed -n 's/.*"currency": *"\([A-Za-z]*\)".*/\1/p' "$receipt" | head -n 1)
    [ -z "$micros" ] || awk -v m="$micros" -v c="$currency" 'BEGIN { printf "Cost:    %.2f %s\n", m / 1000000, c }'
    echo "Receipt: $receipt"
fi
exit "$status"
