#!/usr/bin/env bash
# Installs what `make build` built: programs, units, users, directories, catalogue, example configuration.
# Never touches an existing file in /etc/videogend.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$1 root=$2 prefix=$3

for program in videogend videogenctl nanogpt-simulator; do
    [ -x "$bin/$program" ] || { echo "$bin/$program is missing: run 'make build' first" >&2; exit 1; }
    install -D -m 0755 "$bin/$program" "$root$prefix/bin/$program"
done
unit() { # source, directory, name
    install -d "$root$2"
    sed "s|/usr/bin/|$prefix/bin/|g" "$1" >"$root$2/$3"
    chmod 0644 "$root$2/$3"
}
unit systemd/videogend.service "$prefix/lib/systemd/system" videogend.service
unit systemd/videogend.socket "$prefix/lib/systemd/system" videogend.socket
unit systemd/videogend-user.service "$prefix/lib/systemd/user" videogend.service
unit systemd/videogend.sysusers "$prefix/lib/sysusers.d" videogend.conf
unit systemd/videogend.tmpfiles "$prefix/lib/tmpfiles.d" videogend.conf
unit systemd/videogend.catalog "$prefix/lib/systemd/catalog" videogend.catalog
install -D -m 0644 README.md "$root$prefix/share/doc/videogend/README.md"
install -D -m 0644 etc/videogend.yaml "$root$prefix/share/doc/videogend/videogend.yaml"
if [ ! -e "$root/etc/videogend/videogend.yaml" ]; then
    install -D -m 0644 etc/videogend.yaml "$root/etc/videogend/videogend.yaml"
fi
