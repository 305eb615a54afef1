#!/usr/bin/env bash
# "make install" and "make uninstall" in a directory of their own.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
fail() { echo "    FAILED: $*" >&2; exit 1; }

mkdir -p "$tree/etc/videogend"
echo "# mine" >"$tree/etc/videogend/videogend.yaml"
make --no-print-directory install DESTDIR="$tree" PREFIX=/opt/videogend
[ "$(cat "$tree/etc/videogend/videogend.yaml")" = "# mine" ] || fail "an existing configuration was touched"
for file in bin/videogend bin/videogenctl bin/nanogpt-simulator \
    lib/systemd/system/videogend.{service,socket} lib/systemd/user/videogend.service \
    lib/sysusers.d/videogend.conf lib/tmpfiles.d/videogend.conf lib/systemd/catalog/videogend.catalog \
    share/man/man8/videogend.8.gz share/man/man1/videogenctl.1.gz share/man/man5/videogend.yaml.5.gz \
    share/man/man7/videogend-protocol.7.gz share/bash-completion/completions/videogenctl \
    share/zsh/site-functions/_videogenctl share/fish/vendor_completions.d/videogenctl.fish \
    share/doc/videogend/examples/videogend-collect.path; do
    [ -s "$tree/opt/videogend/$file" ] || fail "$file is not installed"
done
grep -q '^ExecStart=/opt/videogend/bin/videogend$' "$tree/opt/videogend/lib/systemd/system/videogend.service" ||
    fail "the unit starts another program than the installed one"
for page in "$tree"/opt/videogend/share/man/man*/*.gz; do
    warnings=$(man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null)
    [ -z "$warnings" ] || fail "${page##*/}: $warnings"
done
# The completions are what the shells can read, and know the commands.
for script in "$tree"/opt/videogend/share/bash-completion/completions/*; do bash -n "$script"; done
bash -c 'source "$1"; complete -p videogenctl' - "$tree/opt/videogend/share/bash-completion/completions/videogenctl" \
    >/dev/null || fail "bash has no completion for videogenctl"
for script in zsh/site-functions/_videogenctl fish/vendor_completions.d/videogenctl.fish; do
    grep -q -- "submit" "$tree/opt/videogend/share/$script" || fail "$script does not know submit"
done
make --no-print-directory uninstall DESTDIR="$tree" PREFIX=/opt/videogend
left=$(find "$tree" -type f ! -path "$tree/etc/*")
[ -z "$left" ] || fail "make uninstall leaves $left"
[ -e "$tree/etc/videogend/videogend.yaml" ] || fail "make uninstall removes the configuration"
echo "    ok: make install, make uninstall"
