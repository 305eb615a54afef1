#!/usr/bin/env bash
# Builds videogend_VERSION_ARCH.deb with dpkg-deb alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$1
version=$("$bin/videogend" --version)
architecture=$(dpkg --print-architecture)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

scripts/install.sh "$bin" "$tree" /usr
for program in videogend videogenctl nanogpt-simulator; do strip --strip-unneeded "$tree/usr/bin/$program"; done
mkdir -p "$tree/DEBIAN"
cat >"$tree/DEBIAN/control" <<TEXT
Package: videogend
Version: $version
Architecture: $architecture
Maintainer: videogend maintainers <maintainers@videogend.invalid>
Section: video
Priority: optional
Depends: libc6, libstdc++6, libgcc-s1, libsqlite3-0, libsystemd0, zlib1g, ca-certificates
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Description: daemon for paid, asynchronous video generation
 videogend owns a NanoGPT API key, takes video jobs from local processes over a
 Unix socket, pays for each exactly once, follows it for as long as it takes,
 and publishes the finished video into a watched directory.
TEXT
echo /etc/videogend/videogend.yaml >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/postinst" <<'TEXT'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    systemd-sysusers videogend.conf
    systemd-tmpfiles --create videogend.conf
    install -d -m 0700 /etc/credstore
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        journalctl --update-catalog >/dev/null 2>&1 || true
        systemctl enable videogend.socket >/dev/null 2>&1 || true
        systemctl restart videogend.socket || true
        systemctl try-restart videogend.service || true
    fi
fi
TEXT
cat >"$tree/DEBIAN/prerm" <<'TEXT'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    systemctl disable --now videogend.socket videogend.service >/dev/null 2>&1 || true
fi
TEXT
chmod 0755 "$tree/DEBIAN/postinst" "$tree/DEBIAN/prerm"
dpkg-deb --root-owner-group --build "$tree" "videogend_${version}_${architecture}.deb"
