#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# host.sh [LIST]: installs the missing packages of LIST (default: lab/host.packages) on the host.
set -eu
. "$(dirname "$0")/lib.sh"
# The package is for the host, also if the caller uses a private apt.
unset APT_CONFIG

# Only the default list requires an x86-64 host.
[ $# != 0 ] || [ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || die "the lab runs on Debian on x86-64 only."

missing=
for package in $(sed -e 's/#.*//' -e 's/ .*//' "${1:-$top/lab/host.packages}"); do
	dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

say "host: installing$missing"
as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || die "these packages are missing and there is no sudo to install them; as root run: apt-get install$missing"
	as_root=sudo
	sudo true || die "these packages are missing and sudo was refused; as root run: apt-get install$missing"
fi
mkdir -p "$cache/log"
# shellcheck disable=SC2086 # a list of package names
install() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing
}
# Try with the current package lists first. Fetch new ones if there are none or the archive has dropped a version.
if ! quietly "$cache/log/host-install" install; then
	say "host: fetching the host's package lists and trying again"
	quietly "$cache/log/host-update" $as_root apt-get -o DPkg::Lock::Timeout=300 update ||
		die "apt-get update failed on this host (see above); check the network."
	quietly "$cache/log/host-install" install ||
		die "apt-get could not install$missing (see above)."
fi
