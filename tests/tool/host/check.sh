# SPDX-License-Identifier: GPL-2.0
# sdei-nmi check, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

check_of_a_machine_that_is_ready() {
	ready
	checked 0
	json 'd["verdict"] == "this machine can use the driver, as far as is known; run '"'modprobe sdei_nmi'"' as root, but not while a CPU hangs"'
	json '[p["name"] for p in d["points"] if p["level"] != "ok"] == ["module"]'
	point module warn 'installed, not loaded' 'modprobe sdei_nmi'
	run 0 check
	out 'ok    firmware      SDEI is described by device tree' 'ok    SDEI core     the kernel uses SDEI 1.0' \
		'ok    VHE           the kernel runs at EL2' "                    -> run 'modprobe sdei_nmi' as root"
	[ "$(tail -n 1 "$work/out")" = "this machine can use the driver, as far as is known; run 'modprobe sdei_nmi' as root, but not while a CPU hangs." ] ||
		fail "the last line is no verdict: $(tail -n 1 "$work/out")"
}

check_of_a_machine_that_is_served() {
	serving
	checked 0
	json 'd["verdict"] == "this machine uses the driver"'
	point 'event 0' ok 'served by this driver'
	point module ok loaded
	# What an older boot left in the log does not count.
	put dev/kmsg '3,0,2,-;sdei_nmi: probing event 0 failed: the firmware took a signal\n'
	checked 0
	point module ok loaded
	rm -r "$root/sys/module/sdei_nmi"
	checked 0
	point module ok 'built in'
}

check_shows_each_failure_with_its_remedy() {
	ready
	rm -r "$root/proc/device-tree/firmware"
	put dev/kmsg 'x\n'
	checked 3
	point firmware fail 'no SDEI' 'setup menu'
	json '"setup menu" in d["verdict"]'
	json 'not {p["name"] for p in d["points"]} & {"module", "build"}'
	json 'not any("load the driver" in (p["remedy"] or "") for p in d["points"])'
	ready
	put dev/kmsg '3,0,1,-;sdei: Failed to get SDEI version: -95\n6,1,2,-;CPU: All CPU(s) started at EL2\n'
	checked 3
	point 'SDEI core' fail 'could not use' 'CPUs with VHE'
	point VHE fail 'left EL2' 'CPUs with VHE'
	# The kernel detects SDEI before it refuses it.
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,1,2,-;sdei: Not supported on this hardware/boot configuration\n6,2,3,-;CPU: All CPU(s) started at EL2\n'
	checked 3
	point 'SDEI core' fail 'could not use'
	point VHE fail 'left EL2'
	rm "$root/dev/kmsg"
	put proc/cmdline 'quiet kvm-arm.mode=nvhe\n'
	checked 3
	point VHE fail 'left EL2' 'without kvm-arm.mode=nvhe'
	ready
	put dev/kmsg '3,0,1,-;sdei: Failed to get SDEI version: -95\n6,1,2,-;CPU: All CPU(s) started at EL1\n'
	checked 3
	point VHE ok 'at EL1'
	ready
	put boot/config-6.12.0-test '# CONFIG_ARM_SDE_INTERFACE is not set\n'
	put dev/kmsg 'x\n'
	checked 3
	point 'SDEI core' fail CONFIG_ARM_SDE_INTERFACE
	point kernel fail CONFIG_ARM_SDE_INTERFACE
	ready
	put boot/config-6.12.0-test 'CONFIG_ARM_SDE_INTERFACE=y\nCONFIG_ARM_SDEI_NMI=y\n'
	checked 3
	point 'event 0' fail "owns event 0" 'without CONFIG_ARM_SDEI_NMI'
	put dev/kmsg "3,0,2,-;sdei_nmi: version magic '6.1 SMP' should be '6.12 SMP'\n"
	checked 3
	point 'event 0' fail "owns event 0"
	ready
	put boot/config-6.12.0-test 'CONFIG_ARM_SDE_INTERFACE=y\n# CONFIG_KPROBES is not set\n'
	checked 3
	point kernel fail CONFIG_KPROBES CONFIG_KPROBES=y
	ready
	sed -i /FUNCTION_TRACER/d "$root/boot/config-6.12.0-test"
	sed -i /DYNAMIC_FTRACE/d "$root/boot/config-6.12.0-test"
	rm "$root/proc/sys/kernel/osrelease"
	put proc/config.gz ''
	checked 0
	put proc/sys/kernel/osrelease '6.12.0-test\n'
	checked 3
	point kernel fail CONFIG_DYNAMIC_FTRACE
	rm "$root/proc/sys/kernel/ftrace_enabled"
	checked 3
	point ftrace fail 'no function tracer'
	ready
	put proc/sys/kernel/ftrace_enabled '0\n'
	checked 3
	point ftrace fail 'switched off' 'kernel.ftrace_enabled=1'
	ready
	put dev/kmsg '6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,1,2,-;sdei_nmi: probing event 0 failed: CPU 3 did not take it; nothing was changed\n'
	checked 3
	point module fail 'probing event 0 failed' 'newer firmware'
	for release in 5.14.0-427.el9 5.10.0-30-arm64 6.0.19; do
		ready
		put proc/sys/kernel/osrelease "$release\\n"
		checked 3
		point kernel fail 'Linux 6.1 or newer' 'newer kernel'
		json 'not {p["name"] for p in d["points"]} & {"module", "build"}'
	done
}

