# SPDX-License-Identifier: GPL-2.0
# sdei-nmi validate, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

validate_speaks_ktap() {
	device
	on_device 7
	asked 'list,about,run discovery.version,run signal.own'
	err 'did not run: power.off; run the tool with --destructive'
	printf '%s\n' 'KTAP version 1' 1..3 '# 2 checks, at most 6 seconds' '# 1 skipped, because --destructive was not given' \
		'# about: sdei_version: 1.0' '# about: sdei_vendor: 0x0' '# about: cpus: 0-1' '# about: novel: <b>' '# running: discovery.version' \
		'# came: 1.0' 'ok 1 discovery.version' '# running: signal.own' '# note: p99 2 us' 'ok 2 signal.own' \
		'ok 3 power.off # SKIP can leave the machine without a CPU on faulty firmware; --destructive runs it' \
		'# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:1 error:0' \
		'# verdict: reliable as far as checked; not checked: power.off' |
		cmp -s - "$work/out" || fail "it said $(cat "$work/out")"
	on_device 7 --check signal --check discovery.version
	asked 'list,about,run discovery.version,run signal.own'
	out 1..2 'verdict: reliable as far as checked; not checked: power.off'
	err 'run the tool without --check'
	on_device 8 --check signal.own --json
	err 'nothing was checked that the driver relies on; run the tool without --check'
	valid validate
	json '[c["name"] for c in d["checks"]] == ["signal.own"] and d["verdict"]["answer"] == "nothing checked" and d["verdict"]["not_run"] == ["discovery.version", "power.off"]'
	# docs/validating.md names almost all checks of a module that has about 90.
	# shellcheck disable=SC2046 # an option for each number
	on_device 8 $(seq 200 | sed 's/.*/--check=signal.own/')
	out 1..1
	on_device 2 --check signal --check signals
	err "neither a check nor a topic 'signals'"
	printf 'result\tfail\ncame\tnothing\n' >"$DEVICE/run signal.own"
	on_device 7
	out 'not ok 2 signal.own' '# expected: it comes' '# came: nothing' '# section: DEN0054 SDEI_EVENT_SIGNAL' '# means: nothing'
	on_device 0 --destructive
	out '# verdict: reliable; deviations that the driver copes with: signal.own'
	printf 'result\tfail\ncame\tnothing\nlost\t1\n' >"$DEVICE/run signal.own"
	on_device 7 --destructive
	out '# verdict: reliable as far as checked; CPUs 1 no longer take interrupts; deviations that the driver copes with: signal.own'
	err 'restart the machine'
	printf 'result\tfail\ncame\t2.0\nlost\t1\n' >"$DEVICE/run discovery.version"
	on_device 6 --destructive
	out '# verdict: not reliable; failed: discovery.version' 'restart the machine'
	err 'discovery.version; ask the vendor'
}

# A check that says nothing about this boot does not stop the verdict "reliable"; checks that did not run do.
validate_says_what_was_not_checked() {
	device
	printf 'kexec.event0\trelied\tconditional\t9\tx\ty\tz\n' >>"$DEVICE/list"
	printf 'result\tskip\ncame\tfirmware started this kernel\n' >"$DEVICE/run kexec.event0"
	on_device 0 --destructive
	[ "$(tail -n 1 "$work/out")" = '# verdict: reliable' ] || fail "it said $(cat "$work/out")"
	on_device 0 --destructive --json
	valid validate
	json 'd["verdict"]["answer"] == "reliable" and d["verdict"]["not_applicable"] == ["kexec.event0"] and d["verdict"]["not_run"] == []'
	json '[c["grade"] for c in d["checks"]] == ["relied", "spec", "conditional", "relied"]'
	printf 'result\tskip\ncame\ta task keeps CPU 1 busy\n' | tee "$DEVICE/run discovery.version" >"$DEVICE/run power.off"
	on_device 8 --destructive
	[ "$(tail -n 1 "$work/out")" = '# verdict: nothing checked that the driver relies on' ] || fail "it said $(cat "$work/out")"
	err 'nothing was checked that the driver relies on; the output says why'
}

