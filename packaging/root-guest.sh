# SPDX-License-Identifier: GPL-2.0
# The guest's part of root.sh: installs the packages in /packages of the disk, with the dpkg on that disk.
# shellcheck shell=sh

exec 1>&3 2>&1
. /payload/disk.sh

install() {
	# Keep packages from starting services.
	printf '#!/bin/sh\nexit 101\n' >/disk/usr/sbin/policy-rc.d
	chmod +x /disk/usr/sbin/policy-rc.d
	# These two create the users and the base folders that other packages need. dpkg orders the rest itself.
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
