# SPDX-License-Identifier: GPL-2.0
# The small trees that stand for machines, and how a test runs the tool on one and looks at the outcome. Read by tool.sh, which sets
# top, work, root and tool.
# shellcheck shell=sh disable=SC2154

fail() {
	echo "$*"
	exit 1
}

# put FILE TEXT: a file of the tree, with the escapes of printf.
put() {
	mkdir -p "$root/$(dirname "$1")"
	# shellcheck disable=SC2059
	printf -- "$2" >"$root/$1"
}

# counter_at NAME: prints the file of a counter, according to docs/abi.
counter_at() {
	sed -n "s,^What:[[:space:]]*/\(.*/counters/$1\)\$,\1,p" "$top"/docs/abi/*
}

# A server whose firmware has SDEI, with the module installed and not loaded.
server() {
	rm -rf "$root"
	put proc/sys/kernel/osrelease '6.12.0-test\n'
	put proc/sys/kernel/random/boot_id '1b4e28ba-2fa1-11d2-883f-0016d3cca427\n'
	put proc/version 'Linux version 6.12.0-test\n'
	put proc/cmdline 'root=/dev/sda\n'
	put proc/mounts 'debugfs /sys/kernel/debug debugfs rw 0 0\n'
	put proc/device-tree/firmware/sdei/compatible 'arm,sdei-1.0\0'
	put proc/device-tree/firmware/sdei/method 'smc\0'
	put proc/device-tree/model 'A board\0'
	put boot/config-6.12.0-test 'CONFIG_ARM_SDE_INTERFACE=y\n# CONFIG_ARM_SDEI_NMI is not set\n'
	put lib/modules/6.12.0-test/modules.dep 'updates/sdei_nmi.ko.xz:\n'
	put dev/kmsg '6,0,100,-;psci: PSCIv1.1 detected in firmware.\n6,1,594099,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n'
	put sys/devices/system/cpu/online '0-3\n'
	put sys/devices/system/cpu/present '0-4\n'
	for cpu in 0 1 2 3; do
		put "sys/devices/system/cpu/cpu$cpu/regs/identification/midr_el1" '0x00000000410fd0c1\n'
	done
}

# reply CPU TEXT: what a ping of that CPU gives.
reply() {
	put "sys/kernel/debug/sdei_nmi/ping/$1" "$2"
}

answered='result: answered\nsignal_ns: 900\ndelivery_ns: 2000\nround_ns: 2500\nfloor_ns: 300\n'

# ready: a server with all that the driver needs, where only the module has to be loaded.
ready() {
	server
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n6,1,2,-;CPU: All CPU(s) started at EL2\n6,2,3,-;CPU features: detected: Virtualization Host Extensions\n'
	put proc/sys/kernel/ftrace_enabled '1\n'
	put sys/kernel/security/lockdown '[none] integrity confidentiality\n'
	put lib/modules/6.12.0-test/build/Makefile 'x\n'
	put usr/sbin/dkms 'x\n'
	put sys/kernel/kexec_crash_loaded '1\n'
	put proc/sys/kernel/printk '7\t4\t1\t7\n'
	put boot/config-6.12.0-test 'CONFIG_ARM_SDE_INTERFACE=y\nCONFIG_KPROBES=y\nCONFIG_KALLSYMS=y\nCONFIG_FTRACE=y\nCONFIG_DYNAMIC_FTRACE=y\nCONFIG_HARDLOCKUP_DETECTOR=y\nCONFIG_HARDLOCKUP_DETECTOR_BUDDY=y\n'
}

# The server with the driver at work: CPUs 1 and 2 spin in a function, 0 asks, 3 is idle, 4 offline.
serving() {
	server
	put sys/module/sdei_nmi/initstate 'live\n'
	put sys/module/sdei_nmi/srcversion '0123456789ABCDEF\n'
	put sys/kernel/sdei_nmi/state 'serving\n'
	put sys/kernel/sdei_nmi/version '1.0\n'
	put sys/kernel/sdei_nmi/vendor '0x0\n'
	put sys/kernel/sdei_nmi/conduit 'smc\n'
	put sys/kernel/sdei_nmi/priority 'normal\n'
	put sys/kernel/sdei_nmi/quirks 'none\n'
	put sys/kernel/sdei_nmi/kernel_detector 'none\n'
	put sys/kernel/sdei_nmi/lockup_detector 'all\n'
	put sys/kernel/sdei_nmi/cpus_reachable '0-2\n'
	put sys/kernel/sdei_nmi/cpus_idle '3\n'
	put sys/kernel/sdei_nmi/cpus_down '4\n'
	value=1
	for name in signals_sent signals_held_off signals_refused_not_supported signals_refused_invalid_parameters \
		signals_refused_denied signals_refused_pending signals_refused_out_of_resource signals_refused_unknown deliveries \
		deliveries_stray ipi_fallbacks late_answers requests requests_queued requests_turned_away cpus_asked cpus_answered cpus_named snapshots; do
		put "$(counter_at $name)" "$value\n"
		value=$((value + 1))
	done
	put sys/kernel/debug/sdei_nmi/counters/longest_held_ns '1000005000\n'
	put sys/kernel/debug/sdei_nmi/counters/looks '70\n'
	put sys/kernel/debug/sdei_nmi/counters/looks_ns '1400\n'
	put sys/kernel/sdei_nmi/counters/lockups '2\n'
	value=40
	for name in samples samples_missed samples_coalesced samples_skipped samples_refused samples_throttled; do
		put "$(counter_at $name)" "$value\n"
		value=$((value + 1))
	done
	put sys/kernel/sdei_nmi/counters/irqs_off '10\n'
	put sys/kernel/sdei_nmi/counters/irqs_off_ns '12345000678\n'
	put sys/kernel/sdei_nmi/counters/irqs_off_dropped '3\n'
	value=0
	for name in 1 2 5 10 20 50 100 200 500 1000 10000; do
		put "sys/kernel/sdei_nmi/counters/irqs_off_le_${name}ms" "$((value / 2))\n"
		value=$((value + 1))
	done
	for cpu in 0 1 2 3; do
		reply $cpu "$answered"
	done
	snapshot=$root/sys/kernel/debug/sdei_nmi/stacks
	cat >"$snapshot" <<-'END'
		sdei_nmi stacks 1
		taken_ns: 5000
		online: 0-3
		addresses: shown

		cpu: 0
		state: self
		by: self
		interrupts: on
		task: sdei-nmi
		pid: 200
		uid: 0
		stack:
		 ffff800080010000 stacks_open+0x10/0x80 [sdei_nmi]
		 ffff800080020000 do_dentry_open+0x20/0x400

		cpu: 1
		state: kernel
		by: event
		interrupts: off
		waiting_ns: 2000000000
		answered_ns: 20000
		held_ns: 5000
		task: spin/1
		pid: 167
		uid: 0
		pstate: 814003c9
		pc: ffff80007ab3a600 wedge_spin+0x30/0x60 [wedge]
		sp: ffff80008403be20
		stack:
		 ffff80007ab3a600 wedge_spin+0x30/0x60 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		cpu: 2
		state: kernel
		by: event
		interrupts: off
		waiting_ns: 12400000000
		task: spin/2
		pid: 168
		uid: 0
		pstate: 814003c9
		pc: ffff80007ab3a604 wedge_spin+0x34/0x60 [wedge]
		stack:
		 ffff80007ab3a604 wedge_spin+0x34/0x60 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		cpu: 3
		state: idle
		by: interrupt
		interrupts: on
		task: swapper/3
		pid: 0
		uid: 0
		stack:
		 ffff800080040000 cpu_do_idle+0x8/0x10

		cpu: 4
		state: offline
	END
	put sys/module/sdei_nmi/parameters/watch '5ms\n'
	irqs_off=$root/sys/kernel/debug/sdei_nmi/irqs_off
	cat >"$irqs_off" <<-'END'
		sdei_nmi irqs_off 1
		watch_ns: 5000000
		started_ns: 1000000000
		now_ns: 64000000000
		dropped: 0
		addresses: shown

		site: slow_poll [nvme]
		count: 2
		total_ns: 14000000
		worst_ns: 8000000
		cpu: 3
		task: kworker/3:1
		pid: 90

		site: wedge_spin [wedge]
		count: 3
		total_ns: 1200000000
		worst_ns: 400000000
		cpu: 2
		task: spin/2
		pid: 168

		stretch: 41
		cpu: 2
		site: wedge_spin [wedge]
		since_ns: 60000000000
		seen_ns: 6000000
		total_ns: 400000000
		task: spin/2
		pid: 168
		pstate: 814003c9
		pc: ffff80007ab3a604 wedge_spin+0x34/0x60 [wedge]
		sp: ffff80008403be20
		stack:
		 ffff80007ab3a604 wedge_spin+0x34/0x60 [wedge]
		 ffff80007ab3a700 wedge_daif+0x24/0x48 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		stretch: 42
		cpu: 2
		site: wedge_spin [wedge]
		since_ns: 61000000000
		seen_ns: 6000000
		total_ns: 300000000
		task: spin/2
		pid: 168
		stack:
		 ffff80007ab3a600 wedge_spin+0x30/0x60 [wedge]
		 ffff80007ab3a700 wedge_daif+0x24/0x48 [wedge]
		 ffff800080030000 kthread+0xec/0xf8

		stretch: 43
		cpu: 1
		site: hold_lock
		since_ns: 63000000000
		seen_ns: 5500000
		task: dd
		pid: 300
		pstate: 614000c9
		stack:
		 ffff800080050000 hold_lock+0x10/0x20
		cut: 1
	END
}

# every_state: adds to the snapshot of serving a CPU of each state that it lacks, and one with a stack that was cut.
every_state() {
	cat >>"$snapshot" <<-'END'

		cpu: 5
		state: silent
		reason: event 0 was sent and not answered in 1000 ms

		cpu: 6
		state: user
		by: event
		interrupts: on
		task: a\\b\n"c"
		pid: 300
		uid: 4294967295
		pstate: 80001000
		pc: 0000aaaae0001000
		sp: 0000ffffe0002000
		stack:

		cpu: 7
		state: guest
		by: event
		task: qemu-system-aar
		pid: 301
		uid: 64055
		pstate: 600000c5
		pc: ffff800080123456

		cpu: 8
		state: dreaming
		waiting_ns: 0
		stack:
		 ffff800080050000 recurse.isra.0+0x10/0x20
		 ffff800080050004 ?
		cut: 64
	END
}

# run STATUS ARGUMENT...: with the file $input, if there is one, as the standard input.
run() {
	wanted=$1
	shift
	got=0
	timeout 120 "$tool" --root "$root" "$@" >"$work/out" 2>"$work/err" <"${input:-/dev/null}" || got=$?
	said "$@"
}

# watching STATUS ARGUMENT...: starts watch on the files of the tree, as if they were the driver's, so that it can set the limit. Its
# process is $!.
watching() {
	[ -e "$work/device.so" ] || cc -shared -fPIC -o "$work/device.so" "$here/device.c" || fail "the device's stand-in does not build"
	wanted=$1
	shift
	: >"$work/out"
	MACHINE=$root LD_PRELOAD=$work/device.so timeout --foreground 120 "$tool" watch "$@" >"$work/out" 2>"$work/err" </dev/null &
}

# watched ARGUMENT...: waits for the tool of watching, and looks at the outcome.
watched() {
	got=0
	wait $! || got=$?
	said watch "$@"
}

# limit_is TEXT: waits until the driver's limit is this, at most 60 s.
limit_is() {
	for _ in $(seq 600); do
		[ "$(cat "$root/sys/module/sdei_nmi/parameters/watch")" != "$1" ] || return 0
		sleep 0.1
	done
	fail "the limit is $(cat "$root/sys/module/sdei_nmi/parameters/watch"), not $1"
}

# limit TEXT: the driver's limit is set to this by somebody else.
limit() {
	put sys/module/sdei_nmi/parameters/watch "$1\n"
}

# said ARGUMENT...: it ended as it was wanted to, and if it failed, with a sentence.
said() {
	[ "$got" = "$wanted" ] || fail "'$*' ended with $got, not $wanted: $(cat "$work/err")"
	case $got in
	0) ;;
	2) head -n 1 "$work/err" | grep -q '^sdei-nmi[^:]*: .' || fail "'$*' says no sentence: $(cat "$work/err")" ;;
	*)
		# status and check say it on their standard output.
		if [ ! -s "$work/err" ]; then
			case " $* " in
			*' check '*) grep -q -e '^fail ' -e '"level": "fail"' "$work/out" || fail "'$*' tells no cause" ;;
			*' status '*) grep -q -e '^not available: ' -e '"cause": "' "$work/out" || fail "'$*' tells no cause" ;;
			*) fail "'$*' failed without a word" ;;
			esac
		else
			# One sentence. A second one may say that the driver stays unloaded.
			grep -v '^sdei-nmi: the driver was not loaded again, because .*; .*\.$' "$work/err" >"$work/sentences" || true
			[ "$(grep -c '^sdei-nmi: .*[:;] .*\.$' "$work/sentences")" = 1 ] && [ "$(wc -l <"$work/sentences")" = 1 ] ||
				fail "'$*' does not say one sentence with cause and remedy: $(cat "$work/err")"
		fi
		;;
	esac
}

# out TEXT..., err TEXT...: it was said.
out() {
	for text; do
		grep -qF -e "$text" "$work/out" || fail "not in the output: '$text' in: $(cat "$work/out")"
	done
}

err() {
	for text; do
		grep -qF -e "$text" "$work/err" || fail "not among the errors: '$text' in: $(cat "$work/err")"
	done
}

no_out() {
	! grep -qF -e "$1" "$work/out" || fail "in the output: '$1'"
}

# lockups STATUS SENTENCE: status ends so, and says this about hard lockups.
lockups() {
	run "$1" status
	grep -qxF "lockups    $2" "$work/out" || fail "not '$2' but: $(grep '^lockups ' "$work/out")"
	run "$1" status --json
	valid status
}

# served_lockups KERNEL DRIVER SENTENCE [SYSCTL]: the same of a machine whose driver has these words in its files, or has no such files
# (-). The sysctl is 0.
served_lockups() {
	serving
	put sys/kernel/sdei_nmi/kernel_detector "$1\\n"
	put sys/kernel/sdei_nmi/lockup_detector "$2\\n"
	[ "$2" != - ] || rm "$root/sys/kernel/sdei_nmi/kernel_detector" "$root/sys/kernel/sdei_nmi/lockup_detector"
	[ -z "${4:-}" ] || put "proc/sys/kernel/$4" '0\n'
	lockups 0 "$3"
	[ "$2" = - ] || json "d['lockup_detector']['kernel'] == '$1' and d['lockup_detector']['driver'] == '$2'"
}

# valid NAME [lines]: the output is JSON, as tool/schema/NAME.json says.
valid() {
	python3 - "$top/tool/schema/$1.json" "$work/out" "${2:-whole}" >"$work/schema" 2>&1 <<-'END' || fail "its JSON is not as its schema says: $(tail -n 3 "$work/schema")"
		import json, sys
		import jsonschema

		def unique(pairs):
		    keys = [key for key, value in pairs]
		    if len(keys) != len(set(keys)):
		        raise ValueError("a key is there twice")
		    return dict(pairs)

		with open(sys.argv[1]) as file:
		    schema = json.load(file)
		jsonschema.Draft7Validator.check_schema(schema)
		with open(sys.argv[2], "rb") as file:
		    text = file.read().decode("utf-8", "strict")
		documents = text.splitlines() if sys.argv[3] == "lines" else [text]
		if not documents:
		    sys.exit("there is none")
		for document in documents:
		    jsonschema.Draft7Validator(schema).validate(json.loads(document, object_pairs_hook=unique))
	END
}

# A module with checks of all kinds, and what it answers. The device is stood in for by tests/tool/device.c, preloaded.
device() {
	export DEVICE="$work/device"
	[ -e "$work/device.so" ] || cc -shared -fPIC -o "$work/device.so" "$here/device.c" || fail "the device's stand-in does not build"
	rm -rf "$DEVICE"
	mkdir "$DEVICE"
	printf 'power.off\trelied\tdestructive\t9\tDEN0022 CPU_OFF\tit comes back\tno kdump\ndiscovery.version\trelied\t-\t1\tDEN0054 SDEI_VERSION\t1.x\tno driver\nsignal.own\tspec\t-\t5\tDEN0054 SDEI_EVENT_SIGNAL\tit comes\tnothing\n' >"$DEVICE/list"
	printf 'sdei_version\t1.0\nsdei_vendor\t0x0\ncpus\t0-1\nnovel\t<b>\n' >"$DEVICE/about"
	printf '' >"$DEVICE/destructive"
	printf 'result\tpass\ncame\t1.0\n' >"$DEVICE/run discovery.version"
	printf 'result\tpass\nnote\tp99 2 us\n' >"$DEVICE/run signal.own"
	printf 'result\tpass\n' >"$DEVICE/run power.off"
}

# on_device STATUS ARGUMENT...: validate, with that device.
on_device() {
	wanted=$1
	shift
	got=0
	rm -f "$DEVICE/log"
	LD_PRELOAD="$work/device.so" timeout 120 "$tool" validate "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
	said validate "$@"
}

# stand_in_modprobe: puts a modprobe first into PATH. It loads and unloads modules of the tree and logs in $work/modprobe what it is asked
# for. It fails if it is asked for $REFUSES; with $AFTER only after it has done what it was asked for.
stand_in_modprobe() {
	mkdir -p "$work/sbin"
	cat >"$work/sbin/modprobe" <<-'END'
		#!/bin/sh
		echo "$*" | sed 's/$/ /' >>"$MODPROBE_LOG"
		action=load
		[ "$1" != -r ] || { action=unload && shift; }
		asked="$([ $action = load ] || echo '-r ')$* "
		case $asked in
		"${REFUSES:-none}"*) refuses=yes ;;
		*) refuses=no ;;
		esac
		if [ $refuses = no ] || [ "${AFTER:-no}" = yes ]; then
			rm -rf "$MACHINE/sys/module/$1"
			[ $action = unload ] || { mkdir -p "$MACHINE/sys/module/$1" && echo live >"$MACHINE/sys/module/$1/initstate"; }
		fi
		[ $refuses = no ] || { echo refused >&2 && exit 1; }
	END
	chmod +x "$work/sbin/modprobe"
	PATH=$work/sbin:$PATH
	export MODPROBE_LOG="$work/modprobe" MACHINE="$root"
}

# in_service: the machine of serving, with both modules installed, and parameters of the driver. validate is to run there by on_device.
in_service() {
	device
	serving
	: >"$work/modprobe"
	rm -rf "$root/sys/module/sdei_nmi/parameters"
	put sys/module/sdei_nmi/parameters/watch '5ms\n'
	put sys/module/sdei_nmi/parameters/enable '(null)\n'
	put sys/module/sdei_nmi/parameters/quirks 'a b\n'
	put "lib/modules/$(uname -r)/modules.dep" 'updates/sdei_nmi.ko.xz:\nupdates/sdei_nmi_validate.ko:\n'
}

# asked TEXT: the commands that the device got.
asked() {
	[ "$(paste -sd , "$DEVICE/log")" = "$1" ] || fail "it was asked $(paste -sd , "$DEVICE/log"), not $1"
}

# json EXPRESSION: true of the output d.
json() {
	python3 -c 'import json, sys; d = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$work/out" "$1" ||
		fail "not so in its JSON: $1 in: $(cat "$work/out")"
}

# as_nobody COMMAND...: without root's rights.
as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all "$@"
	else
		"$@"
	fi
}

# on_terminal COMMAND: its output, to a terminal.
on_terminal() {
	timeout 120 script -qec "$1" /dev/null >"$work/out" 2>&1 </dev/null
}

# checked STATUS: check ends so, and its JSON is valid.
checked() {
	run "$1" check --json
	valid check
	json "d['usable'] is $([ "$1" = 0 ] && echo True || echo False)"
}

# point NAME LEVEL [TEXT [REMEDY...]]: the output of check --json has this point with this level, and the texts contain these words.
point() {
	python3 - "$work/out" "$@" >"$work/point" <<-'END' || fail "$(cat "$work/point")"
		import json, sys
		points = {p["name"]: p for p in json.load(open(sys.argv[1]))["points"]}
		name, level = sys.argv[2:4]
		point = points.get(name)
		if not point or point["level"] != level or (point["remedy"] is None) != (level == "ok"):
		    sys.exit(print(f"'{name}' is not {level}, with a remedy unless ok: {point}") or 1)
		for key, words in zip(["text"] + ["remedy"] * len(sys.argv), sys.argv[4:]):
		    if words not in point[key]:
		        sys.exit(print(f"the {key} of '{name}' has no '{words}': {point[key]}") or 1)
	END
}

# in_every_form COMMAND...: runs the tool with each form that stacks has, as in "stacks COMMAND... --json". Exit status 5: CPU 5 is silent.
in_every_form() {
	for form in '' --all '-c 1-3' '-c 1-3,6 --all' --json '--json --all' '--json -c 2,7' --folded '--folded -c 1,8'; do
		case $form in *-c*) status=0 ;; *) status=5 ;; esac
		# shellcheck disable=SC2086
		run $status stacks "$@" $form
		echo "== $form"
		cat "$work/out"
	done
}

# refused TEXT [FLAW]: a file with this text, with the escapes of printf, is refused, and nothing of it is printed.
refused() {
	# shellcheck disable=SC2059
	printf "$1" >"$work/bad"
	run 1 stacks -F "$work/bad"
	err "$work/bad is not a complete file of snapshots: ${2:-the snapshot in line 1 has a flaw}"
	[ ! -s "$work/out" ] || fail "something of '$1' was printed"
	run 1 stacks -F "$work/bad" --json
	[ ! -s "$work/out" ] || fail "something of '$1' was printed as JSON"
	! LC_ALL=C grep -q '[^ -~]' "$work/err" || fail "what is not printable got through: $(cat -v "$work/err")"
}

# two_snapshots [SED]: writes $work/old of the server, and $work/new of 10 s later. There CPUs 1 and 2 still spin with interrupts off, and
# the script SED has changed the driver's file.
two_snapshots() {
	serving
	every_state
	run 5 stacks -o "$work/old"
	sed -i -e 's/^taken_ns: 5000/taken_ns: 10000005000/' -e 's/^waiting_ns: 2000000000/waiting_ns: 12000000000/' \
		-e 's/^waiting_ns: 12400000000/waiting_ns: 22400000000/' "$snapshot"
	[ -z "${1:-}" ] || sed -i "$1" "$snapshot"
	got=0
	"$tool" --root "$root" stacks -o "$work/new" 2>"$work/err" || got=$?
	[ $got = 0 ] || [ $got = 5 ] || fail "no second snapshot: $(cat "$work/err")"
	# It needs neither a driver nor the machine.
	rm -r "$root"
	mkdir "$root"
}

# warned FILE SENTENCE: a comparison with this newer file warns in one sentence.
warned() {
	run 0 diff "$work/old" "$1"
	err "$2"
	[ "$(wc -l <"$work/err")" = 1 ] || fail "it is not one sentence: $(cat "$work/err")"
}

# What a collector takes: each metric is announced once, before its samples, and named by the rules.
metrics_format() {
	awk '
		function bad(what) { print FILENAME ": " what ": " $0; failed = 1 }
		/^# HELP / { if ($3 in help) bad("a second HELP"); if (NF < 4) bad("HELP says nothing"); help[$3] = 1; next }
		/^# TYPE / {
			if (!($3 in help) || $3 in type) bad("TYPE without HELP, or again")
			if ($4 != ($3 ~ /_total$/ ? "counter" : $3 ~ /_irqs_off_seconds$/ ? "histogram" : "gauge")) bad("the name does not go with the type")
			type[$3] = $4; family = $3; next
		}
		/^#/ || NF == 0 { bad("neither sample nor announcement"); next }
		{
			if (!match($0, /^[a-z_]+(\{[a-z_]+="[^"\\]*"(,[a-z_]+="[^"\\]*")*\})? /)) { bad("no sample"); next }
			series = substr($0, 1, RLENGTH - 1); value = substr($0, RLENGTH + 1); name = series; sub(/\{.*/, "", name)
			if (type[family] == "histogram") {
				if (name == family "_bucket") {
					if (!match(series, /le="[^"]*"/)) bad("a bucket without a bound")
					le = substr(series, RSTART + 4, RLENGTH - 5)
					if (bound == "+Inf" || (bound != "" && le != "+Inf" && le + 0 <= bound + 0)) bad("the bounds do not ascend")
					if (value + 0 < bucket + 0) bad("a bucket has less than the one before")
					bound = le; bucket = value
				} else if (name == family "_count") {
					if (bound != "+Inf" || value != bucket) bad("the count is not that of the last bucket")
					counted = 1
				} else if (name != family "_sum" || bound != "+Inf" || counted) bad("no part of a histogram, or in a wrong place")
			} else if (name != family) bad("not announced just before")
			if (series in seen) bad("twice")
			if (value !~ /^[0-9]+(\.[0-9]+)?$/) bad("no number")
			if (name !~ /^sdei_nmi_/ || name ~ /_(ns|ms|us)$|_(ns|ms|us)_/) bad("the name does not go with the rules")
			seen[series] = 1; samples++
		}
		END {
			if (!samples) { print "no samples"; failed = 1 }
			if (bound != "" && !counted) { print "the histogram has no count"; failed = 1 }
			exit failed
		}' "$work/out" >"$work/format" || fail "$(cat "$work/format")"
}

# taking NS...: CPU 0 and the next ones answer a ping after so many nanoseconds.
taking() {
	serving
	cpu=0
	for ns; do
		reply $cpu "result: answered\nsignal_ns: 900\ndelivery_ns: 2000\nround_ns: $ns\nfloor_ns: 300\n"
		cpu=$((cpu + 1))
	done
}

# ping_rows ARGUMENT...: prints the first five lines of a ping with these arguments.
ping_rows() {
	run 0 ping -n 1 -i 0 "$@"
	head -n 5 "$work/out"
}