# If the driver does not load under a fault, or does not reach each CPU, then a check that fails under this fault has the grade
# "relied". Otherwise the verdict would be "reliable".
validate_relies_on_what_the_driver_needs() {
	awk '
		match($0, /\.name = "[a-z0-9_.]*"/) { name = substr($0, RSTART + 9, RLENGTH - 10) }
		match($0, /DELIVERY\("[a-z0-9_]*"/) { name = "delivery." substr($0, RSTART + 10, RLENGTH - 11) }
		/\.relied = true/ { print name }' "$top"/validate/*.c >"$work/relied"
	[ "$(wc -l <"$work/relied")" -ge 30 ] || fail "the checks were not found: $(cat "$work/relied")"
	awk '/^[a-z]/ && ($4 " " $5) ~ /refuses|names|dies/ { print $1, $2 "," $3 }' "$top/tests/validate/expectations" >"$work/faults"
	[ "$(wc -l <"$work/faults")" -ge 9 ] || fail "the faults were not found: $(cat "$work/faults")"
	while read -r fault checks; do
		echo "$checks" | tr , '\n' | grep -qxF -f "$work/relied" || fail "the driver fails under '$fault', and none of these checks has the grade relied: $checks"
	done <"$work/faults"
}

validate_writes_reports() {
	device
	rm -rf "$work/reports"
	mkdir "$work/reports"
	printf 'result\tfail\ncame\t<i>|\033\n' >"$DEVICE/run signal.own"
	on_device 7 -o "$work/reports/a.json" -o "$work/reports/a.md" --output="$work/reports/a.html"
	[ "$(echo "$work/reports"/* "$work/reports"/.s*)" = "$work/reports/a.html $work/reports/a.json $work/reports/a.md $work/reports/.s*" ] ||
		fail "there is $(ls -A "$work/reports")"
	out 'KTAP version 1'
	grep -qF '| signal.own | FAIL | spec |' "$work/reports/a.md" || fail "no row: $(cat "$work/reports/a.md")"
	grep -qF '\<i\>\|\\x1b' "$work/reports/a.md" || fail "not escaped: $(cat "$work/reports/a.md")"
	grep -qF '&lt;i&gt;|\x1b' "$work/reports/a.html" || fail "not escaped: $(cat "$work/reports/a.html")"
	python3 "$here/page.py" "$work/reports/a.html" || fail "its HTML is not as it should be"
	cp "$work/reports/a.json" "$work/out"
	valid validate
	json 'd["firmware"]["novel"] == "<b>" and d["verdict"]["deviations"] == ["signal.own"] and d["machine"]["kernel_release"]'
	json 'd["checks"][2]["result"] == "skip" and d["checks"][1]["came"] == "<i>|\\x1b"'
	on_device 1 -o "$work/nowhere/x.json"
	[ ! -e "$DEVICE/log" ] || fail "it ran checks, and then had nowhere to write"
}

# What may cost the machine is asked for last, and is in the reports before that.
validate_runs_destructive_checks_last() {
	device
	printf 'wait' >"$DEVICE/run power.off"
	rm -rf "$work/reports"
	mkdir "$work/reports"
	LD_PRELOAD="$work/device.so" "$tool" validate --destructive -o "$work/reports/a.json" >"$work/ktap" 2>"$work/err" </dev/null &
	for _ in $(seq 200); do
		! grep -q power.off "$DEVICE/log" 2>/dev/null || break
		sleep 0.3
	done
	asked 'list,about,run discovery.version,run signal.own,destructive,run power.off'
	cp "$work/reports/a.json" "$work/out"
	valid validate
	json 'd["checks"][2]["result"] == "running" and "did not come back" in d["checks"][2]["came"] and d["verdict"]["answer"] == "not reliable"'
	tail -n 1 "$work/ktap" | grep -q '^# running: power.off' || fail "the last line is not what runs: $(tail -n 1 "$work/ktap")"
	kill $!
	got=0
	wait $! || got=$?
	[ "$got" = 1 ] || fail "interrupted, it ends with $got"
	grep -q '^ok 3 power.off # SKIP interrupted' "$work/ktap" || fail "it said $(cat "$work/ktap")"
	cp "$work/reports/a.json" "$work/out"
	json 'd["checks"][2]["result"] == "skip" and d["verdict"]["answer"] == "reliable as far as checked"'
}

# A check that failed decides, even if the user interrupts a later one.
validate_interrupted_after_a_failure() {
	device
	printf 'result\tfail\ncame\t2.0\n' >"$DEVICE/run discovery.version"
	printf 'wait' >"$DEVICE/run signal.own"
	rm -f "$DEVICE/log"
	LD_PRELOAD="$work/device.so" "$tool" validate >"$work/out" 2>"$work/err" </dev/null &
	for _ in $(seq 200); do
		! grep -q signal.own "$DEVICE/log" 2>/dev/null || break
		sleep 0.3
	done
	kill $!
	# shellcheck disable=SC2034 # said reads it
	wanted=6 got=0
	wait $! || got=$?
	said validate
	out 'ok 2 signal.own # SKIP interrupted' '# verdict: not reliable; failed: discovery.version'
}

validate_survives_what_the_module_does() {
	for list in '' 'x' 'a.b\trelied\n' '\0' 'a.b\tmaybe\t-\t1\tx\ty\tz\n'; do
		device
		# shellcheck disable=SC2059
		printf "$list" >"$DEVICE/list"
		on_device 1
		err 'list of checks can'
	done
	device
	head -c 70000 /dev/zero | tr '\0' a >"$DEVICE/list"
	on_device 1
	err 'Message too long'
	device
	echo errno 5 >"$DEVICE/about"
	on_device 1
	err 'Input/output error'
	device
	printf 'result\tmaybe\n' >"$DEVICE/run discovery.version"
	echo errno 19 >"$DEVICE/run signal.own"
	echo errno 1 >"$DEVICE/destructive"
	on_device 1 --destructive
	out 'ok 1 discovery.version # SKIP the module'"'"'s answer' 'ok 2 signal.own # SKIP No such device' 'ok 3 power.off # SKIP Operation not permitted'
	device
	printf 'power.a\trelied\tprogram\t9\tx\ty\tz\n' >"$DEVICE/list"
	[ "$(uname -m)" = aarch64 ] || {
		on_device 8
		out 'ok 1 power.a # SKIP the programs exist on arm64 only'
	}
}

# What does not end in its time has failed. Ten seconds beyond are the module's own.
validate_waits_no_longer_than_it_said() {
	device
	printf 'signal.own\trelied\t-\t0\tx\ty\tz\nsignal.two\tspec\t-\t0\tx\ty\tz\n' >"$DEVICE/list"
	printf 'wait' >"$DEVICE/run signal.own"
	printf 'result\tpass\n' >"$DEVICE/run signal.two"
	on_device 6
	out '# came: it did not end within its declared time' 'not ok 1 signal.own' 'ok 2 signal.two'
}

validate_says_why_it_can_not() {
	server
	run 3 validate
	err 'sdei_nmi_validate is not loaded' 'modprobe sdei_nmi_validate'
	serving
	run 3 validate
	err 'rmmod sdei_nmi'
	rm "$root/sys/module/sdei_nmi/initstate"
	run 3 validate
	err 'built into the kernel' 'sdei_nmi.enable=0'
	put dev/sdei_nmi_validate ''
	run 3 validate --json
	err '--root'
	[ ! -s "$work/out" ] || fail "it says something on its standard output"
	server
	rm -r "$root/proc/device-tree/firmware"
	put dev/kmsg '6,0,100,-;x\n'
	run 3 validate
	err 'describes SDEI'
	device
	for errno in 1 13; do
		export DEVICE_ERRNO=$errno
		on_device 4
	done
	for errno in 2 16 19 95; do
		export DEVICE_ERRNO=$errno
		on_device 3
	done
	export DEVICE_ERRNO=5
	[ "$(uname -m)" != aarch64 ] || on_device 1
	unset DEVICE_ERRNO
	for arguments in '-o x' '-o x.txt' '-o -' '-o x.json.' '--check A' '--check a..b' '--check .a' '--check=' '--cpus 1' x '-o'; do
		# shellcheck disable=SC2086
		run 2 validate $arguments
		[ ! -s "$work/out" ] || fail "'$arguments' goes to the standard output"
	done
	run 2 validate -o x.txt
	err 'in .json, .md or .html'
	run 2 validate --check "$(printf 'a\033[2J')"
	! grep -q "$(printf '\033')" "$work/err" || fail "an escape sequence got through"
}

validate_lists_checks_and_runs_none() {
	device
	on_device 0 --list
	asked 'list,about'
	grep -qE '^power\.off +relied  yes +9  DEN0022 CPU_OFF$' "$work/out" || fail "power.off is not listed: $(cat "$work/out")"
	[ "$(wc -l <"$work/out")" = 4 ] || fail "there is not one line for each check: $(cat "$work/out")"
	on_device 0 --list --check signal
	[ "$(wc -l <"$work/out")" = 2 ] || fail "other checks are listed, too: $(cat "$work/out")"
	on_device 0 --list --columns=seconds,check --noheadings
	printf '%s\n' '      1  discovery.version' '      5  signal.own' '      9  power.off' | cmp -s - "$work/out" || fail "the columns are $(cat "$work/out")"
	rm -f "$DEVICE/log"
	for arguments in --columns=check --noheadings '--list --sort=seconds' '--list --columns=check --json'; do
		# shellcheck disable=SC2086
		on_device 2 $arguments
	done
	[ ! -e "$DEVICE/log" ] || fail "the module was asked for something"
	on_device 0 --list --json
	valid validate
	json '[c["result"] for c in d["checks"]] == ["pending"] * 3'
	on_device 2 --list -o "$work/x.json"
	err "can't be combined"
	on_device 2 --list --destructive
	err "can't be combined"
}

validate_shows_how_far_it_is() {
	device
	got=0
	on_terminal "LD_PRELOAD=$work/device.so $tool validate" || got=$?
	[ "$got" = 7 ] || fail "it ended with $got"
	out '1 of 2, at most 6 s left: run discovery.version' '2 of 2, at most 5 s left: run signal.own'
}

validate_unloads_the_driver_and_loads_it_again() {
	[ "$(id -u)" = 0 ] || return 0
	stand_in_modprobe
	for how in loaded absent unreliable lost kept gone failing reload checks stays built-in insmod; do
		in_service
		case $how in
		loaded) on_device 7 --unload-driver ;;
		absent)
			rm -r "$root/sys/module" "$root/sys/kernel/sdei_nmi"
			on_device 7 --unload-driver
			;;
		unreliable)
			printf 'result\tfail\ncame\t2.0\n' >"$DEVICE/run discovery.version"
			on_device 6 --unload-driver --json
			err 'the driver was not loaded again, because this firmware failed checks'
			;;
		lost)
			printf 'result\tfail\ncame\tnothing\nlost\t1\n' >"$DEVICE/run signal.own"
			on_device 7 --unload-driver
			err 'the driver was not loaded again, because CPUs 1 no longer take interrupts; restart the machine.'
			;;
		kept)
			REFUSES='-r sdei_nmi ' on_device 1 --unload-driver
			err "the driver could not be unloaded: it says 'refused'"
			[ ! -e "$DEVICE/log" ] || fail "checks ran beside the driver"
			;;
		gone)
			REFUSES='-r sdei_nmi ' AFTER=yes on_device 1 --unload-driver
			err "the driver could not be unloaded"
			;;
		failing)
			REFUSES='sdei_nmi_validate ' on_device 3 --unload-driver
			err "sdei_nmi_validate could not be loaded: it says 'refused'"
			;;
		reload)
			REFUSES='sdei_nmi quirks' on_device 1 --unload-driver --destructive
			err 'the driver could not be loaded again' "run 'modprobe sdei_nmi quirks=\"a b\" watch=5ms' as root."
			;;
		checks)
			put sys/module/sdei_nmi_validate/initstate 'live\n'
			on_device 7 --unload-driver
			;;
		stays)
			REFUSES='-r sdei_nmi_validate ' on_device 1 --unload-driver --destructive
			err 'could not be unloaded' 'gone after a reboot'
			;;
		built-in)
			rm -r "$root/sys/module"
			on_device 3 --unload-driver
			err 'built into the kernel; boot with sdei_nmi.enable=0'
			;;
		insmod)
			put "lib/modules/$(uname -r)/modules.dep" 'updates/sdei_nmi_validate.ko:\n'
			on_device 3 --unload-driver
			err 'modprobe does not find the module sdei_nmi,'
			;;
		esac
		asked=$(paste -sd , "$work/modprobe")
		again='sdei_nmi quirks="a b" watch=5ms '
		case $how in
		loaded | stays | reload) want="-r sdei_nmi ,sdei_nmi_validate ,-r sdei_nmi_validate ,$again" ;;
		absent) want='sdei_nmi_validate ,-r sdei_nmi_validate ' ;;
		unreliable | lost) want='-r sdei_nmi ,sdei_nmi_validate ,-r sdei_nmi_validate ' ;;
		kept) want='-r sdei_nmi ' ;;
		gone) want="-r sdei_nmi ,$again" ;;
		failing) want="-r sdei_nmi ,sdei_nmi_validate ,$again" ;;
		checks) want="-r sdei_nmi ,$again" ;;
		built-in | insmod) want='' ;;
		esac
		[ "$asked" = "$want" ] || fail "$how: modprobe was asked for '$asked', not '$want'"
		case $how in
		absent | unreliable | lost | reload | built-in) want=no ;;
		*) want=yes ;;
		esac
		[ "$([ -e "$root/sys/module/sdei_nmi" ] && echo yes || echo no)" = $want ] || fail "$how: that the driver is loaded at the end is not '$want'"
	done
}

