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
	server
	put boot/config-6.12.0-test 'CONFIG_ARM_SDEI_NMI=y\n'
	run 3 status --json
	valid status
	json 'd["problem"]["step"] == "event 0" and d["event0"] == "taken" and d["others"]["kernel_sdei_nmi"]'
	server
	put sys/module/sdei_nmi/initstate 'live\n'
	run 3 status --json
	json 'd["problem"]["step"] == "files" and d["module"]["loaded"]'
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
