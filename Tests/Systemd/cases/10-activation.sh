#!/usr/bin/env bash
# the first connection starts the daemon, and a job goes from the socket to a published file

! is_active || fail "the daemon runs before anybody asked"
equal "$(stat -c '%U:%G %a' $socket)" "root:videogend 660" "the socket"

# Many clients wait for the start; each gets its answer.
answers=$(mktemp -d)
for i in $(seq 20); do
    printf '{"jsonrpc":"2.0","id":%d,"method":"daemon.info"}\n' "$i" |
        socat -t30 - UNIX-CONNECT:$socket >"$answers/$i" 2>&1 &
done
wait $(jobs -p)
equal "$(cat "$answers"/* | grep -c '"name":"videogend"')" 20 "answers to clients that waited for the start"
equal "$(property NRestarts)" 0 "restarts"
say "20 clients waited at the socket, one start, 20 answers"

file=$(ctl submit --quiet --wait --model kling-video "A lighthouse in a storm")
[ -f "$file" ] || fail "no video at '$file'"
case $file in "$videos"/*.mp4) ;; *) fail "the video is at $file" ;; esac
equal "$(head -c 8 "$file" | tail -c 4)" ftyp "the beginning of the video"
[ -f "${file%.mp4}.json" ] || fail "no receipt"
equal "$(charges)" 1 "charges"
say "published $file"

line() { systemctl status videogend.service | sed -n 's/^ *Status: //p'; }
has_balance() { [[ $(line) == *balance* ]]; }
eventually 10 "the balance in systemctl status" has_balance
say "systemctl status: $(line)"
# A change is told within a second or two, and not more often than once a second.
ctl submit --quiet --model kling-video "stuck [[simulate: stuck]]" >/dev/null
in_queue() { [[ $(property StatusText) == *"1 in_queue"*"paid and unpublished: 1"* ]]; }
eventually 10 "the money at risk in STATUS" in_queue
say "STATUS: $(property StatusText)"
! ctl reload 2>/dev/null || fail "alice may reload"
if as mallory videogenctl status 2>/dev/null; then fail "mallory may use the socket"; fi
say "who is not in the group is turned away"
