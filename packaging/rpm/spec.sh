#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# spec.sh NAME: prints the RPM spec NAME with the version and %changelog filled in. VERSION and the releases in CHANGELOG.md are
# their source.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"

sed "s/@VERSION@/$(cat "$top/VERSION")/" "$top/packaging/rpm/${1:?usage: spec.sh NAME}.spec.in"
printf '\n%%changelog\n'
sh "$top/packaging/changelog.sh" rpm
