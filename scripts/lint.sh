#!/usr/bin/env bash
# The formatter's strict rules, and the patterns that need a reason: in a comment on the line or just above it, or,
# for a whole file, in .lint-allow (PATH, PATTERN, REASON, separated by tabs).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
failed=0

swift format lint --strict --recursive --parallel Sources Tests Package.swift || failed=1

# pattern <TAB> what to do instead
patterns=$(cat <<'TEXT'
^(public |internal |private )?import Foundation$	import FoundationEssentials or Glibc
(^|[^.a-zA-Z])Task( \{|\.detached)	structured concurrency: a child task or a Service
Date\(\)|Clock\.now	inject the clock
(^|[^.a-zA-Z])print\(	a logger, or the client's output
@unchecked Sendable	a Mutex
nonisolated\(unsafe\)	a Mutex
(^|[^a-zA-Z])try\?	catch and handle
(^|[^a-zA-Z])try!|(^|[^a-zA-Z])as!|fatalError\(	throw
TEXT
)
while IFS=$'\t' read -r pattern advice; do
    allowed=$(awk -F '\t' -v pattern="$pattern" '$2 == pattern && $3 != "" { print $1 }' .lint-allow)
    # Comments themselves do not count; a comment within the three lines above is the reason.
    hits=$(grep -rlE --include='*.swift' "$pattern" Sources | grep -vxF "${allowed:-/}" | while IFS= read -r file; do
        PATTERN=$pattern awk -v file="$file" '
            { comment = $0 ~ /^ *\/\// }
            !comment && $0 ~ ENVIRON["PATTERN"] && $0 !~ /\/\/ / && !(near > NR - 4 && near > 0) { print file ":" NR ":" $0 }
            comment { near = NR }' "$file"
    done)
    if [ -n "$hits" ]; then
        printf "%s\n    '%s' needs a reason beside it; better: %s\n" "$hits" "$pattern" "$advice"
        failed=1
    fi
done <<<"$patterns"

bad=$(grep -rlE '[[:blank:]]+$' --include='*.swift' --include='*.md' --include='*.sh' Sources Tests docs scripts ./*.md 2>/dev/null)
if [ -n "$bad" ]; then
    printf 'Blanks at the end of lines:\n%s\n' "$bad"
    failed=1
fi
exit $failed
