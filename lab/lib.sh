# SPDX-License-Identifier: GPL-2.0
# Shared by the lab's scripts: where things are kept, how progress and failure are told.
# shellcheck shell=sh disable=SC2034 # for those who read it in

top=$(cd "$(dirname "$0")/.." && pwd)
out=$top/out
cache=${SDEI_NMI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sdei-nmi}

say() {
	printf '%s\n' "$*" >&2
}

# die SENTENCE...: every failure is one sentence that names the step, what it means and what to do.
die() {
	printf 'sdei-nmi: %s\n' "$*" >&2
	exit 1
}

# A sign of life every ten seconds. What is left of it when it is killed lasts for a second at most.
beat() {
	beat_seconds=0
	while sleep 1; do
		beat_seconds=$((beat_seconds + 1))
		[ $((beat_seconds % 10)) != 0 ] || say "   ... $beat_seconds s"
	done
}

# quietly LOG COMMAND...: a long step's output goes to a log, which is shown when the step fails; V=1 shows it at once.
quietly() {
	quietly_log=$1
	shift
	if [ "${V:-0}" = 1 ]; then
		"$@"
		return
	fi
	quietly_status=0
	beat >/dev/null 9>&- &
	quietly_beat=$!
	"$@" >"$quietly_log" 2>&1 || quietly_status=1
	kill "$quietly_beat" 2>/dev/null
	wait "$quietly_beat" 2>/dev/null || true
	[ $quietly_status != 0 ] || return 0
	tail -n 25 "$quietly_log" >&2
	return 1
}

# locked NAME COMMAND...: the cache is shared by all checkouts of one user, so one at a time fills a part of it.
locked() {
	mkdir -p "$cache/lock" || die "the cache $cache cannot be written; set SDEI_NMI_CACHE to a folder that can."
	locked_name=$1
	shift
	(
		flock -w 1800 9 || die "another run has held $cache/lock/$locked_name for half an hour; end it and try again."
		"$@"
	) 9>"$cache/lock/$locked_name"
}
