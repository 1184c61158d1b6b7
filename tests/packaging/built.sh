#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# built.sh FOLDER: tests the packages that make package put into FOLDER, without installing them: their files, the maintainer scripts
# of the timer, and the tests in the source package. Runs on the host and prints KTAP. system.sh installs them in a guest.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/tests/packaging/lib.sh"

packages=$(cd "${1:?usage: built.sh FOLDER}" && pwd)
work=$out/packaging/built
source=$work/source
tools=$work/sdei-nmi-tools

tools_have_schemas() {
	for schema in "$top"/tool/schema/*; do
		cmp "$schema" "$tools/usr/share/sdei-nmi/schema/${schema##*/}"
	done
}

# On an amd64 host, the package for amd64 has the same files, and its tool runs on the host.
tools_for_the_host_run() {
	[ "$(dpkg --print-architecture)" = amd64 ] || return 0
	dpkg-deb -R "$packages"/sdei-nmi-tools_*_amd64.deb "$work/amd64"
	(cd "$tools" && find . -type f ! -path './DEBIAN/*' | sort) >"$work/arm64.files"
	(cd "$work/amd64" && find . -type f ! -path './DEBIAN/*' | sort) | diff "$work/arm64.files" -
	"$work/amd64/usr/sbin/sdei-nmi" --version | grep -qxF "sdei-nmi $(cat "$top/VERSION")"
	readelf -h "$tools/usr/sbin/sdei-nmi" | grep -q AArch64
}

# All pages are there as they are, and links between them work.
tools_have_docs() {
	for page in README.md CONTRIBUTING.md bench/method.md $(cd "$top" && git ls-files contrib docs); do
		cmp "$top/$page" "$tools/usr/share/doc/sdei-nmi-tools/$page"
	done
}

tools_have_no_broken_links() {
	links_lead_somewhere "$tools/usr/share/doc/sdei-nmi-tools"
}

# No file of the documentation is there twice.
tools_have_docs_once() {
	twice=$(find "$tools/usr/share/doc" -type f -exec cksum {} + | sort | awk '$1 $2 == last { print $3 } { last = $1 $2 }')
	[ -z "$twice" ] || { echo "there twice: $twice" && return 1; }
}

driver_has_abi() {
	for file in "$top"/docs/abi/*; do
		cmp "$file" "$work/sdei-nmi-dkms/usr/share/doc/sdei-nmi-dkms/abi/${file##*/}"
	done
}

# The source package has the whole tree, except for git's own files.
source_is_whole() {
	(cd "$top" && git ls-files | while read -r file; do [ ! -e "$file" ] || echo "$file"; done) |
		sed -e 's,^packaging/debian/,debian/,' -e '/^\.git/d' | sort >"$work/tracked"
	(cd "$source" && find . ! -type d | sed 's,^\./,,' | sort) >"$work/shipped"
	missing=$(comm -23 "$work/tracked" "$work/shipped")
	[ -z "$missing" ] || { echo "the source package lacks: $missing" && return 1; }
}

# check_target OPTIONS: runs the target of dh_auto_test for the packages of one architecture, for this host.
check_target() {
	(cd "$source" && env DEB_BUILD_OPTIONS="$1" make -f debian/rules override_dh_auto_test-arch) >"$work/check" 2>&1 ||
		{ cat "$work/check" && return 1; }
}

# The unit tests run while the package is built, from the files of the source package, except with nocheck.
source_runs_unit_tests() {
	check_target ''
	[ "$(grep -c '^ok ' "$work/check")" -gt 100 ] || { cat "$work/check" && return 1; }
	! grep '^not ok ' "$work/check" | grep -v '# SKIP' || return 1
	check_target nocheck
	! grep '^ok ' "$work/check" || return 1
}

# debian/tests/control names the files beside it.
autopkgtest_is_complete() {
	sed -n 's/^Tests: //p' "$source/debian/tests/control" | tr -d , | tr ' ' '\n' | sort >"$work/named"
	[ -s "$work/named" ]
	(cd "$source/debian/tests" && find . -type f -perm -u=x) | sed 's,^\./,,' | sort | diff "$work/named" -
}

