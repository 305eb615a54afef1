#!/usr/bin/env bash
# Removes what `make install` installed. Configuration, state and videos stay.
set -euo pipefail
root=$1 prefix=$2
place=$root$prefix

for program in videogend videogenctl nanogpt-simulator; do
    rm -f "$place/bin/$program" "$place/share/bash-completion/completions/$program" \
        "$place"/share/zsh/{site-functions,vendor-completions}/_"$program" \
        "$place/share/fish/vendor_completions.d/$program.fish"
done
rm -f "$place"/lib/systemd/system/videogend.{service,socket} "$place/lib/systemd/user/videogend.service" \
    "$place/lib/sysusers.d/videogend.conf" "$place/lib/tmpfiles.d/videogend.conf" \
    "$place/lib/systemd/catalog/videogend.catalog" \
    "$place"/share/man/man1/{videogenctl,nanogpt-simulator}.1.gz "$place/share/man/man5/videogend.yaml.5.gz" \
    "$place/share/man/man7/videogend-protocol.7.gz" "$place/share/man/man8/videogend.8.gz"
rm -rf "$place/share/doc/videogend"
