#!/usr/bin/env bash
# upgrading, removing and purging the package while jobs run loses nothing

configure <<'TEXT'
jobs: {maximum_active: 900}
TEXT
echo "# an administrator's line" >>/etc/videogend/videogend.yaml
for i in $(seq 6); do ctl submit --quiet --model kling-video "upgrade $i [[simulate: slow=4]]" >/dev/null; done
all_paid() { [ "$(charges)" = 6 ]; }
eventually 20 "the jobs are paid" all_paid
pid=$(property MainPID)
ino=$(stat -c %i $socket)

tree=$(mktemp -d)
dpkg-deb --raw-extract "$package" "$tree"
sed -i 's/^Version: .*/&+1/' "$tree/DEBIAN/control"
dpkg-deb --root-owner-group -Znone --build "$tree" /tmp/next.deb >/dev/null
touch /tmp/upgrading
(while [ -e /tmp/upgrading ]; do
    printf '{"jsonrpc":"2.0","id":1,"method":"daemon.info"}\n' | socat -t30 - UNIX-CONNECT:$socket 2>&1
done >/tmp/upgrade.talk) &
dpkg --install /tmp/next.deb >/tmp/dpkg.log 2>&1 || fail "$(cat /tmp/dpkg.log)"
rm /tmp/upgrading
wait $!
equal "$(dpkg-query -W -f '${Version}' videogend | grep -c '+1$')" 1 "the new version"
[ "$(property MainPID)" != "$pid" ] || fail "the old daemon still runs"
equal "$(stat -c %i $socket)" "$ino" "the socket's inode"
equal "$(grep -ciE 'refused|no such file' /tmp/upgrade.talk)" 0 "clients turned away"
tail -n 1 /etc/videogend/videogend.yaml | grep -q "administrator's line" || fail "the configuration was replaced"
completed() { [ "$(jobs_in completed)" = 6 ]; }
eventually 40 "all jobs are completed" completed
equal "$(charges)" 6 "charges"
no_double_charge
say "upgrade with 6 paid jobs: new process, same socket, nobody turned away, 6 videos, 6 charges"

systemctl disable videogend.service >/dev/null 2>&1
dpkg --install /tmp/next.deb >/tmp/dpkg.log 2>&1 || fail "$(cat /tmp/dpkg.log)"
equal "$(systemctl is-enabled videogend.service || true)" disabled "a service that was disabled, after an upgrade"
systemctl enable videogend.service >/dev/null 2>&1
dpkg --remove videogend >/tmp/dpkg.log 2>&1 || fail "$(cat /tmp/dpkg.log)"
! is_active || fail "it still runs after a removal"
[ ! -e $socket ] || fail "the socket is left behind"
[ -f /etc/videogend/videogend.yaml ] || fail "a removal takes the configuration"
equal "$(find $videos -name '*.mp4' | wc -l)" 6 "videos after a removal"
dpkg --install "$package" >/tmp/dpkg.log 2>&1 || fail "$(cat /tmp/dpkg.log)"
equal "$(jobs_in completed)" 6 "jobs after a new installation"
dpkg --purge videogend >/tmp/dpkg.log 2>&1 || fail "$(cat /tmp/dpkg.log)"
[ ! -e /etc/videogend/videogend.yaml ] || fail "a purge leaves the configuration"
grep -q 'were kept' /tmp/dpkg.log || fail "a purge does not say what it keeps"
equal "$(find $videos -name '*.mp4' | wc -l)" 6 "videos after a purge"
say "remove, install, purge: videos and the journal of jobs stay"
