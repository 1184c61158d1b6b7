#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shell.sh KERNEL [OPTION...]: make shell. Boots an interactive guest that contains the modules. boot.sh -h lists the options.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: shell.sh KERNEL [OPTION...]}
shift
alone
ko=$(sh "$top/lab/modules.sh" "$kernel")
payload=$out/shell/payload
mkdir -p "$payload"
cp "$ko"/*.ko "$out/guest/sdei-nmi" "$payload/"
cat >"$payload/shellrc" <<'EOF'
cd /payload
PS1='guest# '
cat <<'TEXT'

The modules are in /payload. Load the driver before you wedge a CPU: the kernel's module loader waits for every CPU.

  insmod sdei_nmi.ko
  insmod sdei_nmi_wedge.ko
  echo 'daif 2 30' > /sys/module/sdei_nmi_wedge/parameters/wedge    # or irqoff, spinlock, hardirq, softlockup
  echo l > /proc/sysrq-trigger; dmesg | tail -60
  echo 1 > /sys/module/sdei_nmi_wedge/parameters/release

The checks of the firmware need event 0, so unload the driver first, or restart:

  insmod sdei_nmi_validate.ko
  ./sdei-nmi validate

Leave with: poweroff -f
TEXT
EOF
LOGLEVEL=${LOGLEVEL:-7} exec sh "$top/lab/boot.sh" -i -o "$out/shell/run" -k "$kernel" "$@" "$payload"
