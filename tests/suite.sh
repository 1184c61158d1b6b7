# SPDX-License-Identifier: GPL-2.0
# The suite of make test: the tests of tests/table, with one boot for each machine of tests/machines; the programs of
# tests/host/table, which run on the host; and the rows of tests/kdump/table. A job is a machine, a program, or kdump-NAME.
# shellcheck shell=sh disable=SC2154 # run.sh reads this file

jobs=$out/tests

# rows_of FILE: prints the lines of FILE without comments and empty lines.
rows_of() {
	sed 's/#.*//' "$top/tests/$1" | awk 'NF'
}

# machines: prints NAME KERNEL SETS OPTION... for each row of tests/machines, or "bad" and the row if a row is invalid.
machines() {
	rows_of machines | awk -v kernels="$(sed 's/#.*//' "$top/kernels.list" | awk 'NF { printf " %s ", $1 }')" '
		NF < 4 || !index(kernels, " " $2 " ") || seen[$1]++ { print "bad", $0; exit }
		{ print; names[$1]; split($3, set, ","); for (s in set) if (set[s] != "-") sets[set[s]] = $0 }
		END { for (name in names) if (name in sets) { print "bad", sets[name]; exit } }'
}

# plan: prints FILE FUNCTION SECONDS MACHINE for each test. A row of tests/table is one test on each machine that the row names,
# directly or by a set. If a row is invalid, prints "bad" and the row.
plan() {
	{ echo "$machines" && echo --- && rows_of table; } | awk '
		$1 == "---" { tests = 1; next }
		!tests { order[++n] = $1; sets[$1] = "," $1 "," $3 ","; next }
		{
			count = split($3, wanted, ",")
			bad = NF != 4 || $4 !~ /^[0-9]+$/
			for (w = 1; w <= count; w++) {
				found = 0
				for (m = 1; m <= n; m++)
					if (index(sets[order[m]], "," wanted[w] ",")) {
						print $1, $2, $4, order[m]
						bad = bad || planned[$1, $2, order[m]]++
						found = 1
					}
				bad = bad || !found
			}
			if (bad) {
				print "bad", $0
				exit
			}
		}'
}

# programs: prints NAME AFTER SETS COMMAND... for each row of tests/host/table, or "bad" and the row if a row is invalid.
programs() {
	{ echo "$plan" && echo --- && rows_of host/table; } | awk '
		$1 == "---" { programs = 1; next }
		!programs { planned[$1 "." $2 "@" $4]; next }
		{ bad = NF < 4 || seen[$1]++ }
		$2 != "-" { for (i = split($2, test, ","); i; i--) bad = bad || !(test[i] in planned) }
		bad { print "bad", $0; exit }
		{ print }'
}

# crashes: prints NAME for each row of tests/kdump/table that the options choose.
crashes() {
	. "$top/tests/kdump/suite.sh"
	rows | awk -v pattern="$pattern" -v kernel="$kernel" -v long="$long" '
		("kdump " $1) ~ pattern && (kernel == "" || $2 == kernel) && (long == "yes" || $9 !~ /(^|,)long(,|$)/) { print $1 }'
}

# readable ROWS SENTENCE: ends the run if ROWS has an invalid row, because the row's tests would be lost.
readable() {
	bad=$(echo "$1" | sed -n 's/^bad //p')
	[ -z "$bad" ] || die "$2: $bad"
}

machines=$(machines)
readable "$machines" "tests/machines has a row that is not NAME KERNEL SETS OPTION..., with a kernel of kernels.list, each name once and no set that is named like a machine"
plan=$(plan)
readable "$plan" "tests/table has a row that is not FILE FUNCTION MACHINE,... SECONDS, with machines or sets of tests/machines and each test once on a machine"
programs=$(programs)
readable "$programs" "tests/host/table has a row that is not NAME AFTER SETS COMMAND..., with tests of tests/table in AFTER and each name once"
crashes=$(crashes) || exit 1

