#!/usr/bin/env bash
# The formatter's strict rules, and the patterns that STYLE forbids; exceptions stand in .lint-allow with a reason.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0

swift format lint --strict --recursive --parallel Sources Tests Package.swift || failed=1

# pattern <TAB> what to do instead
patterns=$(cat <<'TEXT'
^(public |internal |private )?import Foundation$	import FoundationEssentials or Glibc
Task \{|Task\.detached	structured concurrency: a child task or a Service
Date\(\)|\.now\b	inject the clock
\bprint\(	a logger, or the client's output
@unchecked Sendable	a Mutex
nonisolated\(unsafe\)	a Mutex
try\?	catch and handle
try!|as!|fatalError\(	throw
TEXT
)
while IFS=$'\t' read -r pattern advice; do
    while IFS= read -r hit; do
        path=${hit%%:*}
        # One line of .lint-allow: PATH <TAB> PATTERN <TAB> REASON
        if ! awk -F '\t' -v path="$path" -v pattern="$pattern" \
            '$1 == path && $2 == pattern && $3 != "" { found = 1 } END { exit !found }' .lint-allow; then
            echo "$hit"
            echo "    '$pattern' is not allowed here: $advice"
            failed=1
        fi
    done < <(grep -rnE --include='*.swift' "$pattern" Sources | grep -vE '^[^:]+:[0-9]+: *//')
done <<<"$patterns"

bad=$(grep -rlE '[[:blank:]]+$' --include='*.swift' --include='*.md' --include='*.sh' Sources Tests docs scripts ./*.md 2>/dev/null)
if [ -n "$bad" ]; then
    printf 'Blanks at the end of lines:\n%s\n' "$bad"
    failed=1
fi
exit $failed
