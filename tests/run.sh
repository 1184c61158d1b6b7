#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [-a] [-k KERNEL] [PATTERN]: runs the whole suite, or the tests of tests/table whose 'FILE FUNCTION MACHINE' matches an
# extended regular expression: first the tests of the host, then one boot for each machine. With -k only the machines of that
# kernel, with -a the long ones too. Fails if any test did.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

kernel='' long=no
while getopts ak: option; do
	case $option in
	a) long=yes ;;
	k) kernel=$OPTARG ;;
	*) die "usage: run.sh [-a] [-k KERNEL] [PATTERN]" ;;
	esac
done
shift $((OPTIND - 1))
pattern=${1:-}
[ -z "$kernel" ] || grep -q "^${kernel}[[:space:]]" "$top/kernels.list" || die "there is no kernel '$kernel' in kernels.list."

alone

# plan: FILE FUNCTION SECONDS MACHINE for every test, a row of tests/table for each machine that it names, by name or by set.
plan() {
	awk '
		{ sub(/#.*/, "") }
		FNR == NR && NF { order[++n] = $1; sets[$1] = "," $1 "," $3 "," }
		FNR == NR || !NF { next }
		{
			count = split($3, wanted, ",")
			bad = NF != 4 || $4 !~ /^[0-9]+$/
			for (w = 1; w <= count; w++) {
				found = 0
				for (m = 1; m <= n; m++)
					if (index(sets[order[m]], "," wanted[w] ",")) {
						print $1, $2, $4, order[m]
						found = 1
					}
				bad = bad || !found
			}
			if (bad) {
				print "bad", $0
				exit
			}
		}' "$top/tests/machines" "$top/tests/table"
}

# A row that can't be read, or names what isn't there, is a test that would be lost without a word.
bad=$(plan | sed -n 's/^bad //p')
[ -z "$bad" ] || die "tests/table has a row that is not FILE FUNCTION MACHINE,... SECONDS with machines or sets of tests/machines: $bad"

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

# machine NAME: its row, without the name: kernel, sets, options.
machine() {
	sed 's/#.*//' "$top/tests/machines" | awk -v name="$1" '$1 == name { $1 = ""; print }'
}

# rows MACHINE: the tests that are to run on it.
rows() {
	plan | awk -v machine="$1" -v pattern="$pattern" '$4 == machine && ($1 " " $2 " " $4) ~ pattern { print $1, $2, $3 }'
}

# A wedge is looked at for as long as a slow host takes; that alone is not to bring about reports of stalls and lockups.
patience='rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60'

boot() {
	name=$1
	shift 3 # its kernel and sets, which the caller has looked at
	payload=$tests/$name/payload
	mkdir -p "$payload/tests"
	# The checkers of the debug kernel make it some times slower.
	case $boot_kernel in
	debug) slower=4 ;;
	*) slower=1 ;;
	esac
	rows "$name" | awk -v slower=$slower '{ $3 *= slower; print }' >"$payload/list"
	cp "$top/tests/guest.sh" "$payload/main"
	cp "$top/tests/blocks.sh" "$payload/"
	cp -r "$top/tests/driver" "$top/tests/wedge" "$payload/tests/"
	cp "$ko"/*.ko "$out"/guest/tests/* "$payload/"
	# The guest has to be up; then any one test may take its time, and all together half of what they might.
	limit=$(awk '{ n += $3; if ($3 > most) most = $3 } END { print int(n / 2) + most + 90 }' "$payload/list")
	# Whatever goes wrong from here on, the verdict is on what is in the run's folder.
	mkdir -p "$tests/$name/run"
	sh "$top/lab/boot.sh" -o "$tests/$name/run" -k "$boot_kernel" -t "$limit" -a "$patience" "$@" "$payload" || true
	"$out/host/verdict" -n "$name" -o "$summary" "$tests/$name/run" || [ $? = 1 ] || echo 0 1 0 >>"$summary"
}

# consider MACHINE KERNEL SETS OPTION...: boots it if a test of it is to run.
consider() {
	boot_kernel=$2
	[ -z "$kernel" ] || [ "$kernel" = "$boot_kernel" ] || return 0
	case ,$3, in
	*,long,*) [ $long = yes ] || return 0 ;;
	esac
	[ -n "$(rows "$1")" ] || return 0
	machines=$((machines + 1))
	# A kernel's modules are built when the first machine of it comes. Without them its tests have failed, and others go on.
	if ! ko=$(sh "$top/lab/modules.sh" "$boot_kernel"); then
		say "$1: no modules for its kernel, so all its tests have failed"
		echo "0 $(rows "$1" | wc -l) 0" >>"$summary"
		return 0
	fi
	boot "$@"
}

main() {
	if [ -z "$pattern" ]; then
		host unit make -s -C "$top/tests/unit" check
		host check sh "$top/scripts/check.sh" "$kernel_default"
		host verdict sh "$top/tests/lab/verdict.sh" "$out/host/verdict"
	fi
	machines=0
	for name in $(sed 's/#.*//' "$top/tests/machines" | awk '{ print $1 }'); do
		# shellcheck disable=SC2046 # options are words
		consider "$name" $(machine "$name")
	done
	# It compares two boots.
	for name in panic-plain panic-plain-new; do
		masked=panic-wedged${name#panic-plain}
		[ -d "$tests/$name/run" ] && [ -d "$tests/$masked/run" ] || continue
		host "panic${name#panic-plain}" sh "$top/tests/driver/panic.sh" "$tests/$name/run" "$tests/$masked/run"
	done
	[ $machines != 0 ] || die "no test was run in a guest: none of tests/table matches '$pattern'${kernel:+ on kernel '$kernel'}, or only such as 'make test-all' runs."

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
