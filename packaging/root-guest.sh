# SPDX-License-Identifier: GPL-2.0
# The second half of root.sh, in a guest: installs the packages that lie in /packages of the disk, by that disk's own dpkg.
# shellcheck shell=sh

exec 1>&3 2>&1
. /payload/disk.sh

install() {
	# No service is started in there.
	printf '#!/bin/sh\nexit 101\n' >/disk/usr/sbin/policy-rc.d
	chmod +x /disk/usr/sbin/policy-rc.d
	# Who owns what has to be known before anything else; from then on dpkg finds the order.
	inside sh -ec '
		dpkg --force-depends --force-unsafe-io --install /packages/base-passwd_*.deb
		dpkg --force-depends --force-unsafe-io --install /packages/base-files_*.deb
		dpkg --force-depends --force-unsafe-io --unpack /packages/*.deb
		dpkg --force-unsafe-io --configure --pending
		apt-get check
		rm -rf /packages'
}

echo "KTAP version 1"
echo "1..1"
if disk_mount && install && disk_unmount; then
	echo "ok 1 root"
else
	echo "not ok 1 root"
fi