# Bad arguments do not cost the driver, and neither do signals.
validate_keeps_the_driver() {
	[ "$(id -u)" = 0 ] || return 0
	stand_in_modprobe
	in_service
	on_device 1 --unload-driver -o "$work/nowhere/x.json"
	on_device 2 --unload-driver --list
	[ ! -s "$work/modprobe" ] || fail "modprobe was asked for $(cat "$work/modprobe")"
	for signals in INT HUP 'INT INT' 'TERM TERM TERM'; do
		in_service
		printf 'wait' >"$DEVICE/run discovery.version"
		LD_PRELOAD="$work/device.so" setsid "$tool" validate --unload-driver >"$work/out" 2>"$work/err" </dev/null &
		for _ in $(seq 600); do
			! grep -q discovery "$DEVICE/log" 2>/dev/null || break
			sleep 0.1
		done
		for signal in $signals; do
			kill -s "$signal" $!
		done
		got=0
		wait $! || got=$?
		[ $got = 1 ] || fail "after $signals it ended with $got: $(cat "$work/err")"
		[ -e "$root/sys/module/sdei_nmi" ] || fail "after $signals the driver is not loaded: $(cat "$work/modprobe")"
	done
	in_service
	(trap '' CHLD && exec env LD_PRELOAD="$work/device.so" "$tool" validate --unload-driver >"$work/out" 2>"$work/err") || true
	[ -e "$root/sys/module/sdei_nmi" ] || fail "with SIGCHLD ignored the driver is not loaded: $(cat "$work/err")"
	as_nobody sh -c "LD_PRELOAD=$work/device.so $tool validate --unload-driver" 2>"$work/err" && fail "anybody may unload the driver"
	err 'run the tool as root'
}
