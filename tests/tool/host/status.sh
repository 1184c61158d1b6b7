# SPDX-License-Identifier: GPL-2.0
# sdei-nmi status, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

status_of_a_machine_that_is_served() {
	serving
	run 0 status
	out serving 'SDEI 1.0' 'called by smc' 'served by us' 'reachable 0-2, in deep idle 3, down 4' 'signals_sent'
	run 0 status --json
	valid status
	json 'd["available"] and d["event0"] == "ours" and d["counters"]["requests"] == 13 and d["problem"] is None'
	put sys/kernel/sdei_nmi/state 'suspended\n'
	run 0 status
	out 'not serving just now: suspended'
}

status_names_the_step_that_failed() {
	server
	run 3 status
	out 'the module is not loaded' 'modprobe sdei_nmi' 'free' 'installed: yes'
	put lib/modules/6.12.0-test/modules.dep 'kernel/other.ko:\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "installed" and d["module"]["installed"] is False'
	server
	rm -r "$root/proc/device-tree/firmware"
	put dev/kmsg '6,0,100,-;x\n'
	run 3 status
	out 'describes SDEI' 'setup menu' 'does not exist'
	server
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,1,2,-;sdei: Failed to reset platform: -95\n3,2,3,-;sdei: disabling SDEI firmware interface\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "kernel core" and d["firmware"]["failure"] == "sdei: Failed to reset platform: -95"'
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n4,1,2,-;sdei: Failed to create event 0: -16\n'
	run 3 status --json
	json 'd["problem"]["step"] == "loaded" and d["firmware"]["failure"] is None'
	put dev/kmsg '3,0,1,-;sdei: Not supported on this hardware/boot configuration\n3,1,3,-;sdei: disabling SDEI firmware interface\n'
	run 3 stacks
	err 'at EL1'
	put dev/kmsg '3,0,1,-;sdei: Failed to get SDEI version: -95\n3,1,3,-;sdei: disabling SDEI firmware interface\n'
	run 3 stacks
	err 'CPUs with VHE'
	for mode in kvm-arm.mode=nvhe kvm_arm.mode=nvhe kvm-arm.mode=protected; do
		put proc/cmdline "quiet $mode\n"
		run 3 stacks
		err "without $mode"
	done
	server
	put boot/config-6.12.0-test 'CONFIG_ARM_SDEI_NMI=y\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "event 0" and d["event0"] == "taken" and d["others"]["kernel_sdei_nmi"]'
	server
	put sys/module/sdei_nmi/initstate 'live\n'
	run 3 status --json
	json 'd["problem"]["step"] == "files" and d["module"]["loaded"]'
	run 3 status
	out 'older version'
	put sys/module/sdei_nmi/initstate 'coming\n'
	run 3 status
	out 'not available: the module is being loaded just now' 'modprobe waits until each CPU has taken an interrupt' 'loaded: not yet' 'event 0    not known'
	put sys/module/sdei_nmi/initstate 'going\n'
	run 3 status
	out 'not available: the module is being unloaded just now' 'rmmod waits until each CPU has taken an interrupt' 'loaded: not for long' 'event 0    not known'
	run 3 stacks
	err 'not available: the module is being unloaded just now' 'kernel log'
	for state in coming going; do
		put sys/module/sdei_nmi/initstate "$state\n"
		run 3 status --json
		valid status
		json 'd["problem"]["step"] == "files" and d["event0"] == "unknown" and not d["module"]["loaded"] and not d["module"]["built_in"]'
	done
}

