# SPDX-License-Identifier: GPL-2.0
# Rows of a table, each a guest, as many at a time as there are CPUs. For shell scripts on the host that have read lab/lib.sh.
# shellcheck shell=sh disable=SC2154 # lib.sh is read in before

# lane SUITE NAME...: runs those that no other lane has taken, one after the other.
lane() {
	lane_suite=$1
	shift
	for lane_row; do
		kill -0 $$ 2>/dev/null || exit 1
		mkdir "$taken/$lane_row" 2>/dev/null || continue
		if (row "$lane_row") >"$out/$lane_suite/$lane_row.output" </dev/null; then
			lane_result=ok
		else
			lane_result='not ok'
		fi
		{
			sed 's/^/# /' "$out/$lane_suite/$lane_row.output"
			echo "$lane_result $lane_suite.$lane_row"
		} >"$taken/$lane_row/ktap"
		mv "$taken/$lane_row/ktap" "$taken/$lane_row/done"
	done
}

# in_lanes SUITE NAME...: "row NAME", which the caller has, for each, and KTAP in their order as they end: ok where it succeeded, after
# what it printed, which stays in out/SUITE/NAME.output. Sets rows_failed to the number of the others.
in_lanes() {
	suite=$1
	shift
	rows_failed=0
	taken=$(mktemp -d) || die "no temporary folder can be made; is the disk full?"
	lanes=''
	trap 'kill $lanes 2>/dev/null || true; rm -rf "$taken"' EXIT
	trap 'exit 130' HUP INT TERM
	# A single row is somebody else's lane already.
	for lane_number in $([ $# = 1 ] && echo 1 || seq "$(nproc)"); do
		[ "$lane_number" -le 4 ] || break
		lane "$suite" "$@" &
		lanes="$lanes $!"
	done
	number=0
	for name; do
		number=$((number + 1))
		until [ -e "$taken/$name/done" ]; do
			alive=no
			for lane in $lanes; do
				! kill -0 "$lane" 2>/dev/null || alive=yes
			done
			[ $alive = yes ] || [ -e "$taken/$name/done" ] || { mkdir -p "$taken/$name" && echo "not ok $suite.$name" >"$taken/$name/done"; }
			sleep 1
		done
		sed "s/^\(not \)\{0,1\}ok /&$number /" "$taken/$name/done"
		! grep -q '^not ok ' "$taken/$name/done" || rows_failed=$((rows_failed + 1))
	done
	wait
	lanes=''
}
