#!/usr/bin/env bash
# libFuzzer, guided by coverage, on what needs nothing but the standard library: the JSON parser, the scanner of request
# lines, the parameters of every method. run.sh SECONDS (of each of the three). Findings stay in .build/fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
seconds=${1:-100}
out=.build/fuzz
mkdir -p "$out"
flags=(-O -sanitize=fuzzer -parse-as-library -swift-version 6 -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility
    -enable-upcoming-feature NonisolatedNonsendingByDefault -enable-upcoming-feature InferIsolatedConformances
    -I "$out")
module() {
    swiftc "${flags[@]}" -wmo -emit-module -emit-module-path "$out/$1.swiftmodule" -emit-object -o "$out/$1.o" \
        -module-name "$1" $(find "Sources/$1" -name '*.swift')
}
module JSON
module ControlProtocol
# A trap shall end the run at once, not print a stack for minutes.
export SWIFT_BACKTRACE=enable=no
for target in json envelope params; do
    swiftc "${flags[@]}" -use-ld=lld -D "FUZZ_${target^^}" -module-name Fuzz -o "$out/$target" "$out/JSON.o" \
        "$out/ControlProtocol.o" Tests/FuzzTests/libfuzzer/Driver.swift Tests/FuzzTests/Targets/FuzzTarget.swift \
        Tests/FuzzTests/Targets/{JSON,Envelope,Params}Target.swift
    mkdir -p "$out/corpus/$target"
    echo "libFuzzer: $target for $seconds s"
    # Its list of words that it recommends helps nobody here.
    "$out/$target" -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$out/$target-" -verbosity=0 "$out/corpus/$target" "Tests/FuzzTests/corpus/$target" 2>&1 | grep -vE '# Uses:|dictionary\. ######'
done
