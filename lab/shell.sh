#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shell.sh KERNEL [OPTION...]: an interactive guest with the modules in it. Options are boot.sh's.
set -eu
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: shell.sh KERNEL [OPTION...]}
shift
alone
ko=$(sh "$top/lab/modules.sh" "$kernel")
payload=$out/shell/payload
mkdir -p "$payload"
cp "$ko"/*.ko "$payload/"
cat >"$payload/shellrc" <<'EOF'
cd /payload
PS1='guest# '
cat <<'TEXT'

Modules are in /payload. To see what the driver does (load it first: the kernel's loader waits for every CPU):

  insmod sdei_nmi.ko
  insmod sdei_nmi_wedge.ko
  echo 'daif 2 30' > /sys/module/sdei_nmi_wedge/parameters/wedge    # or irqoff, spinlock, hardirq, softlockup
  echo l > /proc/sysrq-trigger; dmesg | tail -60
  echo 1 > /sys/module/sdei_nmi_wedge/parameters/release

Leave with: poweroff -f
TEXT
EOF
LOGLEVEL=${LOGLEVEL:-7} exec sh "$top/lab/boot.sh" -i -o "$out/shell/run" -k "$kernel" "$@" "$payload"
