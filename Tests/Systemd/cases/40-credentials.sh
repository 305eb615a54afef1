#!/usr/bin/env bash
# an encrypted key works and is nowhere to be seen; a refused key stops submissions, not the daemon

equal "$(grep -c '^LoadCredential=nanogpt-api-key$' "$(property FragmentPath)")" 1 "LoadCredential="

rm /etc/credstore/nanogpt-api-key
systemctl start videogend.service 2>/dev/null && fail "it starts without a key"
equal "$(property ExecMainStatus)" 78 "the exit status without a key"
[[ $(property StatusText) == *nanogpt-api-key*credstore* ]] || fail "without a key STATUS says $(property StatusText)"
say "without a key: $(property StatusText)"

systemd-creds setup >/dev/null 2>&1 || true
install -d -m 0700 /etc/credstore.encrypted
printf '%s' "$key" | systemd-creds encrypt --with-key=host --name=nanogpt-api-key - \
    /etc/credstore.encrypted/nanogpt-api-key 2>/dev/null
drop_in 20-encrypted-credential </usr/share/doc/videogend/examples/20-encrypted-credential.conf
systemctl start videogend.service
ctl submit --quiet --wait --model kling-video "paid with an encrypted key" >/dev/null
equal "$(charges)" 1 "charges"
say "a job was paid with a key that is encrypted on disk"

pid=$(property MainPID)
nowhere() { # what, standard input
    ! grep -qF -- "$key" || fail "the key stands in $1"
}
systemctl show videogend.service | nowhere "systemctl show"
# The test itself starts the simulator with the key on its command line, so only the daemon's own entries count.
journal -o export --all | grep -av '^_CMDLINE=' | nowhere "the journal"
tr '\0' '\n' <"/proc/$pid/environ" | nowhere "the environment"
tr '\0' '\n' <"/proc/$pid/cmdline" | nowhere "the command line"
! grep -rqF -- "$key" /var/lib/videogend /srv/videogend /run/videogend 2>/dev/null || fail "the key stands in a file"
# PR_SET_DUMPABLE 0: the kernel gives what is in /proc to root.
equal "$(stat -c %U "/proc/$pid/environ")" root "the owner of /proc/PID/environ"
grep -q '^Max core file size *0 *0 ' "/proc/$pid/limits" || fail "core dumps are allowed"
say "the key is not in systemctl show, the journal, environ, cmdline, the state directory; no core dumps"

give_key "another-key"
rm -r /etc/systemd/system/videogend.service.d
systemctl daemon-reload
systemctl restart videogend.service
id=$(ctl submit --quiet --model kling-video "waits for a good key")
refused() { logged MESSAGE_ID=91f5b8f7cc1747d2a584d2014347b525; }
eventually 20 "the refused key in the journal" refused
is_active || fail "a refused key ended the daemon"
equal "$(state_of "$id")" queued "the job"
told() { [[ $(property StatusText) == *"refuses the API key"* ]]; }
eventually 10 "the refused key in STATUS" told
say "refused: $(property StatusText)"
give_key "$key"
systemctl restart videogend.service
ctl wait --timeout 30s "$id" >/dev/null
equal "$(charges)" 2 "charges"
say "a new key through a restart goes on with the job"
