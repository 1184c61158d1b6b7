#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# boot.sh: boots one guest, a kernel on TF-A under QEMU, and runs a payload in it until the payload ends or the limit is reached.
# The run's folder then contains result, kmsg, console, secure (the console of EL3), qemu and exit; see docs/lab.md.
set -eu
. "$(dirname "$0")/lib.sh"

usage() {
	cat >&2 <<EOF
usage: boot.sh [OPTION...] PAYLOAD
  PAYLOAD       folder copied to /payload in the guest; the guest runs /payload/main, which writes its report to descriptor 3
  -o DIR        folder for the run's files (default: out/run)
  -k KERNEL     kernel: a row of kernels.list (default: $kernel_default)
  -f FIRMWARE   firmware: a name that firmware.sh knows (default: tfa), or an image of your own, a path with a slash (docs/lab.md)
  -F FAULT      the fault of lab/firmware/faults.h that is chosen when the machine starts; requires -f tfa-faulty
  -c CPUS       number of CPUs (default: 4)
  -m MIB        memory (default: 1024)
  -N NODES      NUMA nodes, which have equal parts of the memory and of the CPUs (default: no NUMA); not with -R or -u
  -T THREADS    threads of each core (default: 1)
  -q CPU        QEMU's -cpu (default: max,pauth-impdef=on)
  -Q            run Debian 13's QEMU, whose CPUs have the virtual timer of EL2, instead of the host's
  -j THREADS    host threads for the CPUs: single or multi (default: single, which is faster here)
  -E EXPONENT   with -I: 2 to the power of EXPONENT nanoseconds for each instruction (default: 0)
  -I            derive guest time from the instruction count, one nanosecond for each; requires -j single
  -u            boot by UEFI, with ACPI instead of a device tree
  -g            report hardware errors by an SDEI event (ACPI's GHES); requires -u, -f tfa-faulty
  -n            omit SDEI from the device tree or from the ACPI tables
  -r            randomize the kernel's addresses (KASLR); with a device tree the same way at each boot
  -p PACKAGE    install Debian's PACKAGE and its dependencies in the guest's /debian, for chroot; repeatable
  -s            add a PSCI idle state to the device tree or to the ACPI tables; the kernel masks SDEI for it
  -R BYTES      reserve the last 2 MiB of the memory for ramoops, with records of BYTES; DIR/ramoops has its content; not with -u
  -d DISK       attach a raw disk image as /dev/vda, writable
  -D DISK       boot the system on a raw disk image, which is /dev/vda, by UEFI, whose variables are in
                DISK.variables; the payload is a tar file on the disk virtio-payload. Not with -k, -a, -p. A system that hibernates
                is booted again, as with -w
  -x FIFO       take the console's input from FIFO.in and send its output to FIFO.out, too, which has to be read; requires -D
  -w MIB        attach an empty disk of so many MiB as /dev/vda, for hibernation: while the guest powers off with its image on the
                disk, boot it again; the files of the run before are in DIR/before-1, DIR/before-2 and so on
  -a APPEND     append to the kernel's command line; repeatable
  -t SECONDS    hard limit of each boot (default: 120)
  -e            print the guest's report while it runs
  -i            interactive: run a shell on the console instead of /payload/main, without limit
EOF
	exit 2
}

dir=$out/run kernel=$kernel_default firmware=tfa cpus=4 memory=1024 cpu=max,pauth-impdef=on threads=single count='' sdei=yes append='' limit=120
echo='' shell='' idle='' packages='' disk='' kaslr=no uefi='' errors='' record='' exponent=0 swap='' nodes='' smt=1 system='' fifo='' fault='' qemu=qemu-system-aarch64
while getopts o:k:f:F:c:m:N:T:q:Qj:E:Iugnrp:sR:d:D:x:w:a:t:eih option; do
	case $option in
	o) dir=$OPTARG ;;
	k) kernel=$OPTARG ;;
	f) firmware=$OPTARG ;;
	F) fault=$OPTARG ;;
	c) cpus=$OPTARG ;;
	m) memory=$OPTARG ;;
	N) nodes=$OPTARG ;;
	T) smt=$OPTARG ;;
	q) cpu=$OPTARG ;;
	Q) qemu= ;;
	j) threads=$OPTARG ;;
	E) exponent=$OPTARG ;;
	I) count=yes ;;
	u) uefi=yes ;;
	g) errors=,ras=on ;;
	n) sdei=no ;;
	R) record=$OPTARG ;;
	r) kaslr=yes ;;
	p) packages="$packages $OPTARG" ;;
	s) idle=yes ;;
	d) disk=$OPTARG ;;
	D) disk=$OPTARG system=yes uefi=yes ;;
	x) fifo=$OPTARG ;;
	w) swap=$OPTARG ;;
	a) append="$append $OPTARG" ;;
	t) limit=$OPTARG ;;
	e) echo=-e ;;
	i) shell=yes ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# = 1 ] && [ -d "$1" ] || usage