check_warns_of_what_does_not_stop_the_driver() {
	ready
	put lib/modules/6.12.0-test/modules.dep 'kernel/other.ko:\n'
	rm -r "$root/lib/modules/6.12.0-test/build" "$root/usr/sbin/dkms"
	checked 0
	point module warn 'not installed' 'install dkms, the headers of kernel 6.12.0-test (Debian and Ubuntu: linux-headers-6.12.0-test;'
	json 'd["verdict"].endswith("the first time on a server that you can reset")'
	point build warn 'headers of this kernel' 'headers of kernel 6.12.0-test'
	put lib/modules/6.12.0-test/build/Makefile 'x\n'
	checked 0
	point build warn 'no DKMS' 'install dkms'
	ready
	put sys/kernel/livepatch/livepatch_one/enabled '1\n'
	checked 0
	point 'live patches' warn livepatch_one 'unload the live patch'
	for state in coming going; do
		ready
		put sys/module/sdei_nmi/initstate "$state\\n"
		checked 0
		point 'event 0' ok 'not free'
		point module warn 'just now' 'find the CPU that hangs' 'kernel log'
		point signing ok 'has accepted the module'
	done
	put sys/module/sdei_nmi/initstate 'live\n'
	checked 3
	point 'event 0' ok 'not free'
	point module fail 'older version' 'rmmod sdei_nmi'
	ready
	put sys/kernel/security/lockdown 'none [integrity] confidentiality\n'
	checked 0
	point signing warn 'lockdown: integrity' 'mokutil --import'
	ready
	put sys/kernel/kexec_crash_loaded '0\n'
	put sys/kernel/kexec_crash_size '0\n'
	checked 0
	point kdump warn 'no memory is reserved' 'crashkernel=' 'install kdump-tools (Ubuntu: linux-crashdump;'
	put sys/kernel/kexec_crash_size '268435456\n'
	checked 0
	point kdump warn 'no capture kernel is loaded' 'install kdump-tools (Ubuntu: linux-crashdump;'
	rm "$root/sys/kernel/kexec_crash_loaded"
	checked 0
	point kdump warn "can't load" CONFIG_CRASH_DUMP
	ready
	put proc/sys/kernel/printk '4\t4\t1\t7\n'
	checked 0
	point console warn 'without stacks: kernel.printk begins with 4' 'kernel.printk = 7 4 1 7'
	put sys/module/printk/parameters/ignore_loglevel 'Y\n'
	checked 0
	point console ok ignore_loglevel
	put sys/module/printk/parameters/ignore_loglevel 'N\n'
	put proc/sys/kernel/printk '5\t4\t1\t7\n'
	checked 0
	point console ok 'kernel.printk begins with 5'
	put proc/sys/kernel/printk 'x\n'
	checked 0
	json '"console" not in {p["name"] for p in d["points"]}'
	put sys/class/dmi/id/sys_vendor 'QEMU\n'
	checked 0
	point machine warn 'virtual machine of QEMU' 'use the host'
	ready
	put proc/cmdline 'irqchip.gicv3_pseudo_nmi=1\n'
	checked 0
	point pseudo-NMI ok 'on: '
	sed -i 's/^CONFIG_HARDLOCKUP_DETECTOR=y/# CONFIG_HARDLOCKUP_DETECTOR is not set/' "$root/boot/config-6.12.0-test"
	checked 0
	point 'hard lockups' warn 'without a detector' 'load the driver'
	# A built-in driver that is off until it is asked for.
	put boot/config-6.12.0-test 'CONFIG_ARM_SDE_INTERFACE=y\nCONFIG_ARM_SDEI_NMI=y\nCONFIG_ARM_SDEI_NMI_DEFAULT_OFF=y\n# CONFIG_KPROBES is not set\n'
	put proc/sys/kernel/ftrace_enabled '0\n'
	put sys/kernel/security/lockdown 'none [integrity] confidentiality\n'
	checked 0
	json 'not {"kernel", "ftrace", "signing", "build"} & {p["name"] for p in d["points"]}'
	point 'event 0' warn 'off by default' 'sdei_nmi.enable=probe'
	point module ok 'built in'
}

