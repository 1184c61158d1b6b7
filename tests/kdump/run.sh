#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [-l] [-w] [-m FOLDER] [PATTERN]: crashes one guest for each row of tests/kdump/table whose name matches the extended
# regular expression, and judges what its capture kernel saved: judge.sh. With -l the long rows too; with -w all rows, and what came
# of them is written to docs/kdump.md. FOLDER has the modules for the rows' kernel, if they are built. On the host; speaks KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"

# lib.sh takes the folder above the script for the top.
top=$(cd "$(dirname "$0")/../.." && pwd)
out=$top/out
long=no write=no modules=''
while getopts lwm: option; do
	case $option in
	l) long=yes ;;
	w) write=yes long=yes ;;
	m) modules=$OPTARG ;;
	*) die "usage: run.sh [-l] [-w] [-m FOLDER] [PATTERN]" ;;
	esac
done
shift $((OPTIND - 1))
pattern=${1:-}
[ $write = no ] || [ -z "$pattern" ] || die "docs/kdump.md is written of all rows; leave out -w or the pattern '$pattern'."
# Under tests/run.sh it is that which works in out/.
[ -n "$modules" ] || alone

kdump=$out/kdump
disk_mib=1024

rows() {
	sed 's/#.*//' "$top/tests/kdump/table" | awk -v pattern="$pattern" -v long=$long '
		NF && $1 ~ pattern && (long == "yes" || $10 !~ /(^|,)long(,|$)/)'
}

bad=$(sed 's/#.*//' "$top/tests/kdump/table" | awk '
	NF && (NF < 10 || seen[$1]++ || $3 !~ /^(none|park|off)$/ || $4 !~ /^(-|[a-z]+:[0-9,-]+)$/ || $5 !~ /^(sysrq-c@[0-9]+|hardlockup)$/ ||
		$6 !~ /^(up|smp)$/ || $8 !~ /^(notes|elf|makedumpfile)$/)' | head -n 1)
[ -z "$bad" ] || die "tests/kdump/table has a row that can't be read, or a name twice: $bad"

patched() {
	sed 's/#.*//' "$top/kernels.list" | awk -v name="$1" '$1 == name && $3 == "patched" { found = 1 } END { exit !found }'
}

# programs FROM INTO FILE...: programs of Debian's, beside their loader and the libraries that they need.
programs() {
	programs_from=$1 programs_into=$2
	shift 2
	mkdir -p "$programs_into"
	while [ $# -gt 0 ]; do
		programs_file=$(cd "$programs_from" && find . ! -type d \( -path "./$1" -o -path "./lib/*/$1" -o -path "./usr/lib/*/$1" \) | head -n 1)
		[ -n "$programs_file" ] || die "$1, which a program of the capture kernel's needs, is not in $programs_from."
		if [ ! -e "$programs_into/${1##*/}" ]; then
			cp -L "$programs_from/$programs_file" "$programs_into/${1##*/}"
			# shellcheck disable=SC2046 # names of libraries
			set -- "$@" $(aarch64-linux-gnu-objdump -p "$programs_into/${1##*/}" | awk '$1 == "NEEDED" { print $2 }')
		fi
		shift
	done
}

# provide KERNEL: what all rows of a kernel share.
provide() {
	kernel_dir=$(sh "$top/lab/kernel.sh" "$1")
	ko=$modules
	[ -n "$ko" ] || {
		[ -e "$kdump/.ko-$1" ] || sh "$top/lab/modules.sh" "$1" >"$kdump/.ko-$1" || : >"$kdump/.ko-$1"
		ko=$(cat "$kdump/.ko-$1")
		[ -n "$ko" ] || die "there are no modules for kernel '$1', so it can't be crashed; see above."
	}
	guest_base=$(sh "$top/lab/guest.sh" "$kernel_dir")
	debian=$(sh "$top/lab/debian.sh" kexec-tools makedumpfile)
}

# payload FOLDER TEST...: what both of a row's kernels get: tests/guest.sh, what it needs, and its list of tests.
payload() {
	into=$1
	shift
	mkdir -p "$into/tests"
	cp "$top/tests/guest.sh" "$into/main"
	cp "$top/tests/blocks.sh" "$ko/sdei_nmi.ko" "$into/"
	cp -r "$top/tests/kdump" "$into/tests/"
	cp "$dir/row" "$into/"
	! patched "$kernel" || : >"$into/built-in"
	printf '%s\n' "$@" >"$into/list"
}

# crash NAME KERNEL DRIVER WEDGE TRIGGER CAPTURE ONLINE SAVE LACKS SETS OPTION...
crash() {
	name=$1 kernel=$2 save=$8
	dir=$kdump/$name
	rm -rf "$dir"
	mkdir -p "$dir"
	# What the guests and the judge read.
	for field in name kernel driver wedge trigger capture online save lacks sets; do
		printf '%s=%s\n' $field "$1"
		shift
	done >"$dir/row"
	[ $# = 0 ] || echo "options='$*'" >>"$dir/row"
	provide "$kernel" >&2

	programs "$debian" "$dir/payload/programs" sbin/kexec
	payload "$dir/payload" 'kdump/crash crash 90'
	cp "$ko/sdei_nmi_wedge.ko" "$dir/payload/"
	cp "$kernel_dir/Image" "$dir/payload/"

	capture=$dir/capture
	mkdir -p "$capture"
	cp -a "$guest_base/." "$capture/"
	payload "$capture/payload" 'kdump/capture cpus 30' 'kdump/capture ticks 30' 'kdump/capture event 30' 'kdump/capture notes 30'
	case $save in
	notes) ;;
	makedumpfile)
		programs "$debian" "$capture/payload/programs" usr/bin/makedumpfile
		echo 'kdump/capture dump 90' >>"$capture/payload/list"
		;;
	*) echo 'kdump/capture dump 90' >>"$capture/payload/list" ;;
	esac
	(cd "$capture" && find . | LC_ALL=C sort | cpio --quiet -o -H newc --owner=0:0) >"$dir/payload/capture.cpio" ||
		die "the capture kernel's initramfs could not be packed; is the disk full?"
	rm -rf "$capture"

	truncate -s ${disk_mib}M "$dir/disk"
	sh "$top/lab/boot.sh" -o "$dir/run" -k "$kernel" -c 4 -m 768 -t 150 -d "$dir/disk" -a crashkernel=192M -a loglevel=8 \
		-a 'rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60' "$@" "$dir/payload" >&2 || true
	rm -rf "$dir/payload"
	sh "$top/tests/kdump/judge.sh" "$dir"
}

