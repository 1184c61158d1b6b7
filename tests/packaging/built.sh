#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# built.sh FOLDER: tests the packages that make package put into FOLDER, without installing them: their files, the maintainer scripts
# of the timer, and the tests in the source package. Runs on the host and prints KTAP. system.sh installs them in a guest.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/tests/packaging/lib.sh"
. "$top/packaging/tree.sh"

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

# The commands of install.md name packages that make package has made, and leave the folder of the packages to the reader. Here, apt
# stands for itself: it wants each of its files.
documented_files_exist() {
	mkdir -p "$work/bin"
	printf '%s\n' '#!/bin/sh' 'for word; do case $word in ./*) [ -e "$word" ] || { echo "$word is not there"; exit 1; } ;; esac; done' 'touch "$APT_RAN"' >"$work/bin/apt"
	chmod +x "$work/bin/apt"
	rm -f "$work/apt-ran"
	sh "$top/tests/packaging/system.sh" steps "$top/docs/install.md" Package 2 >"$work/steps"
	(cd "$packages" && APT_RAN=$work/apt-ran PATH=$work/bin:$PATH sh -e "$work/steps")
	[ -e "$work/apt-ran" ]
}

# The blocks of install.md that system.sh runs exist.
documented_blocks_exist() {
	sed -n "s/.*documented \('[^']*'\|[A-Z][a-z]*\) \([0-9]\).*/\1 \2/p" "$top/tests/packaging/system.sh" | sort -u >"$work/blocks"
	[ "$(wc -l <"$work/blocks")" -ge 9 ]
	while read -r block; do
		eval "set -- $block"
		sh "$top/tests/packaging/system.sh" steps "$top/docs/install.md" "$1" "$2" | grep . || { echo "install.md has no block $2 in the section $1" && return 1; }
	done <"$work/blocks"
}

# All pages are there as they are, and links between them work.
tools_have_docs() {
	for page in README.md CONTRIBUTING.md bench/method.md $(tree_files | grep -E '^(contrib|docs)/'); do
		cmp "$top/$page" "$tools/usr/share/doc/sdei-nmi-tools/$page"
		echo "$page"
	done >"$work/pages"
	[ "$(wc -l <"$work/pages")" -gt 30 ]
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
	tree_files | sed -e 's,^packaging/debian/,debian/,' -e '/^\.git/d' | sort >"$work/tracked"
	[ "$(wc -l <"$work/tracked")" -gt 300 ]
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

# debian/tests/control names the files beside it, and what the tests of the tool need.
autopkgtest_is_complete() {
	sed -n 's/^Tests: //p' "$source/debian/tests/control" | tr -d , | tr ' ' '\n' | sort >"$work/named"
	[ -s "$work/named" ]
	(cd "$source/debian/tests" && find . -type f -perm -u=x) | sed 's,^\./,,' | sort | diff "$work/named" -
	sed -n 's/ .*tests of the tool: .*//p' "$top/lab/host.packages" | sort >"$work/needed"
	[ "$(wc -l <"$work/needed")" -ge 6 ]
	sed -n '/^Tests: tool$/,/^$/s/^Depends: //p' "$source/debian/tests/control" | tr -d ' ' | tr , '\n' | sort >"$work/depends"
	missing=$(comm -23 "$work/needed" "$work/depends")
	[ -z "$missing" ] || { echo "debian/tests/control lacks: $missing" && return 1; }
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
ktap_functions $(sed -n 's/^\(\(documented\|tools\|driver\|source\|autopkgtest\|removal\|upgrade\|installation\)_[a-z_]*\)() {$/\1/p' "$0")
