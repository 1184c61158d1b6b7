#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# acpi.sh CPUS SDEI IDLE FILE: writes the ACPI tables that the lab adds to QEMU's, one behind the other: an SSDT, and with SDEI "yes"
# the table of that name. With IDLE "yes" the SSDT gives each CPU the idle state of boot.sh -s. lab/uefi/tables.c installs the
# tables.
set -eu
. "$(dirname "$0")/lib.sh"

[ $# = 4 ] || die "usage: acpi.sh CPUS SDEI IDLE FILE"
cpus=$1 sdei=$2 idle=$3 file=$4
work=$file.d

# table NAME: compiles the table that standard input describes.
table() {
	cat >"$work/$1.asl"
	iasl -p "$work/$1" "$work/$1.asl" >"$work/$1.log" 2>&1 || die "iasl refuses the ACPI table $1; see $work/$1.log."
	cat "$work/$1.aml" >>"$file.new"
}

# sdei: prints the table SDEI, which has a header only.
sdei() {
	cat <<'EOF'
[0004] Signature : "SDEI"
[0004] Table Length : 00000024
[0001] Revision : 01
[0001] Checksum : 00
[0006] Oem ID : "SDELAB"
[0008] Oem Table ID : "SDEILAB "
[0004] Oem Revision : 00000001
[0004] Asl Compiler ID : "LAB "
[0004] Asl Compiler Revision : 00000001
EOF
}

# lpi: prints the object _LPI with WFI and the standby state of PLAT=qemu, whose PSCI parameter is 1. The standby state has flag 2,
# trace context is lost: the kernel masks SDEI for it, and the CPU's timer goes on.
lpi() {
	cat <<'EOF'
		Name (_LPI, Package () {
			0, 0, 2,
			Package () {
				1, 1, 1, 0, 0, 0,
				ResourceTemplate () { Register (FFixedHW, 0x20, 0, 0xFFFFFFFF, 3) },
				ResourceTemplate () { Register (SystemMemory, 0, 0, 0, 0) },
				ResourceTemplate () { Register (SystemMemory, 0, 0, 0, 0) },
				"WFI"
			},
			Package () {
				2, 1, 1, 2, 0, 1,
				ResourceTemplate () { Register (FFixedHW, 0x20, 0, 1, 3) },
				ResourceTemplate () { Register (SystemMemory, 0, 0, 0, 0) },
				ResourceTemplate () { Register (SystemMemory, 0, 0, 0, 0) },
				"standby"
			}
		})
EOF
}

# ssdt: prints the SSDT. Without an _OSC that grants everything, Linux uses neither _LPI nor hardware errors that come by SDEI.
ssdt() {
	echo 'DefinitionBlock ("", "SSDT", 2, "SDELAB", "LAB", 1) {'
	echo '	Scope (\_SB) { Method (_OSC, 4) { Return (Arg3) } }'
	if [ "$idle" = yes ]; then
		for cpu in $(seq 0 $((cpus - 1))); do
			printf '	External (\\_SB.C%03X, DeviceObj)\n	Scope (\\_SB.C%03X) {\n' "$cpu" "$cpu"
			lpi
			echo '	}'
		done
	fi
	echo '}'
}

rm -rf "$work" "$file.new"
mkdir -p "$work"
: >"$file.new"
[ "$sdei" != yes ] || sdei | table sdei
ssdt | table ssdt
mv "$file.new" "$file"
rm -rf "$work"