# What a later attempt mends does not fail the machine, and a probe least of all.
check_does_not_fail_for_what_is_past() {
	for line in 'not starting: enable=probe; event 0 reached 4 of 4 CPUs, and what it interrupted there came back as it was' \
		'not starting: enable=0' 'not starting: this kernel saves a crash dump' 'lockups has to be auto, all or off' \
		'registering event 0 failed: another part of this kernel owns it' \
		'hooking x failed: another user, such as a live patch, has replaced this function, or ftrace is off (kernel.ftrace_enabled=0)'; do
		ready
		put dev/kmsg "6,0,1,-;sdei: SDEIv1.0 (0x0) detected in firmware.\n3,1,2,-;sdei_nmi: $line; nothing was changed\n"
		checked 0
		point module warn "$line"
	done
	serving
	put sys/kernel/sdei_nmi/state 'suspended\n'
	checked 0
	point module warn 'does not serve just now: suspended'
	json 'd["verdict"].endswith("does not serve just now: suspended")'
	serving
	rm -r "$root/sys/module/sdei_nmi"
	put sys/kernel/security/lockdown 'none [integrity] confidentiality\n'
	checked 0
	json '"signing" not in {p["name"] for p in d["points"]}'
	ready
	put boot/config-6.12.0-test 'CONFIG_ARM_SDE_INTERFACE=y\nCONFIG_KPROBES=y\nCONFIG_KALLSYMS=y\nCONFIG_FTRACE=y\nCONFIG_DYNAMIC_FTRACE=y\nCONFIG_HARDLOCKUP_DETECTOR=y\nCONFIG_HARDLOCKUP_DETECTOR_BUDDY=y\n'
	put proc/sys/kernel/nmi_watchdog '0\n'
	checked 0
	point 'hard lockups' warn 'kernel.nmi_watchdog=0' 'sysctl kernel.nmi_watchdog=1'
}

# What is not known neither fails nor passes silently.
check_says_what_is_not_known() {
	rm -rf "$root"
	mkdir "$root"
	checked 3
	json '[p["name"] for p in d["points"] if p["level"] == "fail"] == ["firmware"]'
	json 'not {"event 0", "VHE", "kdump", "live patches", "console"} & {p["name"] for p in d["points"]}'
	point pseudo-NMI warn 'not known'
	ready
	rm "$root/dev/kmsg" "$root/proc/sys/kernel/ftrace_enabled" "$root/boot/config-6.12.0-test" "$root/sys/kernel/security/lockdown" "$root/proc/sys/kernel/osrelease" "$root/lib/modules/6.12.0-test/modules.dep"
	checked 0
	for name in 'SDEI core' VHE 'event 0' kernel ftrace signing module; do
		point "$name" warn 'not known'
	done
}