# line NAME RESULT: what came of a row, one line of fields that tabs separate; facts that a row has not are "-".
line() {
	awk -v OFS='\t' -v result="$2" '
		function of(key) { return value[key] != "" ? value[key] : "-" }
		FNR == NR { at = index($0, "="); value[substr($0, 1, at - 1)] = substr($0, at + 1); gsub(/\047/, "", value["options"]); next }
		$1 == "pc" { value["pc"] = (value["pc"] ? value["pc"] "," : "") $2; next }
		{ key = $1; sub(/^[^ ]+ /, ""); value[key] = $0 }
		END {
			if ("dump" in value) {
				split(value["dump"], dump, " ")
				value["dump"] = sprintf("%s, %.0f MB, %.1f s", dump[1], dump[2] / 1e6, dump[3])
			}
			print of("name"), of("kernel"), of("driver"), of("wedge"), of("trigger"), of("capture"), of("options"), of("notes"), of("without"), of("pc"),
				of("walk"), of("online"), of("dump"), of("seconds"), result
		}' "$kdump/$1/row" "$kdump/$1/facts"
}

report() {
	cat <<-'END'
		# What a crash dump holds

		`make kdump` writes this file: each row is one crash in the lab, with Debian's kexec-tools and makedumpfile, and what was
		read of the dump on the host. The rows are `tests/kdump/table`; `tests/kdump/judge.sh` is who decides. Four CPUs, 768 MiB.

		- driver: not loaded (none), or its `stop_ending`
		- notes: how many CPUs' registers are in the dump; without: the CPUs that have none
		- pc: the wedged CPUs whose pc is, by address, in the function that they spin in
		- stacks: how they were walked in the dump, by drgn, as far as the wedge's own functions: with the kernel's debug information,
		  or along the frame records from the pc and frame pointer of the note
		- online: the CPUs that the capture kernel has, by the first kernel's numbers; all of them tick, and event 0 works on all
		- a row that says "pass" found what `tests/kdump/table` has it find, and both kernels' logs have nothing else to tell

		| row | kernel | driver | wedge | panic by | capture | options | notes | without | pc | stacks | online | dump | whole row, s | |
		|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
	END
	awk -F '\t' '{ row = "|"; for (i = 1; i <= NF; i++) row = row " " ($i == "" ? "-" : $i) " |"; print row }' "$results"
}

main() {
	count=$(rows | wc -l)
	[ "$count" != 0 ] || die "no row of tests/kdump/table matches '$pattern'."
	mkdir -p "$kdump"
	echo "KTAP version 1"
	echo "1..$count"
	number=0
	failed=0
	results=$kdump/results${modules:+-$$}.tsv
	rm -f "$results" "$kdump"/.ko-*
	# The rows are read before, so that nothing a row runs takes them from standard input.
	for row_name in $(rows | awk '{ print $1 }'); do
		number=$((number + 1))
		began=$(date +%s)
		# shellcheck disable=SC2046 # a row's words
		if (crash $(rows | awk -v name="$row_name" '$1 == name')) >"$kdump/$row_name.output" </dev/null; then
			result=ok
		else
			result="not ok"
			failed=1
		fi
		echo "seconds $(($(date +%s) - began))" >>"$kdump/$row_name/facts"
		line "$row_name" "$([ "$result" = ok ] && echo pass || echo FAIL)" >>"$results"
		sed 's/^/# /' "$kdump/$row_name.output"
		echo "$result $number kdump.$row_name"
	done
	[ $write = no ] || [ $failed != 0 ] || report >"$top/docs/kdump.md"
}

# The shell reads a script as it goes along; by now it has read this one, which may change while it runs.
main
exit $failed
