#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [-a] [-k KERNEL] [PATTERN]: runs the whole suite, or the tests of tests/table whose 'FILE FUNCTION MACHINE' matches an
# extended regular expression: the tests of the host, and one boot for each machine, as many at a time as the host has CPUs, up to four.
# With -k only the machines of that kernel, with -a the long ones too. Fails if any test did.
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
rm -rf "$tests"
mkdir -p "$tests"
started=$(date +%s)

# A job is a program of the host's or a machine. It has a folder of its name, with all it said in output, and in summary the
# numbers of what passed, failed and was skipped. A job that left none has failed.

# host NAME COMMAND...: a program that runs on the host and speaks (K)TAP. Every planned test counts; one that says nothing has
# failed.
host() {
	host_name=$1
	shift
	host_status=0
	# It ends with its lane.
	setpriv --pdeathsig TERM timeout 3600 "$@" >"$tests/$host_name/ktap" 2>&1 || host_status=$?
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
		}' "$tests/$host_name/ktap" >"$tests/$host_name/summary"
	awk -v name="$host_name" '{ printf "%s: %d passed, %d failed\n", name, $1, $2 }' "$tests/$host_name/summary"
	grep -q ' 0 0$' "$tests/$host_name/summary" || {
		tail -n 40 "$tests/$host_name/ktap"
		say "$host_name failed (status $host_status); all it said is in $tests/$host_name/ktap"
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

# modules KERNEL: sets ko to the folder of its modules, which are built when the first machine of it comes.
modules() {
	exec 9>"$tests/.lock-$1"
	flock -w 3600 9 || say "another job has been building the modules for kernel '$1' for an hour; see what holds it up."
	[ -e "$tests/.ko-$1" ] || setpriv --pdeathsig TERM timeout 3600 sh "$top/lab/modules.sh" "$1" >"$tests/.ko-$1" || : >"$tests/.ko-$1"
	exec 9>&-
	ko=$(cat "$tests/.ko-$1")
	[ -n "$ko" ]
}

# crashes: the rows of tests/kdump/table, each a job of its own. A pattern is held against 'kdump NAME'.
crashes() {
	crash_rows=$(sh "$top/tests/kdump/run.sh" "-n$([ $long = no ] || echo l)") || exit 1
	echo "$crash_rows" |
		awk -v kernel="$kernel" -v pattern="$pattern" '("kdump " $1) ~ pattern && (kernel == "" || kernel == $2) { print "kdump-" $1 }'
}

kdump() {
	modules "$(sh "$top/tests/kdump/run.sh" -ln | awk -v name="$1" '$1 == name { print $2 }')" || {
		say "kdump-$1: no modules for its kernel, so it has failed"
		return
	}
	host "kdump-$1" sh "$top/tests/kdump/run.sh" -l -m "$ko" "^$1\$"
}

# boot MACHINE KERNEL SETS OPTION...: without modules its tests have failed, and other machines go on.
boot() {
	name=$1 boot_kernel=$2
	shift 3
	modules "$boot_kernel" || {
		say "$name: no modules for its kernel, so all its tests have failed"
		echo "0 $(rows "$name" | wc -l) 0" >"$tests/$name/summary"
		return
	}
	payload=$tests/$name/payload
	mkdir -p "$payload/tests"
	# The checkers of the debug kernel make it some times slower.
	case $boot_kernel in
	debug) slower=4 ;;
	*) slower=1 ;;
	esac
	rows "$name" | awk -v slower=$slower '{ $3 *= slower; print }' >"$payload/list"
	cp "$top/tests/lib/guest.sh" "$payload/main"
	cp "$top/tests/lib/blocks.sh" "$payload/"
	cp -r "$top/tests/driver" "$top/tests/tool" "$top/tests/validate" "$payload/tests/"
	mkdir "$payload/tests/modules" && cp "$top"/tests/modules/*.sh "$payload/tests/modules/"
	cp "$ko"/*.ko "$out"/guest/tests/* "$out/guest/sdei-nmi" "$top"/docs/abi/* "$payload/"
	! sed 's/#.*//' "$top/kernels.list" | grep -q "^${boot_kernel}[[:space:]].*[[:space:]]patched" || : >"$payload/built-in"
	# The guest has to be up; then any one test may take its time, and all together half of what they might.
	limit=$(awk '{ n += $3; if ($3 > most) most = $3 } END { print int(n / 2) + most + 90 }' "$payload/list")
	# Whatever goes wrong from here on, the verdict is on what is in the run's folder.
	mkdir -p "$tests/$name/run"
	sh "$top/lab/boot.sh" -o "$tests/$name/run" -k "$boot_kernel" -t "$limit" -a "$patience" "$@" "$payload" || true
	"$out/host/verdict" -n "$name" -o "$tests/$name/summary" "$tests/$name/run" || true
}