status_tells_why_a_load_failed() {
	server
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,1,2,-;sdei_nmi: registering event 0 failed: another part of this kernel owns it; nothing was changed\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "event 0" and "another part" in d["module"]["load_failure"]'
	put dev/kmsg '4,0,2,-;sdei_nmi: module verification failed: signature and/or required key missing - tainting kernel\n'
	run 3 status --json
	json 'd["problem"]["step"] == "loaded"'
	put dev/kmsg '3,0,2,-;sdei_nmi: probing event 0 failed: the firmware took a signal\n6,1,3,-;sdei_nmi: backtraces and stops reach CPUs that have interrupts masked, by SDEI event 0\n6,2,4,-;sdei_nmi: unloaded; backtraces are the kernel'"'"'s own again\n'
	run 3 status --json
	json 'd["problem"]["step"] == "loaded" and d["module"]["load_failure"] is None'
	# Each of the two later lines alone ends the failure. The log may have lost the other one.
	for line in 'backtraces and stops reach CPUs that have interrupts masked, by SDEI event 0' "unloaded; backtraces are the kernel's own again"; do
		put dev/kmsg "3,0,2,-;sdei_nmi: probing event 0 failed: the firmware took a signal\n6,1,3,-;sdei_nmi: $line\n"
		run 3 status --json
		json 'd["problem"]["step"] == "loaded" and d["module"]["load_failure"] is None'
	done
	put dev/kmsg "3,0,2,-;sdei_nmi: version magic '6.1 SMP' should be '6.12 SMP'\n"
	run 3 status
	out 'version magic' 'make module'
	put dev/kmsg '5,0,2,-;Loading of unsigned module is rejected\n'
	run 3 status
	out 'signed' 'mokutil'
	server
	put sys/kernel/security/lockdown 'none [integrity] confidentiality\n'
	run 3 stacks
	err 'lockdown: integrity' 'mokutil'
}

status_says_who_else_is_there() {
	serving
	put proc/cmdline 'quiet irqchip.gicv3_pseudo_nmi=1\n'
	run 0 status --json
	json 'd["others"]["pseudo_nmi"] is True'
	server
	rm -r "$root/proc/device-tree/firmware" "$root/dev/kmsg"
	put sys/class/dmi/id/sys_vendor 'QEMU\n'
	run 3 status --json
	valid status
	json 'd["likely_guest_of"] == "QEMU" and "likely a virtual machine" in d["problem"]["cause"] and not d["kernel_log_readable"]'
	put sys/class/dmi/id/sys_vendor 'Amazon EC2\n'
	put sys/class/dmi/id/product_name 'm6g.metal\n'
	run 3 status --json
	json 'd["likely_guest_of"] is None'
	put sys/firmware/acpi/tables/SDEI 'SDEI'
	run 3 status --json
	json 'd["firmware"]["described_by"] == "ACPI" and d["problem"]["step"] == "loaded"'
}

status_knows_the_kernels_options() {
	server
	put dev/kmsg '6,120,10201,-;psci: PSCIv1.1 detected in firmware.\n3,860,2410220,-;GHES: Generic hardware error source: 3 notified via SDE Interface is not supported!\n'
	rm "$root/boot/config-6.12.0-test"
	run 3 status
	out 'without CONFIG_ARM_SDE_INTERFACE' 'use a kernel with CONFIG_ARM_SDE_INTERFACE=y'
	put dev/kmsg 'x\n'
	run 3 status
	out 'the module is not loaded'
	config='# CONFIG_ARM_SDE_INTERFACE is not set\nCONFIG_KPROBES=y\nCONFIG_KALLSYMS=y\nCONFIG_DYNAMIC_FTRACE=y\n'
	for file in lib/modules/6.12.0-test/config boot/config-6.12.0-test; do
		put $file "$config"
		run 3 status --json
		valid status
		json 'd["problem"]["step"] == "kernel core" and d["problem"]["remedy"] == "use a kernel with CONFIG_ARM_SDE_INTERFACE=y"'
		run 3 stacks
		err 'without CONFIG_ARM_SDE_INTERFACE'
		put $file 'CONFIG_ARM_SDE_INTERFACE=y\n'
		run 3 status
		out 'the module is not loaded'
	done
	# The kernel's own copy comes first, unless it is none.
	put proc/config "$config"
	gzip -c "$root/proc/config" >"$root/proc/config.gz"
	run 3 stacks
	err 'without CONFIG_ARM_SDE_INTERFACE'
	for text in '' 'no gzip\n' "$config"; do
		put proc/config.gz "$text"
		run 3 stacks
		err 'the module is not loaded'
	done
	# Without SDEI in the firmware, another kernel does not help.
	put boot/config-6.12.0-test "$config"
	rm -r "$root/proc/device-tree/firmware" "$root/proc/config.gz"
	run 3 status
	out 'describes SDEI'
	server
	for option in KPROBES KALLSYMS DYNAMIC_FTRACE; do
		put boot/config-6.12.0-test "CONFIG_ARM_SDE_INTERFACE=y\n# CONFIG_$option is not set\n"
		run 3 status --json
		valid status
		json 'd["problem"]["step"] == "load"'
		run 3 status
		out "without CONFIG_$option, which the module needs" "use a kernel with CONFIG_$option=y"
	done
}

