#!/usr/bin/env bash
# restarts and SIGKILL in a loop while clients talk: nobody is refused, nothing is paid twice, no job is lost

simulator POST settings '{"answer_delay_seconds": 0.05}' >/dev/null
ctl status >/dev/null
work=$(mktemp -d)
chmod 777 "$work"
touch "$work/go"
talk() { # number
    local calls=0
    while [ -e "$work/go" ]; do
        printf '{"jsonrpc":"2.0","id":1,"method":"daemon.info"}\n' |
            socat -t30 - UNIX-CONNECT:$socket >>"$work/answers.$1" 2>>"$work/errors.$1" || true
        calls=$((calls + 1))
    done
    echo $calls >"$work/calls.$1"
}
pay() {
    local n=0
    while [ -e "$work/go" ]; do
        n=$((n + 1))
        # The client waits for the next start when the daemon is on its way out.
        ctl submit --quiet --model kling-video --key "restart-$n" "restart $n" >>"$work/ids" 2>>"$work/submit.errors" ||
            echo "submit $n: $?" >>"$work/submit.failures"
    done
}
for i in 1 2; do talk $i & done
pay &
for i in $(seq 4); do
    sleep 0.6
    systemctl restart videogend.service
    sleep 0.6
    systemctl kill --kill-whom=main --signal=SIGKILL videogend.service
done
sleep 1.5
rm "$work/go"
wait $(jobs -p)
calls=$(awk '{ n += $1 } END { print n }' "$work"/calls.*)
refused=$(cat "$work"/errors.* | grep -ciE 'refused|no such file' || true)
equal "$refused" 0 "connections refused ($(cat "$work"/errors.* | grep -iE 'refused|no such file' | head -n 1))"
[ ! -e "$work/submit.failures" ] || fail "$(cat "$work/submit.failures" "$work/submit.errors")"
equal "$(property ActiveState videogend.socket)" active "the socket after all that"
say "$calls calls during 4 restarts and 4 SIGKILLs, none refused, $(cat "$work"/errors.* | grep -ciE 'reset' || true) cut"

submitted=$(wc -l <"$work/ids")
equal "$(sort -u "$work/ids" | wc -l)" "$submitted" "different jobs"
[ "$submitted" -ge 10 ] || fail "only $submitted jobs were submitted"
over() { [ "$(($(jobs_in completed) + $(jobs_in held)))" = "$submitted" ]; }
eventually 90 "all jobs are over" over
# A job that was killed on its way out may be held: maybe paid, so a person decides. Here: nothing was paid.
held=$(jobs_in held)
unpaid=$((submitted - $(charges)))
for id in $(videogenctl --json list --state held | grep -o '"id":"[^"]*"' | cut -d '"' -f 4); do
    videogenctl retry --accept-charge "$id" >/dev/null
done
done_all() { [ "$(jobs_in completed)" = "$submitted" ]; }
eventually 60 "all jobs are completed" done_all
no_double_charge
equal "$(charges)" "$submitted" "charges for $submitted jobs ($held held, $unpaid of them not paid)"
equal "$(find $videos -name '*.mp4' | wc -l)" "$submitted" "videos"
say "$submitted jobs, $submitted charges, $submitted videos ($held had been held)"
