#!/usr/bin/env bash
# Builds videogend_VERSION_ARCHITECTURE.deb from what `make build` built, with dpkg's own tools alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$1
version=$("$bin/videogend" --version)
architecture=$(dpkg --print-architecture)
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}"
export SOURCE_DATE_EPOCH
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
maintainer="videogend maintainers <maintainers@videogend.invalid>"

scripts/install.sh "$bin" "$tree" /usr
for program in videogend videogenctl nanogpt-simulator; do
    strip --strip-unneeded --remove-section=.comment --remove-section=.note "$tree/usr/bin/$program"
done
doc=$tree/usr/share/doc/videogend
install -m 0644 packaging/debian/copyright "$doc/copyright"
gzip -9n <CHANGELOG.md >"$doc/CHANGELOG.md.gz"
{
    echo "videogend ($version) unstable; urgency=medium"
    printf '\n  * See CHANGELOG.md.gz beside this file.\n\n'
    echo " -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"
install -D -m 0644 packaging/debian/lintian-overrides "$tree/usr/share/lintian/overrides/videogend"

# The libraries that the programs are linked with, in the versions that they need.
mkdir "$scratch/debian"
printf 'Source: videogend\n\nPackage: videogend\nArchitecture: any\n' >"$scratch/debian/control"
libraries=$(cd "$scratch" && dpkg-shlibdeps -O tree/usr/bin/* 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$libraries" ] || { echo "dpkg-shlibdeps does not say what the programs need" >&2; exit 1; }

mkdir "$tree/DEBIAN"
cat >"$tree/DEBIAN/control" <<TEXT
Package: videogend
Version: $version
Architecture: $architecture
Maintainer: $maintainer
Section: video
Priority: optional
Depends: $libraries, ca-certificates, systemd (>= 252)
Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)
Description: daemon for paid, asynchronous video generation
 videogend owns a NanoGPT API key, takes video jobs from local processes over a
 Unix socket, pays for each exactly once, follows it for as long as it takes,
 and publishes the finished video into a watched directory.
 .
 videogenctl is its control client, nanogpt-simulator a local stand-in for the
 remote API.
TEXT
echo /etc/videogend/videogend.yaml >"$tree/DEBIAN/conffiles"
(cd "$tree" && find . -type f ! -path './DEBIAN/*' ! -path './etc/*' -printf '%P\0' | LC_ALL=C sort -z |
    xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
for script in postinst prerm postrm; do install -m 0755 "packaging/debian/$script" "$tree/DEBIAN/$script"; done
chmod -R u=rwX,go=rX "$tree"
find "$tree" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz -z1 --build "$tree" "videogend_${version}_${architecture}.deb"
