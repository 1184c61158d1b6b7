#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# flamegraph.sh FOLDED SVG OPTION...: draws the folded stacks of FOLDED by flamegraph.pl with these options, as a picture without
# scripts. lab/flamegraph.packages lists what it needs on the host.
set -eu
. "$(dirname "$0")/lib.sh"

folded=${1:?usage: flamegraph.sh FOLDED SVG OPTION...}
svg=${2:?usage: flamegraph.sh FOLDED SVG OPTION...}
shift 2
PERL_HASH_SEED=0 perl /usr/share/perl5/Devel/NYTProf/flamegraph.pl --hash --width 1000 "$@" "$folded" >"$folded.svg" ||
	die "the flame graph could not be drawn from $folded."
# A page shows the picture as an image, in which scripts do not run. Remove the script, and all that only works with it.
sed -e '/<script/,/<\/script>/d' -e '/id="\(details\|unzoom\|search\)"/d' -e 's/ on[a-z]*="[^"]*"//g' -e 's/ text-anchor=""//g' \
	-e 's/ *$//' "$folded.svg" >"$svg"