# tests_on MACHINE: prints FILE FUNCTION SECONDS for each test to run on MACHINE.
tests_on() {
	echo "$plan" | awk -v machine="$1" -v pattern="$pattern" '$4 == machine && ($1 " " $2 " " $4) ~ pattern { print $1, $2, $3 }'
}

# chosen_machines: prints NAME OPTION... for each machine that has a test to run.
chosen_machines() {
	echo "$machines" | while read -r name row_kernel sets options; do
		[ -z "$kernel" ] || [ "$kernel" = "$row_kernel" ] || continue
		case ,$sets, in
		*,long,*) [ "$long" = yes ] || continue ;;
		esac
		[ -z "$(tests_on "$name")" ] || echo "$name $options"
	done
}

# chosen_programs: prints NAME AFTER for each program to run on the host. A program that reads the results of tests runs if all
# these tests run. Any other program runs if the pattern matches.
chosen_programs() {
	echo "$programs" | while read -r name after sets _; do
		case ,$sets, in
		*,long,*) [ "$long" = yes ] || continue ;;
		esac
		if [ "$after" = - ]; then
			! echo "host $name" | grep -qE -- "$pattern" || echo "$name -"
		else
			missing=no
			for test in $(echo "$after" | tr , ' '); do
				echo "$machines_chosen" | grep -q "^${test#*@} " && tests_on "${test#*@}" | awk '{ print $1 "." $2 }' | grep -qxF "${test%@*}" || missing=yes
			done
			[ $missing = yes ] || echo "$name $after"
		fi
	done
}

machines_chosen=$(chosen_machines)
programs_chosen=$(chosen_programs)

chosen() {
	echo "$programs_chosen" | awk '$2 == "-" { print $1, "host" }'
	echo "$machines_chosen" | awk 'NF && !/-j multi/ { print $1, "machine" }'
	echo "$crashes" | awk 'NF { print "kdump-" $1, "kdump" }'
	# A machine whose CPUs are threads of the host takes all of the host's CPUs.
	echo "$machines_chosen" | awk '/-j multi/ { print $1, "machine alone" }'
	echo "$programs_chosen" | awk 'NF && $2 != "-" { print $1, "host after" }'
}

# list: prints the output of run.sh -n, the lines that the pattern is matched against.
list() {
	echo "$machines_chosen" | while read -r name _; do
		tests_on "$name" | awk -v name="$name" '{ print $1, $2, name }'
	done
	echo "$programs_chosen" | awk 'NF { print "host", $1 }'
	echo "$crashes" | awk 'NF { print "kdump", $1 }'
}

run_jobs() {
	# shellcheck disable=SC2046 # lists of names
	in_lanes "$(lane_count)" $(echo "$rows" | awk 'NF == 2 { print $1 }')
	# shellcheck disable=SC2046
	in_lanes 1 $(echo "$rows" | awk 'NF == 3 { print $1 }')
}

# kind JOB: prints host, machine or kdump.
kind() {
	echo "$rows" | awk -v name="$1" '$1 == name { print $2 }'
}

job() {
	case $(kind "$1") in
	host)
		# shellcheck disable=SC2046 # a command's words
		host "$1" $(echo "$programs" | awk -v name="$1" '$1 == name { $1 = $2 = $3 = ""; print }')
		;;
	machine)
		# shellcheck disable=SC2046 # a machine's options are words
		machine "$1" $(echo "$machines" | awk -v name="$1" '$1 == name { $1 = $3 = ""; print }')
		;;
	kdump) kdump_job "$1" ;;
	esac
}

