#!/usr/bin/env bash
# Removes what `make install` installed. Configuration, state and videos stay.
set -euo pipefail
root=$1 prefix=$2

for program in videogend videogenctl nanogpt-simulator; do rm -f "$root$prefix/bin/$program"; done
rm -f "$root$prefix"/lib/systemd/system/videogend.{service,socket} \
    "$root$prefix/lib/systemd/user/videogend.service" \
    "$root$prefix/lib/sysusers.d/videogend.conf" "$root$prefix/lib/tmpfiles.d/videogend.conf" \
    "$root$prefix/lib/systemd/catalog/videogend.catalog"
rm -rf "$root$prefix/share/doc/videogend"
