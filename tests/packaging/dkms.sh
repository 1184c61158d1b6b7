#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# dkms.sh KERNEL: tests both dkms.conf with the dkms of Debian 12, and the build with the headers of that row of kernels.list. A
# kernel that a module is not for is skipped; where DKMS does not skip it, the build fails with the reason. Runs on the host without
# installing dkms, and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/lab/apt.sh"
. "$top/tests/packaging/lib.sh"

kernel=${1:?usage: dkms.sh KERNEL}
kernel_dir=$(sh "$top/lab/kernel.sh" "$kernel")
work=$out/packaging/dkms
# dkms needs absolute paths without links, and root for autoinstall. A user namespace is enough.
as_root=
[ "$(id -u)" = 0 ] || as_root='unshare -r'

# run STATUS ACTION...: runs dkms for arm64, with its output in $work/output. Fails if it ends with another status.
run() {
	run_expected=$1
	shift
	run_status=0
	$as_root bash "$dkms_root/usr/sbin/dkms" --dkmstree "$work/tree" --sourcetree "$work/src" --installtree "$work/installed" "$@" >"$work/output" 2>&1 ||
		run_status=$?
	cat "$work/output"
	[ "$run_status" = "$run_expected" ] || { echo "dkms $* ended with $run_status instead of $run_expected" && return 1; }
}

# skipped KERNEL CONFIG REASON: dkms skips both modules for a kernel with CONFIG, see fresh, in its .config. It says once why, and
# autoinstall, which the kernel's package runs, does not fail.
skipped() {
	for module in sdei-nmi sdei-nmi-validate; do
		fresh "$2"
		run 0 add "$module/$version"
		! grep 'skipped' "$work/output" || return 1
		for action in "77 build $module/$version" '0 autoinstall'; do
			# shellcheck disable=SC2086 # words
			run $action -k "$1" -a aarch64 --kernelsourcedir "$work/kernel"
			[ "$(grep -c "skipped" "$work/output")" = 1 ]
			grep -x "$module: skipped for kernel $1: $3" "$work/output"
		done
	done
}

# fresh CONFIG: makes DKMS trees with nothing built, and a kernel build folder. Its .config has the options that the modules need,
# and the line CONFIG. "no OPTION" leaves that option out.
fresh() {
	rm -rf "$work/tree" "$work/installed" "$work/kernel"
	mkdir -p "$work/tree" "$work/installed" "$work/kernel/include"
	for option in CONFIG_ARM_SDE_INTERFACE CONFIG_KPROBES CONFIG_KALLSYMS CONFIG_DYNAMIC_FTRACE; do
		[ "$1" = "no $option" ] || echo "$option=y"
	done >"$work/kernel/.config"
	case $1 in
	'' | no*) ;;
	*) echo "$1" >>"$work/kernel/.config" ;;
	esac
}

# RHEL and SUSE link a module that is built once into later kernels with the same symbol versions, unless dkms.conf forbids it.
builds_for_each_kernel() {
	for folder in driver validate; do
		# shellcheck disable=SC2016 # for bash
		[ "$(bash -c '. "$1"; echo "$NO_WEAK_MODULES"' dkms "$top/$folder/dkms.conf")" = yes ] || return 1
	done
}

skips_old_kernel() {
	for old in 5.10.0-30-arm64 5.15.0-100-generic 6.0.0-6-arm64 4.19.0; do
		skipped "$old" '' 'the module needs Linux 6.1 or newer'
	done
}

skips_own_driver() {
	skipped 7.3.4+deb13-arm64 'CONFIG_ARM_SDEI_NMI=y' 'its own driver (CONFIG_ARM_SDEI_NMI) uses event 0 of SDEI'
}

skips_missing_option() {
	skipped 6.12.117+deb12-arm64 'no CONFIG_ARM_SDE_INTERFACE' 'it has no CONFIG_ARM_SDE_INTERFACE, which the module needs'
	skipped 6.12.117+deb12-arm64 'no CONFIG_KALLSYMS' 'it has no CONFIG_KALLSYMS, which the module needs'
}

# The control: dkms starts to build for these kernels. It fails, because the build folder has no Makefile.
builds_for_others() {
	for module in sdei-nmi sdei-nmi-validate; do
		for new in 6.1.0-56-arm64 6.12.117+deb12-arm64 7.3.4+deb13-arm64 10.0.0-1-arm64; do
			fresh '# CONFIG_ARM_SDEI_NMI is not set'
			run 0 add "$module/$version"
			run 10 build "$module/$version" -k "$new" -a aarch64 --kernelsourcedir "$work/kernel"
			run 11 autoinstall -k "$new" -a aarch64 --kernelsourcedir "$work/kernel"
			! grep skipped "$work/output" || return 1
		done
	done
}

# build FOLDER VARIABLE...: builds a module as a DKMS does that skips no kernel.
build() {
	build_folder=$1
	shift
	kbuild "$kernel_dir/build" "M=$work/build/$build_folder" "$@" modules >"$work/output" 2>&1
}

# build_fails SENTENCE VARIABLE...: the build of both modules fails with this sentence.
build_fails() {
	sentence=$1
	shift
	for folder in "sdei-nmi-$version" "sdei-nmi-validate-$version"; do
		if build "$folder" "$@"; then
			echo "$folder builds with $*"
			return 1
		fi
		cat "$work/output"
		grep -F "*** sdei-nmi: $sentence.  Stop." "$work/output"
	done
}

build_refuses_old_kernel() {
	build_fails 'Linux 5.10 is too old; the module needs Linux 6.1 or newer' VERSION=5 PATCHLEVEL=10
	build_fails 'Linux 6.0 is too old; the module needs Linux 6.1 or newer' VERSION=6 PATCHLEVEL=0
}

build_refuses_own_driver() {
	build_fails 'this kernel has CONFIG_ARM_SDEI_NMI, its own driver for event 0 of SDEI' CONFIG_ARM_SDEI_NMI=y
}

build_refuses_missing_option() {
	build_fails 'this kernel has no CONFIG_ARM_SDE_INTERFACE, which the module needs' CONFIG_ARM_SDE_INTERFACE=
}

# The control: both build for the kernel as it is, and make clean does not ask for the options.
build_succeeds() {
	for folder in "sdei-nmi-$version" "sdei-nmi-validate-$version"; do
		build "$folder" || { tail -n 20 "$work/output" && return 1; }
		kbuild "$kernel_dir/build" "M=$work/build/$folder" clean || return 1
	done
}

version=$(cat "$top/VERSION")
rm -rf "$work"
mkdir -p "$work"
make -s -C "$top" dkms-install DESTDIR="$work/root" >&2
mv "$work/root/usr/src" "$work/src"
cp -r "$work/src" "$work/build"
debian_dkms

# shellcheck disable=SC2046 # a list of names
ktap_functions $(sed -n 's/^\(\(skips\|builds\|build\)_[a-z_]*\)() {$/\1/p' "$0" | grep -v '^build_fails$')