status_knows_a_core_that_is_down() {
	server
	put dev/kmsg '6,120,10201,-;psci: PSCIv1.1 detected in firmware.\n3,900,3110220,-;sdei: Failed to create event 1073741825: -5\n4,901,3110290,-;agdi agdi.0: Failed to register for SDEI event 1073741825\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "kernel core" and "SDEI core is not running" in d["problem"]["cause"] and "firmware" in d["problem"]["remedy"]'
	json 'd["firmware"]["failure"].endswith(": -5") and d["event0"] == "none"'
	# An early caller comes before the core. Other errors, other lines with -5 and a log without the core's line prove nothing.
	for log in 'sdei: Failed to create event 1073741825: -5\n6,901,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.' \
		'sdei: Failed to create event 1073741825: -16' 'sdei: Failed to create event 1073741825: -52' 'agdi agdi.0: probe failed: -5' \
		'usb 1-1: device descriptor read/64, error -5' 'sdei: -5' 'sdei_nmi: CPU 2: -5' 'x'; do
		put dev/kmsg "3,0,1,-;$log\n"
		run 3 status --json
		json 'd["problem"]["step"] == "loaded" and d["firmware"]["failure"] is None'
	done
}

status_asks_for_a_reboot() {
	server
	failure='sdei_nmi: unregistering event 0 failed with -5: the firmware may keep it until the next reboot, and the driver cannot be loaded again before'
	unloaded="sdei_nmi: unloaded; backtraces are the kernel's own again"
	refused='sdei_nmi: registering event 0 failed: another part of this kernel owns it; nothing was changed'
	for log in "$failure\n6,901,2,-;$unloaded" "$failure\n6,901,2,-;$unloaded\n3,902,3,-;$refused"; do
		put dev/kmsg "6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,900,1,-;$log\n"
		run 3 status --json
		valid status
		json 'd["problem"]["step"] == "event 0" and d["event0"] == "taken" and d["problem"]["remedy"].startswith("reboot the machine")'
		json '"unregistering" in d["module"]["unload_failure"] and "unregistering" in d["problem"]["cause"]'
	done
	run 3 status
	out 'event 0    not released'
	put dev/kmsg "3,900,1,-;$failure\n6,901,2,-;sdei_nmi: backtraces and stops reach CPUs that have interrupts masked\n6,902,3,-;$unloaded\n"
	run 3 status --json
	json 'd["problem"]["step"] == "loaded" and d["module"]["unload_failure"] is None'
}

status_knows_a_driver_that_is_off() {
	server
	put boot/config-6.12.0-test 'CONFIG_ARM_SDEI_NMI=y\nCONFIG_ARM_SDEI_NMI_DEFAULT_OFF=y\n'
	run 3 status --json
	json "'off by default' in d['problem']['cause'] and 'sdei_nmi.enable=probe' in d['problem']['remedy']"
	echo '6,900,1,-;sdei_nmi: not starting: enable=probe; event 0 reached 4 of 4 CPUs; nothing was changed' >"$root/dev/kmsg"
	run 3 status --json
	json "d['problem']['remedy'] == 'put sdei_nmi.enable=1 on the kernel command line'"
}

