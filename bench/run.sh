#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [-j JOBS] [PATTERN]: boots each row of bench/boots, and writes the measurements to docs/results/. With a PATTERN it boots
# only the rows whose name matches, and prints the measurements instead. Fails if a measurement is missing. High values are no failure.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

jobs=$(nproc)
while getopts j: option; do
	case $option in
	j) jobs=$OPTARG ;;
	*) die "usage: run.sh [-j JOBS] [PATTERN]" ;;
	esac
done
shift $((OPTIND - 1))
pattern=${1:-}

alone
bench=$out/bench
rm -rf "$bench"
mkdir -p "$bench"
started=$(date +%s)

# As in the tests: CPUs are wedged on purpose, and the kernel must not report them during a measurement.
patience='rcupdate.rcu_cpu_stall_timeout=300 watchdog_thresh=60'
seconds=400

# rows: prints NAME KERNEL PEER MEASURES OPTION... for each boot.
rows() {
	sed 's/#.*//' "$top/bench/boots" | awk -v pattern="$pattern" 'NF && $1 ~ pattern'
}

# flavour KERNEL: prints the flavour of the kernel's row in kernels.list. Fails if there is no such row.
flavour() {
	sed 's/#.*//' "$top/kernels.list" | awk -v name="$1" '$1 == name { print $3; found = 1 } END { exit !found }'
}

known() {
	flavour "$1" >/dev/null
}

# option LETTER OPTION...: prints the value of the option.
option() {
	option_letter=-$1
	shift
	while [ $# -gt 0 ]; do
		[ "$1" != "$option_letter" ] || {
			echo "$2"
			return
		}
		shift
	done
}

# modules KERNEL: sets ko to the folder of the kernel's modules. The first boot of a kernel builds them.
modules() {
	exec 9>"$bench/.lock-$1"
	flock -w 3600 9 || say "another job has been building the modules for kernel '$1' for an hour; check why."
	[ -e "$bench/.ko-$1" ] ||
		setpriv --pdeathsig TERM timeout 3600 sh "$top/lab/modules.sh" "$1" bench >"$bench/.ko-$1" || : >"$bench/.ko-$1"
	exec 9>&-
	ko=$(cat "$bench/.ko-$1")
	[ -n "$ko" ]
}

# boot NAME KERNEL PEER MEASURES OPTION...: boots the guest of one row and runs its measurements.
boot() {
	name=$1 kernel=$2 peer=$3 measures=$4
	shift 4
	modules "$kernel" || {
		say "$name: not measured, because the modules for kernel '$kernel' were not built; see above"
		return 1
	}
	payload=$bench/$name/payload
	mkdir -p "$payload/tests" "$bench/$name/run"
	echo "$measures" | tr , '\n' | while read -r measure; do
		echo "measure $measure $seconds"
	done >"$payload/list"
	echo "$peer" >"$payload/peer"
	option f "$@" >"$payload/firmware"
	[ "$(flavour "$kernel")" != patched ] || : >"$payload/built-in"
	cp "$top/tests/lib/guest.sh" "$payload/main"
	cp "$top/tests/lib/blocks.sh" "$payload/"
	cp "$top/bench/measure.sh" "$payload/tests/"
	cp "$ko"/*.ko "$out"/guest/bench/* "$payload/"
	sh "$top/lab/boot.sh" -o "$bench/$name/run" -k "$kernel" -t $((seconds * 2)) -a "$patience" "$@" "$payload" || true
	"$out/host/verdict" -n "$name" -o "$bench/$name/summary" "$bench/$name/run" || {
		say "$name: could not be measured; the output of its guest is in $bench/$name/run"
		return 1
	}
	up=$(sed -n 's/.* smp: Brought up [0-9]* node[s]*, \([0-9]*\) CPU.*/\1/p' "$bench/$name/run/kmsg")
	[ "$up" = "$(option c "$@")" ] || {
		say "$name: not measured, because the kernel brought up ${up:-no} CPUs instead of $(option c "$@"); see CONFIG_NR_CPUS and $bench/$name/run"
		return 1
	}
	sed -n 's/^# data //p' "$bench/$name/run/result" | awk -v boot="$name" -v cpus="$(option c "$@")" -v OFS=, '
		{ print boot, $1, cpus, $2, $3, $4, $5, $6 }' >"$bench/$name/data"
}

# lane: boots one row after another, and skips rows that another lane has claimed.
lane() {
	rows | while read -r row; do
		kill -0 $$ 2>/dev/null || exit 1
		# shellcheck disable=SC2086 # a row's words
		set -- $row
		known "$2" || continue
		mkdir "$bench/$1" 2>/dev/null || continue
		say "$1: started"
		lane_start=$(date +%s)
		boot "$@" >"$bench/$1/output" 2>&1 </dev/null || true
		say "$1: took $(($(date +%s) - lane_start)) s"
		[ -e "$bench/$1/data" ] || cat "$bench/$1/output" >&2
	done
}

# versions: prints the name and version of each component, one a line.
versions() {
	for kernel in $(rows | awk '!seen[$2]++ { print $2 }'); do
		! known "$kernel" || echo "Linux ($kernel) $(cat "$(sh "$top/lab/kernel.sh" "$kernel")/version")"
	done
	echo "TF-A $(cat "$cache/firmware/current-trixie")"
	qemu-system-aarch64 --version | sed -n '1s/^QEMU emulator version/QEMU/p'
	aarch64-linux-gnu-gcc-12 --version | sed -n '1s/ (/ /;1s/)//;1p'
	# Only changes in these folders can change a measurement.
	git -C "$top" diff --quiet HEAD -- driver bench lab tests/modules patches && changed='' || changed=' with changes'
	echo "sdei-nmi $(git -C "$top" describe --always --abbrev=12)$changed"
}

# size MODULE: prints the sizes of the module's sections.
size() {
	aarch64-linux-gnu-size "$1" | awk -v OFS=, 'NR == 2 {
		print "host", "module", "", "size", "text", 1, $1, "bytes"
		print "host", "module", "", "size", "data", 1, $2, "bytes"
		print "host", "module", "", "size", "bss", 1, $3, "bytes"
	}'
}

