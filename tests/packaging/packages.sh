# SPDX-License-Identifier: GPL-2.0
# Installs, uses and purges the packages in a guest with an arm64 Debian on a disk. Each function is a test; a test that needs an earlier
# one fails without it. packaging/test.sh boots the guest.
# shellcheck shell=sh

cd /payload || exit 1
. /payload/disk.sh

version=$(uname -r)
modules='sdei_nmi sdei_nmi_validate'
packages='sdei-nmi-dkms sdei-nmi-validate-dkms sdei-nmi-tools'
wedge=/sys/module/sdei_nmi_wedge/parameters/wedge
release=/sys/module/sdei_nmi_wedge/parameters/release

fail() {
	echo "$*"
	exit 1
}

# built: the modules that DKMS has built, compressed or not.
built() {
	find /disk/lib/modules -name 'sdei_nmi*.ko*'
}

# files: all files on the disk except those of programs that stay: logs, caches, the package manager's data, and the key that DKMS makes
# if openssl is installed.
files() {
	inside find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /var/log -o -path /var/cache \
		-o -path '/var/lib/dpkg/*-old' -o -path /var/lib/apt -o -path '/var/lib/dkms/mok.*' -o -path /packages \) \
		-prune -o -print | sort
}

install() {
	files >/tmp/before
	# The guest has no network. The dependencies are installed already.
	inside sh -c 'apt-get install -y --no-install-recommends /packages/*.deb' || fail "apt cannot install the packages"
	# shellcheck disable=SC2086 # words
	inside dpkg --verify $packages || fail "files of the packages differ from those packed"
}

built_by_dkms() {
	for module in $modules; do
		name=$(echo "$module" | tr _ -)
		told=$(inside dkms status "$name")
		echo "$told" | grep -q "^$name/.*, $version, aarch64: installed\$" ||
			fail "dkms status says '$told', $name is not installed for $version"
		place=/lib/modules/$version/updates/dkms/$module.ko
		inside modinfo -F filename "$module" | grep -q "^$place" || fail "modinfo does not find $place"
	done
}

# The packages load no module and enable no timer.
off_by_default() {
	for module in $modules; do
		[ ! -d "/sys/module/$module" ] || fail "$module is loaded already"
	done
	! grep -rs '^[^#]*sdei_nmi' /disk/etc/modules /disk/etc/modules-load.d /disk/usr/lib/modules-load.d ||
		fail "a module is set to be loaded at boot"
	aliases=/lib/modules/$version/modules.alias
	[ -s "/disk$aliases" ] || fail "there is no $aliases to look into"
	! inside grep sdei_nmi "$aliases" || fail "a module has an alias, by which the kernel may load it"
	[ -z "$(find /disk/etc/systemd -name 'sdei-nmi*')" ] || fail "the timer is enabled"
}

# The test of the modules in the source package. DKMS has built them already, so it does not build them again.
autopkgtest_modules() {
	cp autopkgtest-modules /disk/tmp/ || fail "there is no test to run"
	inside sh /tmp/autopkgtest-modules >/tmp/said || fail "debian/tests/modules ended with $?: $(cat /tmp/said)"
	for module in $modules; do
		grep "^$module .* is built for $version\$" /tmp/said || fail "debian/tests/modules does not report $module: $(cat /tmp/said)"
	done
}

link=/etc/systemd/system/timers.target.wants/sdei-nmi-metrics.timer
calls=/tmp/systemctl-calls

# made_up_systemd: makes the programs on the disk see a running systemd. systemctl is a script that notes its calls. A unit is enabled
# if its link is there, and the timer is active if /run/timer-active is.
made_up_systemd() {
	[ ! -e /disk/usr/bin/systemctl ] || fail "the disk has a systemctl, which this test would replace"
	mkdir -p /disk/run/systemd/system
	cat >/disk/usr/bin/systemctl <<-END
		#!/bin/sh
		echo "\$*" >>$calls
		case "\$*" in
		*is-enabled*timer*) [ ! -e $link ] || echo enabled ;;
		*is-active*timer) [ -e /run/timer-active ] ;;
		*is-*) exit 1 ;;
		esac
	END
	chmod +x /disk/usr/bin/systemctl
	# The disk's policy keeps every service from starting.
	mv /disk/usr/sbin/policy-rc.d /disk/tmp/
}

end_of_systemd() {
	rm -rf /disk/usr/bin/systemctl /disk/run/systemd/system /disk/run/timer-active
	rmdir /disk/run/systemd 2>/dev/null
	mv /disk/tmp/policy-rc.d /disk/usr/sbin/
}

# tools COMMAND: runs the command, which changes the package of the tools, and prints the calls of systemctl in it.
tools() {
	: >/disk$calls
	inside sh -c "$1" >/tmp/said 2>&1 || fail "'$1' fails: $(cat /tmp/said)"
	cat /tmp/said
	grep -E '(start|stop|enable) ' /disk$calls >/tmp/changes
	echo "systemctl: $(cat /tmp/changes)"
}

