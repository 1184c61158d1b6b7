# SPDX-License-Identifier: GPL-2.0
# The tests of the capture kernel, which tests/lib/guest.sh runs; some of them save data of the first kernel. CPU numbers are those
# of the first kernel: in the capture kernel the CPU that panicked is always 0.
#
# The disk holds the dump from its start. Its last MiB holds the first 128 KiB of /proc/vmcore (the ELF header and the notes,
# each in pages of its own), then each CPU's note as it lies in the memory of the first kernel, 4 KiB per CPU.
# shellcheck shell=sh disable=SC2154 # guest.sh reads this file, and the row, in

. /payload/row
vmcore=/proc/vmcore
disk=/dev/vda
header=131072
slot=4096

data() {
	echo "data $*"
}

online() {
	for online_cpu in /sys/devices/system/cpu/cpu[0-9]*; do
		[ ! -e "$online_cpu/online" ] || [ "$(cat "$online_cpu/online")" = 1 ] || continue
		echo "${online_cpu##*cpu}"
	done
}

# first_number CPU: its number in the first kernel: its affinity in the lab's device tree, or its UID in ACPI.
first_number() {
	if [ -e "/sys/devices/system/cpu/cpu$1/of_node/reg" ]; then
		od -An -v -tu1 "/sys/devices/system/cpu/cpu$1/of_node/reg" | awk '{ n = $NF } END { print n }'
	else
		cat "/sys/devices/system/cpu/cpu$1/firmware_node/uid"
	fi
}

cpus() {
	case $trigger in
	kexec@*) [ ! -e $vmcore ] || fail "there is $vmcore, so this kernel was started by a crash" ;;
	*) [ -e $vmcore ] || fail "there is no $vmcore, so this is no capture kernel" ;;
	esac
	case $firmware in
	*-kpti) has_kpti ;;
	esac
	found=$(for cpu in $(online); do first_number "$cpu"; done | sort -n | tr '\n' ',')
	data online "${found%,}"
	case "/$online/" in
	*"/${found%,}/"*) ;;
	*) fail "the capture kernel has CPUs ${found%,}, not $online" ;;
	esac
}

ticks() {
	for cpu in $(online); do
		ticks_go_on "$cpu" || fail "CPU $(first_number "$cpu") takes no timer interrupts"
	done
}

# load_in_capture: the module refuses a capture kernel unless told otherwise. Built in, the command line tells it.
load_in_capture() {
	if insmod sdei_nmi.ko 2>/tmp/refusal; then
		fail "sdei_nmi.ko starts in a capture kernel"
	fi
	grep -q 'No such device' /tmp/refusal || fail "insmod says: $(cat /tmp/refusal)"
	log | grep -q '^sdei_nmi: not starting: this kernel saves a crash dump' || fail "the log does not say why the driver does not start"
	insmod sdei_nmi.ko capture_kernel=1 || fail "sdei_nmi.ko does not load with capture_kernel=1"
}

# event: event 0 works on each CPU. Loading the driver signals each CPU, and so does a ping.
event() {
	[ "$driver" != own ] || skip "the kernel's own driver has no pings"
	if [ -e $vmcore ] && ! built_in; then
		load_in_capture
	else
		load
	fi
	for cpu in $(online); do
		cat "/sys/kernel/debug/sdei_nmi/ping/$cpu" >/tmp/ping || fail "event 0 of CPU $(first_number "$cpu") can't be tried"
		grep -qx 'result: answered' /tmp/ping || fail "event 0 does not work on CPU $(first_number "$cpu"): $(tr '\n' ' ' </tmp/ping)"
	done
}

