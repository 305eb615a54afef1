#!/usr/bin/env bash
# Runs inside of the system under test, as root: suite.sh PACKAGE [CASE ...]
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
package=$1
shift
export here package
source "$here/support.sh"

# Containers forbid starting services at an installation.
rm -f /usr/sbin/policy-rc.d
started=$SECONDS
begin=$(date +%s%N)
dpkg --install "$package" >/tmp/dpkg.log 2>&1 || { cat /tmp/dpkg.log; exit 1; }
echo "    ok: dpkg --install, $((($(date +%s%N) - begin) / 1000000)) ms"
prepare || exit 1

failed=()
for file in "$here"/cases/*.sh; do
    name=$(basename "$file" .sh)
    wanted=$([ $# -eq 0 ] && echo yes || true)
    for pattern in "$@"; do [[ $name == *$pattern* ]] && wanted=yes; done
    [ -n "$wanted" ] || continue
    echo "$name: $(sed -n '2s/^# //p' "$file")"
    begin=$SECONDS
    if ! (set -euo pipefail; fresh; source "$file"); then
        failed+=("$name")
        echo "---- the end of the journal of $name"
        journalctl --no-pager -o short-precise -n 40 | cut -c1-400
        systemctl --no-pager --full status videogend.service videogend.socket | head -n 40
        echo "----"
    fi
    echo "    ($((SECONDS - begin)) s)"
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "Failed under systemd: ${failed[*]}"
    exit 1
fi
echo "All cases passed under $(systemctl --version | head -n 1) in $((SECONDS - started)) s."
