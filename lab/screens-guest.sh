# SPDX-License-Identifier: GPL-2.0
# The guest's part of make screens: what top and watch show on a machine of 8 CPUs. CPU 3 holds a lock and has interrupts off,
# CPUs 5 and 6 wait for the lock, CPU 1 runs a program, and on CPU 7 many timers expire at each full second.
# shellcheck shell=sh

wedge=/sys/module/sdei_nmi_wedge/parameters

# photo NAME ROWS COLUMNS KEYS COMMAND: prints what COMMAND writes to a terminal of this size, in which the KEYS were typed.
photo() {
	printf %s "$4" | PATH=/usr/bin:/bin chroot /debian script -qec "stty rows $2 cols $3; TERM=linux exec $5" /dev/null >"$1"
	echo "# screen $1 $2 $3"
	base64 "$1"
	echo
}

mkdir -p /debian/payload /debian/dev/pts
mount -o bind /payload /debian/payload
mount -t devpts -o ptmxmode=666 devpts /debian/dev/pts
mount -t debugfs none /debian/sys/kernel/debug
insmod /payload/sdei_nmi.ko
insmod /payload/sdei_nmi_wedge.ko
taskset 2 user_spin >spins &
spins=$!
taskset 80 timers 20000 >started &
timers=$!
until grep -qs timers started && [ -s spins ]; do
	sleep 1
done

photo watch 24 100 '' '/payload/sdei-nmi watch --over 20ms --for 12s'
echo 'spinlock 3,5-6 120' >$wedge/wedge
until ! grep -q idle $wedge/wedge; do
	sleep 1
done
photo top 24 100 e '/payload/sdei-nmi top --count 5'
echo 1 >$wedge/release
kill "$timers" "$spins"

title Summary
if grep -q wedge_ top && grep -q 'off for' watch; then
	echo 'The screens show what they should.'
fi