payload=$(cd "$1" && pwd)
[ -n "$qemu" ] || qemu=$(sh "$top/lab/qemu.sh")
[ -z "$fault" ] || [ "$firmware" = tfa-faulty ] || die "-F needs the firmware tfa-faulty; add -f tfa-faulty."

[ -n "$system" ] || kernel_dir=$(sh "$top/lab/kernel.sh" "$kernel")
case $firmware in
*/*)
	flash=$firmware
	[ -r "$flash" ] || die "the firmware $flash cannot be read; name a file that you can read, or a name that firmware.sh knows."
	tfa=$flash
	;;
*)
	flash=$(sh "$top/lab/firmware.sh" "$firmware")
	tfa=$(basename "$(dirname "$flash")" | sed 's/^\(tfa[a-z-]*\)-\(.*\)-[0-9]*$/\2 (\1)/')
	;;
esac
[ -z "$uefi" ] || uefi=$(sh "$top/lab/uefi.sh")
[ -n "$system" ] || initramfs_base=$(sh "$top/lab/guest.sh" "$kernel_dir")
# shellcheck disable=SC2086 # names of packages
[ -z "$packages" ] || debian=$(sh "$top/lab/debian.sh" $packages)

# Remove the files of an earlier run, so that its exit line can't pass for this run's.
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
(cd "$dir" && rm -rf result kmsg console secure qemu exit ramoops guest.dtb tables tables.d initramfs initramfs.cpio payload.tar swap before-*)

make_initramfs() {
	mkdir "$dir/initramfs"
	cp -a "$initramfs_base/." "$dir/initramfs/"
	mkdir -p "$dir/initramfs/payload"
	cp -a "$payload/." "$dir/initramfs/payload/"
	[ -z "$packages" ] || cp -a "$debian" "$dir/initramfs/debian"
	(cd "$dir/initramfs" && find . | LC_ALL=C sort | cpio --quiet -o -H newc --owner=0:0) >"$dir/initramfs.cpio" ||
		die "the initramfs could not be packed; is the disk full?"
	rm -rf "$dir/initramfs"
}

# A system on a disk starts init from the payload as a service.
make_payload() {
	tar -c -f "$dir/payload.tar" -C "$payload" . -C "$out/guest" init || die "the payload could not be packed; is the disk full?"
}

bootargs="console=ttyAMA0 log_buf_len=16M panic=-1 loglevel=${LOGLEVEL:-4} sysrq_always_enabled$([ $kaslr = yes ] || echo ' nokaslr') $append"
[ -z "$shell" ] || bootargs="$bootargs sdei_lab=shell"
# TF-A starts what lies at this address, its PRELOADED_BL33_BASE.
bl33_at=0x60000000
dtb=$dir/guest.dtb

# device_tree QEMU-OPTION...: writes the device tree of this machine to $dtb.
device_tree() {
	"$qemu" "$@" -M "dumpdtb=$dtb" >"$dir/qemu" 2>&1 ||
		die "QEMU could not write the device tree: $(head -n 1 "$dir/qemu"); check -q, -c and -m."
	fdtput -t s "$dtb" /chosen bootargs "$bootargs"
	fdtput -t x "$dtb" /chosen linux,initrd-start "$initrd_at"
	fdtput -t x "$dtb" /chosen linux,initrd-end "$(printf '0x%x' $((initrd_at + $(stat -c %s "$dir/initramfs.cpio"))))"
	# With nokaslr the kernel leaves the seed in the device tree, and kexec-tools refuse a device tree with an unused seed.
	fdtput -d "$dtb" /chosen kaslr-seed 2>/dev/null || true
	[ $kaslr = no ] || fdtput -t x "$dtb" /chosen kaslr-seed 0x5de1 0x12345678
	if [ "$sdei" = yes ]; then
		fdtput -cp "$dtb" /firmware/sdei
		fdtput -t s "$dtb" /firmware/sdei compatible arm,sdei-1.0
		fdtput -t s "$dtb" /firmware/sdei method smc
	fi
	# Linux ignores all NUMA nodes if the last node of type memory, which is TF-A's own memory, is in none of them.
	[ -z "$nodes" ] || fdtput -d "$dtb" /secram@e000000 device_type
	[ -z "$idle" ] || idle_state
	[ -z "$record" ] || reserve_record
}

# PLAT=qemu has one idle state, a standby with parameter 1. These latencies are so low that the kernel uses it whenever it idles.
idle_state() {
	state=/cpus/idle-states/cpu-standby
	fdtput -cp "$dtb" "$state"
	fdtput -t s "$dtb" /cpus/idle-states entry-method psci
	fdtput -t s "$dtb" "$state" compatible arm,idle-state
	fdtput -t x "$dtb" "$state" arm,psci-suspend-param 1
	fdtput -t x "$dtb" "$state" entry-latency-us 1
	fdtput -t x "$dtb" "$state" exit-latency-us 1
	fdtput -t x "$dtb" "$state" min-residency-us 2
	fdtput -t x "$dtb" "$state" phandle 0x5de1
	for node in $(fdtget -l "$dtb" /cpus | grep '^cpu@'); do
		fdtput -t x "$dtb" "/cpus/$node" cpu-idle-states 0x5de1
	done
}

reserve_record() {
	kept_at=$(printf '%x' $((0x40000000 + (memory - 2) * 1048576)))
	fdtput -cp "$dtb" "/reserved-memory/ramoops@$kept_at"
	fdtput -t x "$dtb" /reserved-memory '#address-cells' 2
	fdtput -t x "$dtb" /reserved-memory '#size-cells' 2
	fdtput "$dtb" /reserved-memory ranges
	fdtput -t s "$dtb" "/reserved-memory/ramoops@$kept_at" compatible ramoops
	fdtput -t x "$dtb" "/reserved-memory/ramoops@$kept_at" reg 0 "$kept_at" 0 200000
	fdtput -t i "$dtb" "/reserved-memory/ramoops@$kept_at" record-size "$record"
}

[ -z "$nodes" ] || [ -z "$record$uefi" ] || die "-N goes neither with -R, which needs the NUMA nodes for itself, nor with -u, where Linux ignores them."
[ $((cpus % (${nodes:-1} * smt) + memory % ${nodes:-1})) = 0 ] ||
	die "$cpus CPUs and $memory MiB cannot be divided among ${nodes:-1} NUMA nodes with $smt threads for each core."
set -- -cpu "$cpu" -smp "$cpus,sockets=${nodes:-1},cores=$((cpus / ${nodes:-1} / smt)),threads=$smt" -m "$memory" -accel "tcg,thread=$threads" -nographic -nodefaults -nic none
[ -z "$count" ] || set -- "$@" -icount "shift=$exponent,sleep=off"
for node in $(seq 0 $((${nodes:-0} - 1))); do
	set -- "$@" -object "memory-backend-ram,id=node$node,size=$((memory / nodes))M" \
		-numa "node,nodeid=$node,memdev=node$node,cpus=$((cpus * node / nodes))-$((cpus * (node + 1) / nodes - 1))"
done
# The end of the memory is a file, and for that a NUMA node.
[ -z "$record" ] || set -- "$@" -object "memory-backend-ram,id=main,size=$((memory - 2))M" -numa "node,memdev=main,cpus=0-$((cpus - 1))" \
	-object "memory-backend-file,id=kept,size=2M,mem-path=$dir/ramoops,share=on" -numa node,memdev=kept
machine=virt,secure=on,virtualization=on,gic-version=3
if [ -n "$uefi" ]; then
	set -- -M $machine$errors "$@" -device "loader,file=$uefi,addr=$bl33_at,force-raw=on"
	if [ -n "$system" ]; then
		make_payload
		# The size of QEMU's flash.
		truncate -s 64M "$disk.variables"
		set -- "$@" -drive "if=pflash,index=1,file=$disk.variables,format=raw"
	else
		make_initramfs
		set -- "$@" -kernel "$kernel_dir/Image" -initrd "$dir/initramfs.cpio" -append "$bootargs"
	fi
	sh "$top/lab/acpi.sh" "$cpus" "$sdei" "$idle" "$dir/tables"
	set -- "$@" -fw_cfg "name=opt/sdei-nmi/tables,file=$dir/tables"
else
	# acpi=off: with ACPI and a firmware image, QEMU replaces the GPIO in the device tree by a device that only ACPI describes.
	set -- -M $machine,acpi=off "$@"
	# The initramfs lies far enough behind the kernel for any kernel of the lab.
	initrd_at=0x68000000
	make_initramfs
	device_tree "$@"
	set -- "$@" -dtb "$dtb" -device "loader,file=$kernel_dir/Image,addr=$bl33_at,force-raw=on" \
		-device "loader,file=$dir/initramfs.cpio,addr=$initrd_at,force-raw=on"
fi
set -- "$@" -bios "$flash"
[ -z "$fault" ] || set -- "$@" -fw_cfg "name=opt/fault,string=$fault"
[ -z "$swap" ] || {
	disk=$dir/swap
	truncate -s "${swap}M" "$disk"
}
# The disk's content need not survive a crash of the host.
[ -z "$disk" ] || set -- "$@" -drive "if=none,id=disk,file=$disk,format=raw,cache=unsafe" -device virtio-blk-device,drive=disk
[ -z "$system" ] || set -- "$@" -drive "if=none,id=payload,file=$dir/payload.tar,format=raw,readonly=on" -device virtio-blk-device,drive=payload,serial=payload

if [ -n "$system" ]; then runs="a Debian"; else runs="Linux $(cat "$kernel_dir/version")"; fi
say "lab: $runs on TF-A $tfa${uefi:+, EDK2 $(basename "$(dirname "$uefi")" | sed 's/-[0-9]*$//'), ACPI}, $cpus CPUs, QEMU $("$qemu" --version | sed -n 's/.*version \([0-9.]*\).*/\1/p') -cpu $cpu"
if [ -n "$shell" ]; then
	say "lab: leave with 'poweroff -f' or ctrl-a x"
	exec "$qemu" "$@" -serial mon:stdio -serial "file:$dir/secure"
