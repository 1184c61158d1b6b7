#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# uefi.sh: builds EDK2 from Debian 12's source package into the cache, and prints the path of its image. TF-A starts the image in
# place of a kernel; the image loads the kernel that QEMU's -kernel names, or boots a disk.
#
# EDK2 is changed in three places:
#
# - The first stage calls the constructors of its libraries before it looks for memory. Some of them find the device tree.
# - lab/uefi/tables.c marks PSCI in the FADT.
# - lab/uefi/tables.c installs the tables that the lab passes, see acpi.sh.
set -eu
. "$(dirname "$0")/lib.sh"
. "$top/lab/apt.sh"

# The versions of bookworm and of its security suite.
apt_dir=$cache/apt-uefi
apt_sources() {
	echo "deb-src [signed-by=$apt_keyring] $apt_main bookworm main"
	echo "deb-src [signed-by=$apt_keyring] $apt_security bookworm-security main"
}

# edit FILE SCRIPT: changes a source file by a sed script. Fails if that changes nothing.
edit() {
	sed -i.orig "$2" "$new/$1"
	! cmp -s "$new/$1.orig" "$new/$1" || die "EDK2 $version has changed: '$2' finds nothing in $1; adapt lab/uefi.sh."
}

change() {
	# EDK2 has been written for other compilers, and warnings differ.
	edit BaseTools/Conf/tools_def.template 's/ -Werror / /'
	pre_pi=ArmVirtPkg/PrePi/PrePi.c
	edit $pre_pi '/^  ProcessLibraryConstructorList/d'
	edit $pre_pi 's/^  PrePeiSetHobList (HobList);/&  ProcessLibraryConstructorList ();/'
	platform=OvmfPkg/AcpiPlatformDxe
	cp "$top/lab/uefi/tables.c" "$top/lab/uefi/tables.h" "$new/$platform/"
	edit $platform/AcpiPlatformDxe.inf 's/^  QemuFwCfgAcpi\.c/  tables.c\n&/'
	edit $platform/QemuFwCfgAcpi.c '/^#include "AcpiPlatform\.h"/s/^/#include "tables.h"\n/'
	edit $platform/QemuFwCfgAcpi.c 's/^  Status = AcpiProtocol->InstallAcpiTable (/  LabAmendTable ((VOID *)(UINTN)PointerValue);\n&/'
	install='Status = LabInstallTables (AcpiProtocol); if (EFI_ERROR (Status)) goto UninstallAcpiTables;'
	edit $platform/QemuFwCfgAcpi.c "/^  \/\/ second pass:/,/^  for /s/^  Installed = 0;/& $install/"
}

# EDK2's scripts are for bash. With a newer toolchain tag than GCC49 the link needs a library that Debian's source package lacks.
compile() {
	cd "$new"
	env -u WORKSPACE GCC49_AARCH64_PREFIX=aarch64-linux-gnu- PYTHON3_ENABLE=TRUE bash -ec '
		make -C BaseTools -j2 CFLAGS=-Wno-error
		set --
		. ./edksetup.sh
		build -n 2 -a AARCH64 -t GCC49 -b RELEASE -p ArmVirtPkg/ArmVirtQemuKernel.dsc -D SECURE_BOOT_ENABLE=TRUE'
}

build() {
	new=$cache/uefi/.build
	rm -rf "$new" "$cache/uefi/.src"
	mkdir -p "$cache/uefi/.src"
	(cd "$cache/uefi/.src" && apt-get source --only-source "edk2=$version") >"$cache/log/uefi-fetch" 2>&1 || {
		rm -f "$apt_dir/updated"
		die "the source of EDK2 $version can't be fetched (see $cache/log/uefi-fetch); try again."
	}
	mv "$cache"/uefi/.src/edk2-*/ "$new"
	change
	quietly "$cache/log/uefi-build" compile || die "EDK2 $version does not build (see above)."
	mkdir -p "$image"
	cp "$new/Build/ArmVirtQemuKernel-AARCH64/RELEASE_GCC49/FV/QEMU_EFI.fd" "$image/uefi.new"
	mv "$image/uefi.new" "$image/uefi.fd"
	rm -rf "$new" "$cache/uefi/.src"
}

provide() {
	apt_update
	version=$(apt-cache showsrc edk2 | sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] || die "the archive has no source package edk2 for bookworm; does Debian still carry it?"
	image=$cache/uefi/$version-$(cat "$top/lab/uefi.sh" "$top"/lab/uefi/*.[ch] | cksum | cut -d ' ' -f 1)
	if [ ! -e "$image/uefi.fd" ]; then
		sh "$top/lab/host.sh" "$top/lab/uefi/host.packages"
		say "uefi: building EDK2 $version, which takes minutes"
		build
	fi
	echo "$image/uefi.fd"
}
locked uefi provide
