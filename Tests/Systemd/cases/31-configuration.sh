#!/usr/bin/env bash
# a bad configuration at the start is not tried for ever; reload with a good and a bad one

ctl status >/dev/null
configure <<'TEXT'
jobs: {maximum_active: 7}
control: {mode: "0600"}
TEXT
systemctl reload videogend.service || fail "a good configuration was refused"
logged MESSAGE="configuration reloaded changed=jobs.maximum_active needs_restart=control.mode" ||
    logged VIDEOGEND_CHANGED=jobs.maximum_active VIDEOGEND_NEEDS_RESTART=control.mode ||
    fail "the journal does not say what changed: $(journal -o cat -n 5)"
equal "$(property SubState)" running "the state after a reload"
say "reload: $(journal -o cat --grep 'configuration reloaded' -n 1)"

echo "polling: {maximum: often}" >/etc/videogend/videogend.yaml
if systemctl reload videogend.service 2>/dev/null; then fail "systemctl reload hides that the configuration is bad"; fi
[[ $(property StatusText) == *"refused"*"polling.maximum"* ]] || fail "STATUS says $(property StatusText)"
logged MESSAGE_ID=00021ab3c60b4a42883db99151b81de2 || fail "no journal entry with the id"
status=0
said=$(videogenctl reload 2>&1) || status=$?
equal "$status" 4 "videogenctl reload"
[[ $said == *polling.maximum* ]] || fail "videogenctl reload says $said"
ctl submit --quiet --wait --model kling-video "under the old configuration" >/dev/null
kill -HUP "$(property MainPID)"
sleep 0.5
is_active || fail "SIGHUP with a bad configuration ended the daemon"
say "bad reload: exit 1, STATUS: $(property StatusText | sed 's/.*; the conf/the conf/')"

# The start.
systemctl restart videogend.service 2>/dev/null && fail "it starts with a bad configuration"
sleep 3
equal "$(property ActiveState)" failed "the unit"
equal "$(property ExecMainStatus)" 78 "the exit status"
equal "$(property NRestarts)" 0 "restarts"
equal "$(property StatusErrno)" 22 "ERRNO"
[[ $(property StatusText) == *polling.maximum* ]] || fail "STATUS says $(property StatusText)"
# Clients that come meanwhile start it again; each is told why and lets go, and the socket stays.
for i in $(seq 30); do
    said=$(timeout 10 videogenctl status 2>&1) && fail "it answers with a bad configuration"
    [[ $said == *polling.maximum* ]] || fail "client $i hears: $said"
done
equal "$(property ActiveState videogend.socket)" active "the socket after 30 clients"
begun=$(journal -o cat --grep 'Starting ' | wc -l)
sleep 3
equal "$(journal -o cat --grep 'Starting ' | wc -l)" "$begun" "starts without a client"
say "bad start: 78, no restart, each client is told: $said"
configure </dev/null
systemctl start videogend.service || fail "it does not start when the configuration is good again"
[[ $(property StatusText) != *refused* ]] || fail "STATUS still says $(property StatusText)"
say "and it starts once the file is good"