# validate: the same checks fail as in a kernel that the firmware has started.
validate() {
	case $trigger in
	kexec@*) told='kexec=1' ;;
	*) told= ;;
	esac
	# shellcheck disable=SC2086 # a word or none
	insmod sdei_nmi_validate.ko $told || fail "sdei_nmi_validate.ko does not load"
	status=0
	/payload/sdei-nmi validate >/tmp/ktap 2>&1 || status=$?
	# 7: reliable as far as checked, because the destructive checks are skipped.
	[ $status = 7 ] || fail "sdei-nmi validate ends with $status: $(tail -n 3 /tmp/ktap)"
	failing=$(awk '/^not ok / { print $4 }' /tmp/ktap)
	[ "$failing" = "$(awk '$1 == "none" { print $2 }' /payload/expectations)" ] || { cat /tmp/ktap && fail "these checks fail: $failing"; }
	grep -q '^ok [0-9]* kexec\.event0$' /tmp/ktap || { cat /tmp/ktap && fail "the check kexec.event0 did not detect that kexec started this kernel"; }
}

open_disk() {
	[ -b $disk ] || [ ! -e /modules/virtio_blk.ko ] || insmod /modules/virtio_blk.ko || fail "virtio_blk.ko does not load"
	[ -b $disk ] || fail "there is no disk $disk to save to"
	disk_end=$(($(cat /sys/class/block/vda/size) * 512))
}

# segments: OFFSET ADDRESS SIZE of each memory segment in the dump, from the program headers.
segments() {
	segment_count=$(od -An -v -tu2 -j 56 -N 2 $vmcore)
	od -An -v -tu8 -w56 -j 64 -N $((segment_count * 56)) $vmcore | awk '$1 % 4294967296 == 1 { print $2, $4, $5 }'
}

# place ADDRESS: the offset of this physical address in the dump.
place() {
	segments | while read -r offset start size; do
		[ "$1" -lt "$start" ] || [ "$1" -ge $((start + size)) ] || echo $(($1 - start + offset))
	done
}

notes() {
	open_disk
	dd if=$vmcore of=/tmp/notes bs=$header count=1 2>/dev/null || fail "the head of $vmcore can't be read"
	truncate -s $header /tmp/notes
	n=0
	for address in $(sed -n 's/.*sdei_crash_notes=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' '); do
		at=$(place $((0x$address)))
		[ -n "$at" ] || fail "the note of CPU $n at $address is in no segment of $vmcore"
		dd if=$vmcore bs=$slot count=1 skip="$at" iflag=skip_bytes 2>/dev/null | head -c 1024 >>/tmp/notes
		n=$((n + 1))
		truncate -s $((header + n * slot)) /tmp/notes
	done
	[ $n -gt 0 ] || fail "the command line has no addresses of the first kernel's notes"
	dd if=/tmp/notes of=$disk bs=65536 seek=$(((disk_end - 1048576) / 65536)) conv=notrunc,fsync 2>/dev/null ||
		fail "the notes can't be written to the disk"
	data notes $((disk_end - 1048576)) $n
}

seconds_now() {
	cut -d ' ' -f 1 /proc/uptime
}

# dump: the dump of makedumpfile fits into memory, so the test writes it to memory first and then to the disk.
dump() {
	open_disk
	began=$(seconds_now)
	case $save in
	elf)
		from=$vmcore
		dd if=$vmcore of=$disk bs=1M conv=notrunc,fsync 2>/tmp/dd || fail "$vmcore can't be saved: $(tail -n 1 /tmp/dd)"
		;;
	makedumpfile)
		from=/tmp/dump
		/payload/programs/ld-linux-aarch64.so.1 --library-path /payload/programs /payload/programs/makedumpfile \
			-l -d 31 --message-level 4 $vmcore $from || fail "makedumpfile can't save $vmcore"
		dd if=$from of=$disk bs=1M conv=notrunc,fsync 2>/tmp/dd || fail "the dump can't be written: $(tail -n 1 /tmp/dd)"
		;;
	esac
	data dump "$(stat -c %s "$from")" "$(echo "$(seconds_now) $began" | awk '{ print $1 - $2 }')" "$(stat -c %s $vmcore)"
}
