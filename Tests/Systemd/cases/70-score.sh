#!/usr/bin/env bash
# systemd-analyze has nothing to say against the units, and the score

units=/lib/systemd/system
systemd-analyze verify --recursive-errors=one $units/videogend.service $units/videogend.socket ||
    fail "systemd-analyze verify"
XDG_RUNTIME_DIR=$(mktemp -d) systemd-analyze verify --user --recursive-errors=one /usr/lib/systemd/user/videogend.service ||
    fail "systemd-analyze verify of the user unit"
cp /usr/share/doc/videogend/examples/videogend-collect.* /etc/systemd/system/
systemd-analyze verify --recursive-errors=one /etc/systemd/system/videogend-collect.path ||
    fail "systemd-analyze verify of the example"
rm /etc/systemd/system/videogend-collect.*
for page in $(sed -n 's/^Documentation=//p' $units/videogend.service $units/videogend.socket | tr ' ' '\n' | sort -u); do
    page=${page#man:}
    section=${page##*(}
    ls /usr/share/man/man"${section%)}"/"${page%(*}"."${section%)}".gz >/dev/null || fail "there is no page $page"
done
say "systemd-analyze verify is content, and the pages that Documentation= names are there"
systemd-analyze security --no-pager --threshold=13 videogend.service >/tmp/score || fail "$(tail -n 1 /tmp/score)"
say "$(tail -n 1 /tmp/score | sed 's/^[^A-Za-z]*//')"