status_has_a_remedy_for_each_failure() {
	server
	while IFS='|' read -r line step remedy; do
		echo "3,900,1,-;sdei_nmi: $line; nothing was changed" >"$root/dev/kmsg"
		run 3 status --json
		json "d['problem']['step'] == '$step' and '$remedy' in d['problem']['remedy']"
	done <<-'END'
		not starting: enable=0|load|remove enable=
		not starting: enable=probe; event 0 reached 4 of 4 CPUs, and what it interrupted there came back as it was|load|remove enable=
		enable has to be 1, 0 or probe, not 'x'|load|correct this parameter
		not starting: this kernel saves a crash dump (capture_kernel=1 overrides that)|load|when the machine boots its own kernel
		not starting: event 0 of this machine's firmware must not be used (quirks=none overrides that)|load|newer firmware
		stop_ending has to be park or off, not 'x'|load|correct this parameter
		quirks has to be auto, none, or a list of unusable, no-cpu-off and masked-refused, not 'x'|load|correct this parameter
		lockups has to be auto, all or off, not 'x'|load|correct this parameter
		watch has to be off or a time from 500us to 10s, such as 5ms, not 'x'|load|correct this parameter
		finding SDEI failed: this machine's ACPI describes no SDEI|firmware|setup menu
		using SDEI failed: the kernel's SDEI core is not running; the firmware refused it|kernel core|newer firmware
		registering event 0 failed: this kernel's own ARM_SDEI_NMI, which does this already, owns it|event 0|a kernel without CONFIG_ARM_SDEI_NMI
		registering event 0 failed: another part of this kernel owns it|event 0|unload the module that owns event 0
		registering event 0 failed: the firmware refused it (-1)|load|newer firmware
		probing event 0 failed: the firmware refused a signal to CPU 1 (-22)|load|newer firmware
		looking up kernel symbols failed: this kernel allows no kprobe on kallsyms_lookup_name|load|CONFIG_KPROBES=y
		looking up kernel symbols failed: this kernel has no function x, which the driver calls|load|another kernel
		hooking x failed: another user has replaced this function, or ftrace is off (kernel.ftrace_enabled=0)|load|kernel.ftrace_enabled=1
		hooking x failed: ftrace refused it (-1)|load|remove this cause
	END
}

status_forgets_failures_that_are_past() {
	serving
	put dev/kmsg '6,130,10301,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,700,20000201,-;sdei_nmi: registering event 0 failed: another part of this kernel owns it; nothing was changed\n6,800,91000201,-;sdei_nmi: backtraces and stops reach CPUs that have interrupts masked, by SDEI event 0\n'
	run 0 status --json
	valid status
	json 'd["module"]["load_failure"] is None'
	run 0 status
	out serving
	no_out 'failed'
	# The line of the start may be lost.
	put dev/kmsg '3,0,1,-;sdei: Failed to create event 1073741825: -5\n3,700,20000201,-;sdei_nmi: registering event 0 failed: another part of this kernel owns it; nothing was changed\n'
	run 0 status
	no_out 'ailed'
}

status_says_how_to_install() {
	server
	put lib/modules/6.12.0-test/modules.dep 'kernel/other.ko:\n'
	run 3 status
	out 'not installed for kernel 6.12.0-test' 'install dkms, the headers of kernel 6.12.0-test (' 'a server that you can reset'
	no_out enrol
	put sys/module/module/parameters/sig_enforce 'Y\n'
	run 3 status
	out ', enrol the key that DKMS makes (mokutil --import, then reboot), and run' 'a server that you can reset'
	rm "$root/sys/module/module/parameters/sig_enforce"
	mkdir -p "$root/usr/src/sdei-nmi-validate-9.0" "$root/usr/src/sdei-nmi-0.9" "$root/usr/src/sdei-nmi-0.10"
	run 3 status
	no_out 'sdei-nmi/0.10'
	put usr/sbin/dkms ''
	run 3 status
	out "'dkms install sdei-nmi/0.10 -k 6.12.0-test'" 'headers'
	rm -r "$root/usr/src"
	run 3 status
	out 'sdei-nmi-dkms' 'make dkms-install' ' -k 6.12.0-test'
	run 3 stacks
	err 'sdei-nmi-dkms'
	put dev/kmsg "3,0,2,-;sdei_nmi: version magic '6.1 SMP' should be '6.12 SMP'\n"
	run 3 status
	out 'version magic' 'make dkms-install'
}

status_needs_the_folder_of_root() {
	rm -rf "$root"
	for arguments in status 'status --json' stacks metrics; do
		# shellcheck disable=SC2086
		run 2 $arguments
		err 'No such file or directory' '--root'
		[ "$(wc -l <"$work/err")" = 1 ] && [ ! -s "$work/out" ] || fail "'$arguments' says more than one line: $(cat "$work/out" "$work/err")"
	done
	echo >"$root"
	run 2 status
	err 'Not a directory'
	rm "$root"
}

status_reads_pseudo_nmi_as_the_kernel_does() {
	serving
	for value in 1 y Y on ON yes '"1"' '0 irqchip.gicv3_pseudo_nmi=1' '1 irqchip.gicv3_pseudo_nmi='; do
		put proc/cmdline "quiet irqchip.gicv3_pseudo_nmi=$value\n"
		run 0 status --json
		json 'd["others"]["pseudo_nmi"] is True'
	done
	for value in 0 n N off 2 '' '1 irqchip.gicv3_pseudo_nmi=0' '0 x=irqchip.gicv3_pseudo_nmi=1' '0 "x=a irqchip.gicv3_pseudo_nmi=1"' '0 -- irqchip.gicv3_pseudo_nmi=1'; do
		put proc/cmdline "quiet irqchip.gicv3_pseudo_nmi=$value\n"
		run 0 status --json
		json 'd["others"]["pseudo_nmi"] is False'
	done
}

