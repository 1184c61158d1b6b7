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
	for name in common/cpulist common/json_input common/memory common/output common/text machine/kmsg ping/reply \
		snapshot/comparison snapshot/driver_file snapshot/folded snapshot/group snapshot/group_output snapshot/series snapshot/snapshot \
		snapshot/snapshot_input snapshot/snapshot_output snapshot/trace snapshot/trace_input snapshot/trace_output \
		validate/checks validate/ktap validate/report_html validate/report_markdown validate/validation watch/stretches; do
		sources="$sources $top/tool/$name.c"
	done
	# shellcheck disable=SC2046,SC2086 # lists of flags and files
	clang -std=gnu11 -g -O1 -Wall -Wextra -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -I"$top" -I"$top/tool" \
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
