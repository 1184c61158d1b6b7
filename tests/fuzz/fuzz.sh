#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# fuzz.sh SECONDS [PARSER...]: gives each of the tool's parsers, or those named, made-up input for so long, one after the other,
# beginning with corpus/. What it finds beyond is kept in out/fuzz; an input that a parser fails on is there, too, and named.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"

seconds=${1:?usage: fuzz.sh SECONDS [PARSER...]}
shift
[ $# != 0 ] || set -- checks cpulist kmsg ping series stacks stretches
command -v clang >/dev/null || die "the fuzzers are built by clang, which is missing; install the package clang."

failed=
for parser; do
	[ -e "$top/tests/fuzz/$parser.c" ] || die "there is no fuzzer '$parser' in tests/fuzz."
	mkdir -p "$out/fuzz/$parser"
	sources=
	for name in memory text cpulist trace driver_file snapshot stretches group folded reply kmsg series snapshot_input snapshot_output trace_input \
		trace_output json_input group_output comparison output validate/checks validate/validation validate/ktap validate/report_html validate/report_markdown; do
		sources="$sources $top/tool/$name.c"
	done
	# shellcheck disable=SC2046,SC2086 # lists of flags and files
	clang -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I"$top" \
		-o "$out/fuzz/$parser.run" "$top/tests/fuzz/$parser.c" $sources $(pkg-config --cflags --libs json-c)
	status=0
	"$out/fuzz/$parser.run" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-dict="$top/tests/fuzz/$parser.dict" -artifact_prefix="$out/fuzz/$parser-" \
		"$out/fuzz/$parser" "$top/tests/fuzz/corpus/$parser" >"$out/fuzz/$parser.log" 2>&1 || status=$?
	runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out/fuzz/$parser.log")
	if [ $status = 0 ] && [ "${runs:-0}" -gt 0 ]; then
		echo "$parser: $runs runs in $seconds s, no failure"
	else
		grep -E '^(==|SUMMARY|artifact)|Test unit written' "$out/fuzz/$parser.log" | tail -n 5 || true
		say "$parser failed (status $status); all it said is in $out/fuzz/$parser.log"
		failed=$parser
	fi
done
[ -z "$failed" ]
