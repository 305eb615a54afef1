#!/usr/bin/env bash
# The package under a real systemd: boots a private one (lab), installs the .deb there and runs cases/*.sh in it.
#
#   Tests/Systemd/run.sh [CASE ...]     CASE is a part of a file's name in cases/; without any, all of them
#
# On a machine that was booted with systemd and that may be spoilt, VIDEOGEND_TEST_HERE=1 runs the cases right there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

if [ "$(id -u)" != 0 ]; then
    echo "Tests/Systemd/run.sh needs root" >&2
    exit 1
fi
package=$(ls -t videogend_*_"$(dpkg --print-architecture)".deb 2>/dev/null | head -n 1)
[ -n "$package" ] || { echo "There is no package: run 'make deb' first" >&2; exit 1; }

echo "The package: $package"
lintian --fail-on error "$package" 2> >(grep -v 'root privileges' >&2)
echo "    ok: lintian finds no error"
"$here/install-test.sh"

if [ "${VIDEOGEND_TEST_HERE:-}" = 1 ]; then
    [ -d /run/systemd/system ] || { echo "This machine was not booted with systemd" >&2; exit 1; }
    exec "$here/suite.sh" "$package" "$@"
fi

export LAB_NAME=videogend-$$ LAB_DIR=${TMPDIR:-/tmp}/videogend-lab LAB_SIZE=3g
lab=$here/lab
trap '"$lab" down' EXIT
trap 'exit 130' INT TERM
"$lab" up
"$lab" cp "$here" /opt/videogend-tests
"$lab" cp "$package" "/opt/$package"
"$lab" run /opt/videogend-tests/suite.sh "/opt/$package" "$@"
