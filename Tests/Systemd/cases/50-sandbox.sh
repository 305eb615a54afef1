#!/usr/bin/env bash
# the sandbox holds, asked of the kernel

ctl status >/dev/null
pid=$(property MainPID)
value() { sed -n "s/^$1:[[:space:]]*//p" "/proc/$pid/status"; }
for set in CapInh CapPrm CapEff CapBnd CapAmb; do equal "$(value $set)" 0000000000000000 "$set"; done
equal "$(value NoNewPrivs)" 1 "NoNewPrivs"
equal "$(value Seccomp)" 2 "Seccomp"
equal "$(ps -o user= -p "$pid")" videogend "the user"
say "no capabilities, no new privileges, system calls filtered"

# In the daemon's own view of the file system, as its user.
inside() { nsenter --target "$pid" --mount setpriv --reuid=videogend --regid=videogend --init-groups "$@"; }
install -d -m 0777 /opt/open /home/alice
echo secret >/home/alice/letter
chmod -R a+rwX /home/alice
for place in /etc /usr /opt/open /var/tmp/.. /var/lib /srv /srv/videogend /boot; do
    [ -d "$place" ] || continue
    ! inside touch "$place/x" 2>/dev/null || fail "it can write to $place"
done
said=$(inside touch /opt/open/x 2>&1) || true
[[ $said == *"Read-only file system"* ]] || fail "what everybody may write to is closed by: $said"
! inside cat /home/alice/letter 2>/dev/null || fail "it can read /home"
! inside ls /root 2>/dev/null || fail "it can read /root"
inside touch /var/lib/videogend/x /srv/videogend/videos/x /srv/videogend/.staging/x ||
    fail "it cannot write to its own directories"
rm -f /var/lib/videogend/x $videos/x /srv/videogend/.staging/x
touch /tmp/of-somebody
! inside ls /tmp/of-somebody 2>/dev/null || fail "it sees the /tmp of others"
equal "$(inside sh -c 'ls /proc | grep -cx 1')" 0 "processes of others in /proc"
! inside ls /dev/tty 2>/dev/null || say "/dev/tty is there"
say "it writes to its own directories alone, and sees neither /home nor the /tmp and processes of others"
