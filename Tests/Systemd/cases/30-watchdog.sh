#!/usr/bin/env bash
# a daemon that hangs is killed by the watchdog and comes back

drop_in watchdog <<'TEXT'
[Service]
WatchdogSec=3s
# A frozen thread does not even take the signal; the next one is SIGKILL.
TimeoutAbortSec=3s
TEXT
ctl status >/dev/null
id=$(ctl submit --quiet --model kling-video "slow [[simulate: slow=6]]")
paid() { [ "$(charges)" = 1 ]; }
eventually 10 "the job is paid" paid
restarts=$(property NRestarts)
sleep 4
equal "$(property NRestarts)" "$restarts" "restarts of a daemon that is well"

# Threads that match are put into a frozen control group of their own: the kernel no longer runs them.
freeze() { # pattern of thread names
    local pid group task count=0
    pid=$(property MainPID)
    group=/sys/fs/cgroup$(property ControlGroup)
    [ -d "$group" ] || group=/sys/fs/cgroup/unified$(property ControlGroup)
    mkdir "$group/frozen"
    echo threaded >"$group/frozen/cgroup.type"
    for task in /proc/"$pid"/task/*; do
        # The main thread only waits; it takes the watchdog's SIGABRT.
        if [ "${task##*/}" != "$pid" ] && grep -qE -- "$1" "$task/comm"; then
            echo "${task##*/}" >"$group/frozen/cgroup.threads"
            count=$((count + 1))
        fi
    done
    [ $count -gt 0 ] || fail "no thread is called $1: $(cat /proc/"$pid"/task/*/comm | sort | uniq -c)"
    echo 1 >"$group/frozen/cgroup.freeze"
}
killed() { [ "$(property NRestarts)" -gt "$restarts" ] && is_active; }
# Those of the control socket, and those on which the engine's loop runs.
for threads in '^NIO' '-qos'; do
    restarts=$(property NRestarts)
    pid=$(property MainPID)
    freeze "$threads"
    eventually 20 "the watchdog acts" killed
    [ "$(property MainPID)" != "$pid" ] || fail "it is still the same process"
    timeout 10 videogenctl status >/dev/null || fail "the new daemon does not answer"
    say "threads $threads hung: killed and started again"
done
logged --grep 'Watchdog timeout' || fail "the journal does not say that it was the watchdog"
ctl wait --timeout 30s "$id" >/dev/null
equal "$(charges)" 1 "charges"
say "the job that ran meanwhile was published, paid once"
