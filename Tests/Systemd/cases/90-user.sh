#!/usr/bin/env bash
# the user's own daemon under systemctl --user

uid=$(id -u alice)
home=/var/tmp/alice
install -d -o alice -g alice -m 0700 $home "/run/user/$uid"
usermod --home $home alice
install -d -o alice -g alice $home/.config $home/.config/videogend
(umask 077; echo "$key" >$home/.config/videogend/key)
cat >$home/.config/videogend/videogend.yaml <<TEXT
api: {base_url: 'http://127.0.0.1:$api', key_file: $home/.config/videogend/key}
TEXT
chown -R alice:alice $home/.config
# The user's manager, without logind, which does not run everywhere.
cat >/etc/systemd/system/manager-of-alice.service <<TEXT
[Service]
Type=notify
User=alice
Environment=XDG_RUNTIME_DIR=/run/user/$uid HOME=$home
ExecStart=/lib/systemd/systemd --user
Delegate=yes
KillMode=mixed
TEXT
systemctl daemon-reload
systemctl start manager-of-alice.service
mine() { as alice XDG_RUNTIME_DIR="/run/user/$uid" HOME=$home "$@"; }
mine systemctl --user start videogend.service || fail "it does not start"
equal "$(mine systemctl --user show -P ActiveState videogend.service)" active "the user's daemon"
file=$(mine videogenctl submit --quiet --wait --model kling-video "at home")
case $file in $home/videos/*.mp4) ;; *) fail "the video is at $file" ;; esac
[ -f "$file" ] || fail "no video"
equal "$(stat -c %a $home/.local/state/videogend)" 700 "the state directory"
mine systemctl --user reload videogend.service || fail "it does not reload"
say "$file"
systemctl stop manager-of-alice.service
rm /etc/systemd/system/manager-of-alice.service