main() {
	for kernel in $(rows | awk '!seen[$2]++ { print $2 }'); do
		known "$kernel" || say "bench: kernels.list has no row '$kernel'; its boots are left out"
	done
	# Build each firmware once, before any guest needs it.
	for firmware in tfa tfa-release tfa-faulty tfa-many; do
		sh "$top/lab/firmware.sh" $firmware >/dev/null
	done

	lanes=''
	trap 'kill $lanes 2>/dev/null || true' EXIT
	trap 'exit 130' HUP INT TERM
	for _ in $(seq "$jobs"); do
		lane &
		lanes="$lanes $!"
	done
	wait
	lanes=''

	missing=$(rows | while read -r name kernel _; do
		! known "$kernel" || [ -e "$bench/$name/data" ] || echo "$name"
	done)
	{
		echo boot,peer,cpus,condition,measure,run,value,unit
		rows | while read -r name _; do
			[ ! -e "$bench/$name/data" ] || cat "$bench/$name/data"
		done
		[ -n "$pattern" ] || { modules "$kernel_default" && size "$ko/sdei_nmi.ko"; }
	} >"$bench/bench.csv"
	say "bench: measuring took $(($(date +%s) - started)) s"
	[ -z "$missing" ] ||
		die "could not measure these boots: $(echo "$missing" | tr '\n' ' '); the output of their guests is above, and in $bench."
	[ -z "$pattern" ] || {
		cat "$bench/bench.csv"
		exit
	}
	versions >"$bench/versions"
	sh "$top/bench/report.sh" "$bench" "$top/docs/results"
}

# The shell reads a script while it runs. By now it has read all of this one, so changes to the file do no harm.
main
exit
