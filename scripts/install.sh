#!/usr/bin/env bash
# Installs what `make build` built: programs, units, users, directories, catalogue, manual pages, completions, example
# configuration. Never touches an existing file in /etc/videogend.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=$1 root=$2 prefix=$3
programs=(videogend videogenctl nanogpt-simulator)

for program in "${programs[@]}"; do
    [ -x "$bin/$program" ] || { echo "$bin/$program is missing: run 'make build' first" >&2; exit 1; }
    install -D -m 0755 "$bin/$program" "$root$prefix/bin/$program"
done
text() { # source, target: with the paths of this installation
    install -d "$root$(dirname "$2")"
    sed "s|/usr/bin/videogen|$prefix/bin/videogen|g; s|/usr/share/doc/videogend|$prefix/share/doc/videogend|g" \
        "$1" >"$root$2"
    chmod 0644 "$root$2"
}
text systemd/videogend.service "$prefix/lib/systemd/system/videogend.service"
text systemd/videogend.socket "$prefix/lib/systemd/system/videogend.socket"
text systemd/videogend-user.service "$prefix/lib/systemd/user/videogend.service"
text systemd/videogend.sysusers "$prefix/lib/sysusers.d/videogend.conf"
text systemd/videogend.tmpfiles "$prefix/lib/tmpfiles.d/videogend.conf"
text systemd/videogend.catalog "$prefix/lib/systemd/catalog/videogend.catalog"

for page in man/*.[1-9]; do
    target=$prefix/share/man/man${page##*.}/${page##*/}
    text "$page" "$target"
    gzip -9nf "$root$target"
done

# zsh looks in one place for what the distribution brings, and in another for what was added.
zsh=site-functions
[ "$prefix" != /usr ] || zsh=vendor-completions
completions=(bash-completion/completions "zsh/$zsh" fish/vendor_completions.d)
for directory in "${completions[@]}"; do install -d "$root$prefix/share/$directory"; done
for program in "${programs[@]}"; do
    for shell in bash zsh fish; do
        case $shell in
            bash) file=${completions[0]}/$program ;;
            zsh) file=${completions[1]}/_$program ;;
            fish) file=${completions[2]}/$program.fish ;;
        esac
        # It is read by the shell, not run: no interpreter in the first line.
        "$bin/$program" --generate-completion-script "$shell" | sed '1{/^#!/d}' >"$root$prefix/share/$file"
        chmod 0644 "$root$prefix/share/$file"
    done
done

doc=$prefix/share/doc/videogend
install -D -m 0644 README.md "$root$doc/README.md"
install -D -m 0644 -t "$root$doc" docs/protocol.md docs/openrpc.json
install -D -m 0644 -t "$root$doc/clients" docs/clients/*
text etc/videogend.yaml "$doc/examples/videogend.yaml"
for example in systemd/examples/* systemd/videogend.service.d/*; do
    name=${example##*/}
    text "$example" "$doc/examples/${name%.example}"
done
if [ ! -e "$root/etc/videogend/videogend.yaml" ]; then
    install -D -m 0644 etc/videogend.yaml "$root/etc/videogend/videogend.yaml"
fi
