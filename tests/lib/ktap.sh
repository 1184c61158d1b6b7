# SPDX-License-Identifier: GPL-2.0
# Prints KTAP for scripts that run functions as tests. Host scripts read this file after lab/lib.sh and set $work to a folder.
# shellcheck shell=sh disable=SC2154 # the caller sets $work

# ktap_begin COUNT: so many tests follow.
ktap_begin() {
	printf 'KTAP version 1\n1..%s\n' "$1"
	ktap_number=0
	ktap_failed=0
}

# ktap_check NAME COMMAND...: passes if the command succeeds; otherwise shows the end of its output.
ktap_check() {
	ktap_number=$((ktap_number + 1))
	ktap_name=$1
	shift
	set +e
	(set -e && "$@") >"$work/said" 2>&1
	ktap_status=$?
	set -e
	[ $ktap_status = 0 ] || {
		tail -n 25 "$work/said" | sed 's/^/# /'
		printf 'not '
		ktap_failed=1
	}
	echo "ok $ktap_number $ktap_name"
}

# ktap_functions NAME...: runs each function as the test of its name, and exits.
ktap_functions() {
	ktap_begin $#
	for ktap_function; do
		ktap_check "$ktap_function" "$ktap_function"
	done
	exit $ktap_failed
}