fi
if [ -n "$fifo" ]; then
	set -- "$@" -chardev "pipe,id=console,path=$fifo,logfile=$dir/console" -serial chardev:console
else
	set -- "$@" -serial "file:$dir/console"
fi
set -- "$qemu" "$@" -no-reboot -serial "file:$dir/secure" -monitor none \
	-device virtio-serial-device \
	-chardev "file,id=kmsg,path=$dir/kmsg" -device virtserialport,chardev=kmsg,name=sdei-nmi.kmsg \
	-chardev stdio,id=result,signal=off -device virtserialport,chardev=result,name=sdei-nmi.result
[ -n "$swap$system" ] || exec "$out/host/run" -t "$limit" -d "$dir" -p $PPID $echo -- "$@"

swap_at=0
[ -z "$system" ] || swap_at=$(/sbin/sfdisk -q -l -o Start,Type "$disk" | awk '/Linux swap/ { printf "%.0f", $1 * 512 }')

# holds_image: succeeds if the kernel has written an image to the swap space. The signature is the end of the first page of 4 KiB.
holds_image() {
	[ "$(dd if="$disk" bs=1 skip=$((swap_at + 4086)) count=9 status=none)" = S1SUSPEND ]
}

boots=1
"$out/host/run" -t "$limit" -d "$dir" -p $$ $echo -- "$@"
# A guest that cannot resume would leave its image for ever.
while [ $boots -lt 3 ] && holds_image && grep -qx 'qemu 0' "$dir/exit"; do
	mkdir "$dir/before-$boots"
	(cd "$dir" && mv result kmsg console secure qemu exit "before-$boots/")
	boots=$((boots + 1))
	"$out/host/run" -t "$limit" -d "$dir" -p $$ $echo -- "$@"
done
[ -z "$swap" ] || rm "$disk"