# chosen: the machines that have a test to run.
chosen() {
	sed 's/#.*//' "$top/tests/machines" | while read -r name row_kernel sets options; do
		[ -n "$name" ] || continue
		[ -z "$kernel" ] || [ "$kernel" = "$row_kernel" ] || continue
		case ,$sets, in
		*,long,*) [ $long = yes ] || continue ;;
		esac
		[ -z "$(rows "$name")" ] || echo "$name $options"
	done
}

# run JOB: its output is shown in one piece when it is through.
run() {
	say "$1: on its way"
	# shellcheck disable=SC2046 # a machine's options are words
	{
		case $1 in
		unit) host unit make -s -C "$top/tests/unit" check ;;
		check) host check sh "$top/scripts/check.sh" "$kernel_default" ;;
		series | series-new) host "$1" sh "$top/tests/host/series.sh" "builtin${1#series}" ;;
		tool) host tool sh "$top/tests/tool/tool.sh" "$out/host/sdei-nmi" ;;
		verdict) host verdict sh "$top/tests/lab/verdict.sh" "$out/host/verdict" ;;
		panic | panic-new) host "$1" sh "$top/tests/host/panic.sh" "$tests/panic-plain${1#panic}/run" "$tests/panic-wedged${1#panic}/run" ;;
		kunit-parse) host kunit-parse sh "$top/tests/host/kunit_parse.sh" "$tests/stock/run/result" "$kernel_default" ;;
		kdump-*) kdump "${1#kdump-}" ;;
		*) boot "$1" $(machine "$1") ;;
		esac
	} >"$tests/$1/output" 2>&1 || true
	cat "$tests/$1/output" >&2
}

# lane JOB...: runs those that no other lane has taken, one after the other.
lane() {
	for lane_job; do
		kill -0 $$ 2>/dev/null || exit 1
		mkdir "$tests/$lane_job" 2>/dev/null || continue
		run "$lane_job"
	done
}

main() {
	machines=$(chosen)
	jobs=$(crashes) || exit 1
	[ -n "$machines$jobs" ] || die "no test can be run in a guest: none of tests/table matches '$pattern'${kernel:+ on kernel '$kernel'}, or only such as 'make test-all' runs."
	# A guest takes one of the host's CPUs, or all of them.
	jobs="$(echo "$machines" | awk '!/-j multi/ { print $1 }') $jobs"
	greedy=$(echo "$machines" | awk '/-j multi/ { print $1 }')
	[ -n "$pattern" ] || jobs="unit check verdict tool $jobs"
	[ -n "$pattern" ] || [ $long = no ] || jobs="$jobs series series-new"
	# These compare two boots.
	compared=$(echo "$machines" | awk 'sub(/^panic-(plain|wedged)/, "panic") && seen[$1]++ { print $1 }')
	# This one looks at what a guest has printed.
	! echo "$machines" | grep -q '^stock ' || ! rows stock | grep -q ' as_it_is ' || compared="$compared kunit-parse"

	lanes=''
	trap 'kill $lanes 2>/dev/null || true' EXIT
	trap 'exit 130' HUP INT TERM
	for lane in $(seq "$(nproc)"); do
		[ "$lane" -le 4 ] || break
		# shellcheck disable=SC2086 # a list of names
		lane $jobs &
		lanes="$lanes $!"
	done
	wait
	lanes=''
	# shellcheck disable=SC2086
	lane $greedy $compared

	for job in $jobs $greedy $compared; do
		[ -s "$tests/$job/summary" ] || {
			say "$job: was not run to its end, so it has failed; what it said is in $tests/$job/output"
			echo 0 1 0 >"$tests/$job/summary"
		}
	done
	say "took $(($(date +%s) - started)) s"
	cat "$tests"/*/summary | awk '{ passed += $1; failed += $2; skipped += $3 }
		END {
			printf "%d passed, %d failed", passed, failed
			if (skipped)
				printf ", %d skipped", skipped
			print ""
			exit failed || !passed
		}'
}

# The shell reads a script as it goes along; by now it has read this one, which may change while it runs.
main
exit
