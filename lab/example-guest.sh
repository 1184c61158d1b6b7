# SPDX-License-Identifier: GPL-2.0
# The beginning of each guest of example.sh.
# shellcheck shell=sh

exec 1>&3 2>&1
mkdir -p /tmp/bin /dev/shm
cd /tmp || exit 1
PATH=/tmp/bin:/payload:$PATH

title() {
	echo
	echo "== $*"
}

# run COMMAND: prints and runs COMMAND.
run() {
	echo "# $1"
	sh -c "$1"
}

# Debian's programs run in their own root. Its files are there.
for folder in proc sys dev tmp; do
	mount -o bind /$folder /debian/$folder
done
for program in cyclictest perf; do
	printf '#!/bin/sh\nPATH=/usr/sbin:/usr/bin:/sbin:/bin exec chroot /debian %s "$@"\n' $program >bin/$program
	chmod +x bin/$program
done
cp /bin/busybox /debian/usr/bin/sleep

# shellcheck source=/dev/null
. /payload/example
