#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# firmware.sh NAME: builds a firmware into the cache and prints the path of its boot ROM image. NAME is one of
#
#	tfa		TF-A from Debian 13's source package, unmodified: a debug build with SDEI and EL3 exception handling
#	tfa-newest	the same build from the newest source package that can be fetched
#	tfa-faulty	tfa linked with lab/firmware/: it injects the faults of lab/firmware/faults.h on request, has a second event,
#			and reports the time that PEs spend in handlers
#	tfa-release	tfa as a release build
#	tfa-newest-release	tfa-newest as a release build
#	tfa-many	tfa-faulty for up to 128 CPUs, with the platform lab/firmware/many/
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

name=${1:?usage: firmware.sh NAME}
case $name in
tfa | tfa-newest | tfa-faulty | tfa-many) kind=debug ;;
tfa-release | tfa-newest-release) kind=release ;;
*) die "there is no firmware '$name'; firmware.sh knows tfa, tfa-release, tfa-newest, tfa-newest-release, tfa-faulty and tfa-many." ;;
esac

# versions SUITE: prints the versions of the source package, newest first. Before 2.12, PLAT=qemu has no SDEI.
versions() {
	apt-get indextargets --format '$(RELEASE) $(CODENAME) $(FILENAME)' 'Created-By: Sources' | awk -v want="$1" '$1 == want || $2 == want { print $3 }' |
		while read -r list; do /usr/lib/apt/apt-helper cat-file "$list"; done |
		awk '/^Package:/ { on = $2 == "arm-trusted-firmware" } on && /^Version:/ { print $2 }' |
		grep -E '^2\.1[2-9]|^2\.[2-9][0-9]|^[3-9]' | sort -Vr
}

# fetch VERSION: fails if the archive lists VERSION but no longer has it.
fetch() {
	[ ! -d "$cache/firmware/src-$1" ] || return 0
	rm -rf "$cache/firmware/.src"
	mkdir -p "$cache/firmware/.src"
	(cd "$cache/firmware/.src" && apt-get source --only-source "arm-trusted-firmware=$1") >"$cache/log/tfa-fetch" 2>&1 || return 1
	mv "$cache"/firmware/.src/arm-trusted-firmware-*/ "$cache/firmware/src-$1"
	rm -rf "$cache/firmware/.src"
}

build() {
	new=$cache/firmware/.build
	rm -rf "$new"
	cp -a "$source" "$new"
	set --
	platform=qemu targets='all fip'
	case $name in
	tfa-faulty | tfa-many)
		# TF-A's makefiles append to these variables with +=, so values from the environment are kept.
		wraps=
		for wrapped in begin_sdei_synchronous_dispatch plat_ic_end_of_interrupt psci_cpu_on_start psci_do_cpu_off sdei_event_complete \
			sdei_global_mappings sdei_intr_handler sdei_pe_mask sdei_pe_unmask sdei_private_event_table \
			sdei_shared_event_table sdei_smc_handler; do
			wraps=$wraps,--wrap=$wrapped
		done
		set -- BL31_SOURCES="$(echo "$top"/lab/firmware/*.c)" BL31_LDFLAGS="-Wl$wraps"
		;;
	esac
	[ "$name" != tfa-many ] || {
		# The target fip fails for a platform outside TF-A's tree.
		set -- "$@" TF_PLATFORM_ROOT="$top/lab/firmware/"
		platform=many targets='bl1 bl2 bl31'
	}
	debug=1
	[ $kind = debug ] || debug=0
	# shellcheck disable=SC2086 # several targets
	quietly "$cache/log/tfa-build" env "$@" make -C "$new" -j2 CROSS_COMPILE=aarch64-linux-gnu- PLAT=$platform \
		QEMU_USE_GIC_DRIVER=QEMU_GICV3 SDEI_SUPPORT=1 EL3_EXCEPTION_HANDLING=1 ARM_LINUX_KERNEL_AS_BL33=1 \
		PRELOADED_BL33_BASE=0x60000000 DEBUG=$debug $targets ||
		die "TF-A $version does not build (see above)."
	built=$new/build/$platform/$kind
	if [ "$name" = tfa-many ]; then
		quietly "$cache/log/fiptool-build" make -C "$new/tools/fiptool" || die "TF-A's fiptool does not build (see above)."
		"$new/tools/fiptool/fiptool" create --tb-fw "$built/bl2.bin" --soc-fw "$built/bl31.bin" "$built/fip.bin"
	fi
	mkdir -p "$image"
	# The boot ROM at address 0 has BL1 in its first 256 KiB, followed by the firmware image package.
	cp "$built/bl1.bin" "$image/flash.new"
	truncate -s 256K "$image/flash.new"
	cat "$built/fip.bin" >>"$image/flash.new"
	mv "$image/flash.new" "$image/flash.bin"
	rm -rf "$new"
}

# resolve: fetches the newest version of the suite that the archive still has. The lists of the testing suite may be outdated.
resolve() {
	mkdir -p "$cache/firmware"
	version=
	for candidate in $(case $suite in testing) versions testing ;; esac) $(versions trixie); do
		if fetch "$candidate"; then
			version=$candidate
			break
		fi
		say "firmware: TF-A $candidate is listed but can't be fetched; trying the next older version"
	done
	if [ -z "$version" ]; then
		rm -f "$apt_dir/updated"
		die "no source of TF-A 2.12 or newer could be fetched (see $cache/log/tfa-fetch); check the network and try again."
	fi
	echo "$version" >"$cache/firmware/current-$suite.new"
	mv "$cache/firmware/current-$suite.new" "$cache/firmware/current-$suite"
}

provide() {
	apt_update
	case $name in
	tfa-newest*) suite=testing ;;
	*) suite=trixie ;;
	esac
	apt_settled "$cache/firmware/current-$suite" || resolve
	version=$(cat "$cache/firmware/current-$suite")
	source=$cache/firmware/src-$version
	# The key includes the recipe and the lab's own sources, so that a change of either builds a new firmware.
	case $name in
	tfa-faulty) ours=$(echo "$top"/lab/firmware/*.[ch]) ;;
	tfa-many) ours=$(find "$top/lab/firmware" -type f | LC_ALL=C sort) ;;
	*) ours= ;;
	esac
	# shellcheck disable=SC2086 # several files
	image=$cache/firmware/$name-$version-$(cat "$top/lab/firmware.sh" $ours | cksum | cut -d ' ' -f 1)
	if [ ! -e "$image/flash.bin" ]; then
		say "firmware: building TF-A $version ($name)"
		fetch "$version" || { rm -f "$apt_dir/updated" "$cache/firmware/current-$suite"; die "the source of TF-A $version can no longer be fetched; try again."; }
		build
	fi
	echo "$image/flash.bin"
}
locked firmware provide