# An upgrade restarts a timer that is enabled, and leaves a disabled one alone. Removal stops and disables it; the package then starts
# nothing when it is installed again.
timer_follows_package() {
	again='dpkg --install /packages/sdei-nmi-tools_*.deb'
	made_up_systemd
	tools "$again"
	[ ! -s /tmp/changes ] || fail "an upgrade changes a timer that is disabled"
	mkdir -p "/disk${link%/*}" && ln -s /lib/systemd/system/sdei-nmi-metrics.timer /disk$link && touch /disk/run/timer-active
	tools "$again"
	grep -q '[ -]restart .*sdei-nmi-metrics.timer' /tmp/changes || fail "an upgrade does not restart an enabled timer"
	[ -L /disk$link ] || fail "an upgrade disables the timer"
	tools 'dpkg --remove sdei-nmi-tools'
	grep -q 'stop .*sdei-nmi-metrics.timer' /tmp/changes || fail "removal does not stop the timer"
	[ ! -L /disk$link ] || fail "removal does not disable the timer"
	rm /disk/run/timer-active
	tools "$again"
	[ ! -s /tmp/changes ] && [ ! -L /disk$link ] || fail "the package, installed again, starts or enables the timer"
	end_of_systemd
}

# The steps of README.Debian. The same checks fail on TF-A as in tests/validate/expectations.
validates() {
	inside modprobe sdei_nmi_validate || fail "modprobe sdei_nmi_validate fails"
	status=0
	inside sdei-nmi validate >/tmp/ktap || status=$?
	inside modprobe -r sdei_nmi_validate || fail "sdei_nmi_validate does not unload"
	grep -v '^ok ' /tmp/ktap
	# 7: reliable as far as checked, because the destructive checks are skipped.
	[ $status = 7 ] || fail "sdei-nmi validate ended with $status"
	[ "$(awk '/^not ok / { print $4 }' /tmp/ktap)" = "$(cat /payload/fails)" ] || fail "other checks fail than $(cat /payload/fails)"
}

# Load the driver by the line of the file that README.Debian says to copy.
loads() {
	line=$(sed '/^#/d' /disk/usr/share/doc/sdei-nmi-dkms/examples/modules-load.conf)
	[ "$line" = sdei_nmi ] || fail "the example for modules-load.d says '$line'"
	inside modprobe "$line" || fail "modprobe $line fails"
	[ -d /sys/module/sdei_nmi ] || fail "the module is not there"
}

wedged_cpu_is_shown() {
	insmod sdei_nmi_wedge.ko || fail "sdei_nmi_wedge.ko does not load"
	dmesg -c >/dev/null
	echo 'daif 1 60' >$wedge || fail "CPU 1 could not be wedged"
	taskset 1 sh -c 'echo l >/proc/sysrq-trigger'
	echo 1 >$release
	dmesg | sed 's/^\[ *[0-9.]*\] //' >/tmp/log
	grep -A 40 '^NMI backtrace for cpu 1$' /tmp/log | grep -q '^pc : wedge_spin' ||
		fail "the report has no stack of CPU 1, which was wedged"
}

tool_status() {
	inside sdei-nmi status || fail "sdei-nmi status ended with $?"
}

# Run the command of the timer's service.
metrics() {
	mkdir -p /disk/var/lib/prometheus/node-exporter
	command=$(sed -n 's/^ExecStart=//p' /disk/lib/systemd/system/sdei-nmi-metrics.service)
	[ -n "$command" ] || fail "the service has no ExecStart="
	# shellcheck disable=SC2086 # words
	inside $command || fail "$command ended with $?"
	grep -q '^sdei_nmi' /disk/var/lib/prometheus/node-exporter/sdei_nmi.prom ||
		fail "the file that the service wrote has no metrics of sdei_nmi"
}

purge() {
	inside modprobe -r sdei_nmi || fail "the module does not unload"
	# shellcheck disable=SC2086 # words
	inside apt-get purge -y $packages || fail "apt cannot purge the packages"
}

nothing_left() {
	[ -s /tmp/before ] || fail "the packages have not been installed"
	# The folder belongs to the node exporter.
	rmdir /disk/var/lib/prometheus/node-exporter /disk/var/lib/prometheus || fail "the service left its file"
	files >/tmp/after
	[ -z "$(inside dkms status)" ] || fail "dkms still knows of: $(inside dkms status)"
	[ -z "$(built)" ] || fail "modules are still there: $(built)"
	for module in $modules; do
		[ ! -d "/sys/module/$module" ] || fail "$module is still loaded"
	done
	! inside grep -rs sdei.nmi /lib/modules/"$version"/modules.dep /var/lib/dpkg/status /var/lib/dpkg/info /etc ||
		fail "files still mention the packages; see above"
	diff /tmp/before /tmp/after || fail "the disk's files differ from those before"
}

# The tests in their order, with the seconds that each may take.
plan='install 2400
built_by_dkms 120
off_by_default 60
autopkgtest_modules 120
timer_follows_package 600
validates 180
loads 60
wedged_cpu_is_shown 60
tool_status 60
metrics 60
purge 600
nothing_left 300'

if [ "${1:-}" = one ]; then
	"$2"
	exit
fi

echo "KTAP version 1" >&3
echo "1..$(echo "$plan" | wc -l)" >&3
{ disk_mount && mkdir -p /disk/packages && cp ./*.deb /disk/packages/; } >/tmp/output 2>&1 || {
	sed 's/^/# /' /tmp/output >&3
	exit 1
}
number=0
echo "$plan" | while read -r name seconds; do
	number=$((number + 1))
	dmesg -c >/dev/null
	echo "sdei-test: begin package.$name" >/dev/kmsg
	timeout -s KILL "$seconds" sh /payload/main one "$name" >/tmp/output 2>&1 </dev/null 3>&-
	status=$?
	echo "sdei-test: end package.$name" >/dev/kmsg
	sed 's/^/# /' /tmp/output >&3
	case $status in
	0) echo "ok $number package.$name" >&3 ;;
	137) echo "# did not end within $seconds s" >&3 && echo "not ok $number package.$name" >&3 ;;
	*) echo "not ok $number package.$name" >&3 ;;
	esac
done
disk_unmount
