#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [-k KERNEL] [PATTERN]: runs the whole suite, or the tests of tests/table whose 'FILE FUNCTION MACHINE' matches an
# extended regular expression: first the tests of the host, then one boot for each machine. Fails if any test did.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

kernel=$kernel_default
while getopts k: option; do
	case $option in
	k) kernel=$OPTARG ;;
	*) die "usage: run.sh [-k KERNEL] [PATTERN]" ;;
	esac
done
shift $((OPTIND - 1))
pattern=${1:-}

alone

# A row that can't be read, or names what isn't there, is a test that would be lost without a word.
bad=$(sed 's/#.*//' "$top/tests/table" | awk -v machines="$(sed 's/#.*//' "$top/tests/machines" | awk '{ printf " %s ", $1 }')" '
	NF && (NF != 4 || !index(machines, " " $3 " ") || $4 !~ /^[0-9]+$/)')
[ -z "$bad" ] || die "tests/table has a row that is not FILE FUNCTION MACHINE SECONDS with a machine of tests/machines: $bad"

tests=$out/tests
summary=$tests/summary
rm -rf "$tests"
mkdir -p "$tests"
: >"$summary"
started=$(date +%s)

# host NAME COMMAND...: a program that runs on the host and speaks (K)TAP. Every planned test counts; one that says nothing has
# failed.
host() {
	host_name=$1
	shift
	host_status=0
	timeout 1200 "$@" >"$tests/$host_name" 2>&1 || host_status=$?
	awk -v status="$host_status" '
		/^1\.\.[0-9]+/ { plan += substr($0, 4) }
		/^ok / { ok++ }
		/^not ok / { bad++ }
		END {
			if (plan > ok + bad)
				bad = plan - ok
			if (!bad && (status || !plan || plan != ok))
				bad = 1
			print ok + 0, bad + 0, 0
		}' "$tests/$host_name" >>"$summary"
	tail -n 1 "$summary" | awk -v name="$host_name" '{ printf "%s: %d passed, %d failed\n", name, $1, $2 }'
	tail -n 1 "$summary" | grep -q ' 0 0$' || {
		tail -n 40 "$tests/$host_name"
		say "$host_name failed (status $host_status); all it said is in $tests/$host_name"
	}
}

# rows MACHINE: the tests that are to run on it.
rows() {
	sed 's/#.*//' "$top/tests/table" | awk -v machine="$1" 'NF && $3 == machine { print $1, $2, $4, $3 }' |
		awk -v pattern="$pattern" '($1 " " $2 " " $4) ~ pattern { print $1, $2, $3 }'
}

# A wedge is looked at for as long as a slow host takes; that alone is not to bring about reports of stalls and lockups.
patience='rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60'

boot() {
	machine=$1
	payload=$tests/$machine/payload
	mkdir -p "$payload"
	rows "$machine" >"$payload/list"
	[ -s "$payload/list" ] || return 0
	mkdir -p "$payload/tests"
	cp "$top/tests/guest.sh" "$payload/main"
	cp "$top/tests/blocks.sh" "$payload/"
	cp -r "$top/tests/driver" "$top/tests/wedge" "$payload/tests/"
	cp "$ko"/*.ko "$payload/"
	# The guest has to be up, then each test may take its time.
	limit=$(awk '{ n += $3 } END { print n + 90 }' "$payload/list")
	# Whatever goes wrong from here on, the verdict is on what is in the run's folder.
	options=$(sed 's/#.*//' "$top/tests/machines" | awk -v machine="$machine" '$1 == machine { $1 = ""; print }')
	mkdir -p "$tests/$machine/run"
	# shellcheck disable=SC2086 # options are words
	sh "$top/lab/boot.sh" -o "$tests/$machine/run" -k "$kernel" -t "$limit" -a "$patience" $options "$payload" || true
	"$out/host/verdict" -n "$machine" -o "$summary" "$tests/$machine/run" || [ $? = 1 ] || echo 0 1 0 >>"$summary"
}

ko=$(sh "$top/lab/modules.sh" "$kernel")
main() {
	if [ -z "$pattern" ]; then
		host unit make -s -C "$top/tests/unit" check
		host check sh "$top/scripts/check.sh" "$kernel"
		host verdict sh "$top/tests/lab/verdict.sh" "$out/host/verdict"
	fi
	for machine in $(sed 's/#.*//' "$top/tests/machines" | awk '{ print $1 }'); do
		boot "$machine"
	done
	# It compares two boots.
	if [ -d "$tests/panic-plain/run" ] && [ -d "$tests/panic-wedged/run" ]; then
		host panic sh "$top/tests/driver/panic.sh" "$tests/panic-plain/run" "$tests/panic-wedged/run"
	fi
	[ -s "$summary" ] || die "no test of tests/table matches '$pattern'."

	say "took $(($(date +%s) - started)) s"
	awk '{ passed += $1; failed += $2; skipped += $3 }
		END {
			printf "%d passed, %d failed", passed, failed
			if (skipped)
				printf ", %d skipped", skipped
			print ""
			exit failed || !passed
		}' "$summary"
}

# The shell reads a script as it goes along; by now it has read this one, which may change while it runs.
main
exit