# debian/tests/tool, with the tool that is built for this host.
autopkgtest_tool() {
	(cd "$source" && PATH=$top/out/host:$PATH debian/tests/tool) >"$work/autopkgtest" || { grep -A 20 '^#\|^not ok' "$work/autopkgtest" && return 1; }
	[ "$(grep -c '^ok ' "$work/autopkgtest")" -gt 50 ]
}

# maintain SCRIPT ARGUMENT...: runs a maintainer script of the tools, with the files and programs of a made-up system with systemd.
# Its calls are in $work/calls.
maintain() {
	maintain_script=$1
	shift
	rm -f "$work/calls"
	: >"$work/calls"
	[ -e "$tools/DEBIAN/$maintain_script" ] || return 0
	sed -e "s,/run/systemd/system,$work/system/run,g" -e "s,/usr/bin/deb-systemd-helper,$work/system/bin/deb-systemd-helper,g" \
		-e "s,/var/lib/prometheus,$work/system/prometheus,g" "$tools/DEBIAN/$maintain_script" >"$work/script"
	env -u DPKG_ROOT PATH="$work/system/bin:$PATH" sh "$work/script" "$@"
	cat "$work/calls"
}

# made_up_system: makes the system, in which the package was never installed before. With $work/system/installed it was; the timer
# is then enabled if $work/system/enabled exists.
made_up_system() {
	rm -rf "$work/system"
	mkdir -p "$work/system/bin" "$work/system/run" "$work/system/prometheus/node-exporter"
	for program in deb-systemd-helper deb-systemd-invoke systemctl; do
		cat >"$work/system/bin/$program" <<-END
			#!/bin/sh
			echo "$program \$*" >>"$work/calls"
			case "\$*" in
			*debian-installed*) [ -e "$work/system/installed" ] ;;
			*was-enabled*) [ ! -e "$work/system/installed" ] || [ -e "$work/system/enabled" ] ;;
			esac
		END
		chmod +x "$work/system/bin/$program"
	done
}
units='sdei-nmi-metrics.service sdei-nmi-metrics.timer'

# The timer ends before its files go, and the metrics go last, so the timer cannot write them again.
removal_stops_timer() {
	made_up_system
	maintain prerm remove
	printf '%s\n' "deb-systemd-invoke stop $units" 'deb-systemd-helper disable sdei-nmi-metrics.timer' | diff - "$work/calls"
	: >"$work/system/prometheus/node-exporter/sdei_nmi.prom"
	maintain postrm remove
	[ ! -e "$work/system/prometheus/node-exporter/sdei_nmi.prom" ]
}

# An upgrade restarts the units afterwards. deb-systemd-invoke leaves out those that are neither enabled nor active.
upgrade_restarts_timer() {
	made_up_system
	touch "$work/system/installed" "$work/system/enabled"
	for step in 'prerm upgrade 99' 'preinst upgrade 0.1' 'postrm upgrade 99'; do
		# shellcheck disable=SC2086 # words
		maintain $step
		[ ! -s "$work/calls" ] || return 1
	done
	maintain postinst configure 0.1
	grep -x "deb-systemd-invoke restart $units" "$work/calls"
}

installation_enables_nothing() {
	made_up_system
	maintain postinst configure
	! grep 'deb-systemd-helper enable' "$work/calls" || return 1
	! grep -E 'systemctl.* (enable|start|restart)' "$work/calls" || return 1
}

rm -rf "$work"
mkdir -p "$work"
for name in sdei-nmi-dkms_all sdei-nmi-validate-dkms_all sdei-nmi-tools_arm64; do
	dpkg-deb -R "$packages/${name%_*}"_*_"${name#*_}.deb" "$work/${name%_*}" || die "$name is not in $packages; run make package first."
done
dpkg-source --no-check -x "$packages"/sdei-nmi_*.dsc "$source" >"$work/said" 2>&1 || die "the source package can't be unpacked; see $work/said."

# shellcheck disable=SC2046 # a list of names
ktap_functions $(sed -n 's/^\(\(tools\|driver\|source\|autopkgtest\|removal\|upgrade\|installation\)_[a-z_]*\)() {$/\1/p' "$0")