# host NAME COMMAND...: runs a program that prints (K)TAP on the host. A planned test without a result has failed.
host() {
	host_name=$1
	shift
	host_status=0
	# If the lane dies, the kernel ends the program.
	(cd "$top" && setpriv --pdeathsig TERM timeout 3600 "$@") >"$jobs/$host_name/ktap" 2>&1 || host_status=$?
	awk -v status="$host_status" '
		/^1\.\.[0-9]+/ { plan += substr($0, 4) }
		# cmocka says "not ok" of a skipped test, too.
		/^(not )?ok .*# SKIP/ { skipped++; next }
		/^ok / { ok++ }
		/^not ok / { bad++ }
		END {
			if (plan > ok + bad + skipped)
				bad = plan - ok - skipped
			if (!bad && (status || !plan || plan != ok + skipped))
				bad = 1
			print ok + 0, bad + 0, skipped + 0
		}' "$jobs/$host_name/ktap" >"$jobs/$host_name/summary"
	awk -v name="$host_name" '{ printf "%s: %d passed, %d failed%s\n", name, $1, $2, $3 ? ", " $3 " skipped" : "" }' "$jobs/$host_name/summary"
	grep -q ' 0 [0-9]*$' "$jobs/$host_name/summary" || {
		tail -n 40 "$jobs/$host_name/ktap"
		say "$host_name failed (status $host_status); its whole output is in $jobs/$host_name/ktap"
	}
}

# kdump_job kdump-NAME: runs a row of tests/kdump/table, as the suite kdump does.
kdump_job() {
	. "$top/tests/kdump/suite.sh"
	jobs=$out/tests
	# shellcheck disable=SC2046 # a row's words
	run_row "$1" $(rows | awk -v name="${1#kdump-}" '$1 == name')
}

# machine NAME KERNEL OPTION...: boots the machine with its tests. All tests fail if the modules for the kernel can't be built.
machine() {
	name=$1 boot_kernel=$2
	shift 2
	modules "$boot_kernel" || {
		say "$name: there are no modules for its kernel, so all its tests have failed"
		echo "0 $(tests_on "$name" | wc -l) 0" >"$jobs/$name/summary"
		return
	}
	payload=$jobs/$name/payload
	mkdir -p "$payload/tests"
	# The debug kernel's checkers slow it down several times.
	case $boot_kernel in
	debug) slower=4 ;;
	*) slower=1 ;;
	esac
	tests_on "$name" | awk -v slower=$slower '{ $3 *= slower; print }' >"$payload/list"
	cp "$top/tests/lib/guest.sh" "$payload/main"
	cp "$top/tests/lib/blocks.sh" "$payload/"
	cp -r "$top/tests/driver" "$top/tests/tool" "$top/tests/validate" "$payload/tests/"
	mkdir "$payload/tests/modules" && cp "$top"/tests/modules/*.sh "$payload/tests/modules/"
	cp "$ko"/*.ko "$out"/guest/tests/* "$out/guest/sdei-nmi" "$top"/docs/abi/* "$top/docs/incident.md" "$payload/"
	! sed 's/#.*//' "$top/kernels.list" | grep -q "^${boot_kernel}[[:space:]].*[[:space:]]patched" || {
		: >"$payload/built-in"
		mkdir "$payload/selftests"
		# The driver's kselftest, with what it shares with others.
		selftests=$(sh "$top/lab/kernel.sh" "$boot_kernel")/src/tools/testing/selftests
		cp -r "$selftests/kselftest" "$selftests/sdei_nmi" "$payload/selftests/"
	}
	# 90 s for the boot, the full time of the longest test, and half of the time of all tests together.
	limit=$(awk '{ n += $3; if ($3 > most) most = $3 } END { print int(n / 2) + most + 90 }' "$payload/list")
	# The verdict judges the files in the run's folder, so failures from here on need no handling.
	mkdir -p "$jobs/$name/run"
	sh "$top/lab/boot.sh" -o "$jobs/$name/run" -k "$boot_kernel" -t "$limit" -a "$patience" "$@" "$payload" || true
	"$out/host/verdict" -n "$name" -o "$jobs/$name/summary" "$jobs/$name/run" || true
	# A machine that hibernated has been booted several times.
	for before in "$jobs/$name"/run/before-*; do
		[ -d "$before" ] || continue
		"$out/host/verdict" -n "$name, ${before##*/}" -o "$jobs/$name/summary" "$before" || true
	done
	awk '{ passed += $1; failed += $2; skipped += $3 } END { print passed + 0, failed + 0, skipped + 0 }' "$jobs/$name/summary" >"$jobs/$name/summary.new"
	mv "$jobs/$name/summary.new" "$jobs/$name/summary"
}
