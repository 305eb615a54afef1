#!/bin/bash
# Measures videogend beside bare C programs, Redis, a Python client and SQLite, in one run.
#   run.sh [--quick] [--write] [control|peers|events|calls|jobs|idle|journal]...
# The tables go to standard output; --write puts them into docs/performance.md as well.
# BENCH_PROGRAMS=FOLDER measures the programs of that folder instead of building them.
set -euo pipefail
unset NANOGPT_API_KEY

repository=$(cd "$(dirname "$0")/../.." && pwd)
here=$repository/Tests/Benchmarks
build=$repository/.build-release/bench
cd "$repository"

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v taskset >/dev/null || missing+=(util-linux)
python3 -c 'import venv, ensurepip, sqlite3' 2>/dev/null || missing+=(python3-venv)
command -v cc >/dev/null || missing+=(gcc libc6-dev)
# Other daemons to compare with; without them their rows stay empty.
peers=()
command -v mpv >/dev/null || peers+=(mpv)
command -v qemu-system-x86_64 >/dev/null || peers+=(qemu-system-x86)
command -v ovsdb-server >/dev/null || peers+=(openvswitch-switch)
[ ${#peers[@]} -eq 0 ] || echo "not installed, so not compared with: ${peers[*]}" >&2
if [ ${#missing[@]} -gt 0 ]; then
    echo "missing Debian packages: ${missing[*]}" >&2
    echo "install them with: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 69
fi

if [ -z "${BENCH_PROGRAMS:-}" ]; then
    # By product: the test targets do not build with a static standard library.
    for product in videogend videogenctl nanogpt-simulator; do
        swift build -c release --scratch-path .build-release -Xswiftc -static-stdlib --product "$product" >&2
    done
    BENCH_PROGRAMS=$repository/.build-release/release
fi

export BENCH_PROGRAMS BENCH_TOOLS=$build/tools BENCH_PLACE=$build/work BENCH_PYTHON=$build/venv/bin/python
export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$BENCH_TOOLS" "$BENCH_PLACE"
for name in udsbench echoline upsim fswatch fanout udsping; do
    cc -O2 -o "$BENCH_TOOLS/$name" "$here/baselines/$name.c"
done
if [ "$here/baselines/Idle.swift" -nt "$BENCH_TOOLS/idle" ]; then
    swiftc -O -parse-as-library -o "$BENCH_TOOLS/idle" "$here/baselines/Idle.swift" >&2
fi
if ! "$BENCH_PYTHON" -c 'import aiohttp' 2>/dev/null; then
    python3 -m venv "$build/venv"
    "$build/venv/bin/pip" install --quiet aiohttp >&2
fi

arguments=()
for argument in "$@"; do
    if [ "$argument" = --write ]; then
        arguments+=(--write "$repository/docs/performance.md")
    else
        arguments+=("$argument")
    fi
done
exec python3 "$here/measure.py" "${arguments[@]}"
