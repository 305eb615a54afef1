#!/usr/bin/env bash
# a missing output directory is said and waited for, not a failed start

mv /srv/videogend /srv/elsewhere
systemctl start videogend.service || fail "it does not start: $(property Result)"
[[ $(property StatusText) == *"/srv/videogend"* ]] || fail "STATUS says $(property StatusText)"
id=$(ctl submit --quiet --model kling-video "waits for a directory")
sleep 1
equal "$(state_of "$id")" queued "the job"
equal "$(charges)" 0 "charges"
say "$(property StatusText)"
systemd-tmpfiles --create videogend.conf
systemctl restart videogend.service
file=$(ctl wait --timeout 30s "$id")
[ -f "$file" ] || fail "no video at '$file'"
equal "$(charges)" 1 "charges"
rm -r /srv/elsewhere
say "systemd-tmpfiles and a restart mend it"