# Each text that the tool looks for is in the driver, and each error that the driver prints has a meaning for the tool.
status_knows_the_drivers_lines() {
	sed -n 's/.*"\(.*\)".*/\1/p' "$top"/driver/*.c >"$work/literals"
	sed -n '/^static const struct known_line driver_lines/,/^};/s/^\t{ "\(.*\)", DRIVER_.*/\1/p' "$top/tool/machine/driver_log.c" >"$work/texts"
	[ "$(wc -l <"$work/texts")" -ge 17 ] || fail "the tool's table was not found: $(cat "$work/texts")"
	while read -r text; do
		grep -qF -e "$text" "$work/literals" || fail "the driver never says '$text'"
	done <"$work/texts"
	driver_errors >"$work/errors"
	[ "$(wc -l <"$work/errors")" -ge 20 ] || fail "the driver's errors were not found: $(cat "$work/errors")"
	server
	while read -r text; do
		echo "3,900,1,-;sdei_nmi: $(echo "$text" | sed 's/%[*#]*[a-z]*/1/g')" >"$root/dev/kmsg"
		run 3 status --json
		json 'd["module"]["load_failure"] or d["module"]["unload_failure"]'
	done <"$work/errors"
}

# Each of these lines begins as a row of the table in docs/install.md says, and each row is the beginning of such a line. FUNCTION
# stands for any name.
install_page_has_a_row_for_each_failure() {
	sed -n 's/^[[:space:]]*\(const char \*\)\{0,1\}step = "\(.*\)";.*/\2/p' "$top"/driver/*.c >"$work/steps"
	driver_errors | while read -r text; do
		case $text in
		%s*) sed "s/\$/ ${text#%s }/" "$work/steps" ;;
		*) echo "$text" ;;
		esac
	done | sed 's/ %s / FUNCTION /' >"$work/errors"
	[ "$(wc -l <"$work/errors")" -ge 25 ] || fail "the driver's errors were not found: $(cat "$work/errors")"
	sed -n '/^## If loading fails/,/^## Secure Boot/s/^| \(`[^|]*\) |.*|.*|$/\1/p' "$top/docs/install.md" | grep -o '`[^`]*`' | tr -d '`' >"$work/rows"
	[ "$(wc -l <"$work/rows")" -ge 10 ] || fail "the table of docs/install.md was not found: $(cat "$work/rows")"
	while read -r text; do
		while read -r row; do
			case $text in
			"$row"[\ :\;]*) continue 2 ;;
			esac
		done <"$work/rows"
		fail "docs/install.md has no row for '$text'"
	done <"$work/errors"
	while read -r row; do
		awk -v row="$row" 'index($0, row) == 1 { found = 1 } END { exit !found }' "$work/errors" || fail "the driver never says '$row', which is a row of docs/install.md"
	done <"$work/rows"
}

# The quirks are shown if there are any.
status_shows_quirks() {
	serving
	run 0 status
	no_out quirks
	put sys/kernel/sdei_nmi/quirks 'no-cpu-off,masked-refused\n'
	run 0 status
	out 'quirks     no-cpu-off,masked-refused'
	run 0 status --json
	valid status
	json 'd["firmware"]["quirks"] == "no-cpu-off,masked-refused" and d["firmware"]["priority"] == "normal"'
}

status_says_who_reports_lockups() {
	perf="the kernel's own detector gave up, because perf has no NMI on this machine"
	none='this kernel is built without a detector of its own'
	served_lockups works all "reported by the driver, and by the kernel's own detector as well"
	served_lockups works unseen "reported by the kernel's own detector; the driver reports those that the kernel cannot see"
	served_lockups works off "reported by the kernel's own detector; the driver's detector is off"
	served_lockups gave-up all "reported by the driver; $perf"
	served_lockups gave-up unseen "reported by the driver; $perf"
	served_lockups gave-up off "not reported: $perf, and the driver's detector is off"
	served_lockups none all "reported by the driver; $none"
	served_lockups none unseen "reported by the driver; $none"
	served_lockups none off "not reported: $none, and the driver's detector is off"
	# Switched off, the kernel reports nothing, and so does the driver unless it reports all.
	for switch in nmi_watchdog watchdog_thresh; do
		served_lockups works all "reported by the driver; kernel.$switch=0 switches the kernel's own detector off" $switch
		served_lockups works unseen "not reported: kernel.$switch=0 switches the kernel's own detector off, and the driver leaves lockups to that detector" $switch
		json 'd["lockup_detector"]["works"] is False and d["lockup_detector"]["kernel_on"] is False'
		served_lockups works off "not reported: kernel.$switch=0 switches the kernel's own detector off, and the driver's detector is off" $switch
		served_lockups gave-up all "reported by the driver; $perf" $switch
	done
	# A newer driver, and an older one.
	serving
	put sys/kernel/sdei_nmi/lockup_detector 'some\n'
	lockups 0 "not known: $none, and this version of the tool does not know what the driver's detector does"
	json 'd["lockup_detector"] == {"works": None, "kernel": "none", "kernel_on": None, "driver": None}'
	served_lockups - - "not reported: $none, and this version of the driver has no detector"
	# A driver that does not serve.
	serving
	put sys/kernel/sdei_nmi/state 'suspended\n'
	run 0 status
	out "lockups    not reported: $none, and the driver does not serve just now"
	put sys/kernel/sdei_nmi/kernel_detector 'works\n'
	run 0 status
	out "lockups    reported by the kernel's own detector; the driver does not serve just now"
}

status_finds_the_kernels_detector() {
	config=boot/config-6.12.0-test
	options='CONFIG_ARM_SDE_INTERFACE=y\nCONFIG_HARDLOCKUP_DETECTOR=y\n'
	perf="the kernel's own detector gave up, because perf has no NMI on this machine"
	none='this kernel is built without a detector of its own'
	unknown="not known: nothing on this machine says whether the kernel's own detector works"
	server
	lockups 3 "not reported: $none"
	json 'd["lockup_detector"] == {"works": False, "kernel": "none", "kernel_on": None, "driver": None}'
	put $config "${options}CONFIG_HARDLOCKUP_DETECTOR_BUDDY=y\n"
	lockups 3 "reported by the kernel's own detector"
	put proc/sys/kernel/nmi_watchdog '0\n'
	lockups 3 "not reported: kernel.nmi_watchdog=0 switches the kernel's own detector off"
	put proc/sys/kernel/nmi_watchdog '1\n'
	lockups 3 "reported by the kernel's own detector"
	json 'd["lockup_detector"] == {"works": True, "kernel": "works", "kernel_on": True, "driver": None}'
	# The probe of perf's detector fails without an NMI.
	put proc/sys/kernel/nmi_watchdog '0\n'
	put $config "${options}CONFIG_HARDLOCKUP_DETECTOR_PERF=y\n"
	lockups 3 "not reported: $perf"
	json 'd["lockup_detector"]["works"] is False and d["lockup_detector"]["kernel"] == "gave-up" and d["lockup_detector"]["kernel_on"] is None'
	put proc/cmdline 'irqchip.gicv3_pseudo_nmi=1\n'
	lockups 3 "not reported: kernel.nmi_watchdog=0 switches the kernel's own detector off"
	put proc/sys/kernel/nmi_watchdog '1\n'
	lockups 3 "reported by the kernel's own detector"
	put proc/sys/kernel/nmi_watchdog '0\n'
	put dev/kmsg '6,9,100,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n'
	lockups 3 "$unknown"
	json 'd["lockup_detector"]["works"] is None'
	for line in 'watchdog: Hard watchdog permanently disabled' 'watchdog: Perf NMI watchdog permanently disabled'; do
		put dev/kmsg "6,9,100,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n6,10,200,-;$line\n"
		lockups 3 "not reported: $perf"
	done
	# Without the options, the sysctls say whether there is one. A kernel without any has the log line, too.
	rm "$root/$config"
	lockups 3 "$unknown"
	put proc/sys/kernel/watchdog '1\n'
	lockups 3 "not reported: $none"
	put proc/sys/kernel/hardlockup_panic '0\n'
	lockups 3 "not reported: $perf"
	put proc/sys/kernel/nmi_watchdog '1\n'
	lockups 3 "reported by the kernel's own detector"
}
