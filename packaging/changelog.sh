#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# changelog.sh: prints debian/changelog. VERSION and the releases in CHANGELOG.md are its source.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

version=$(cat "$top/VERSION")
release=$(sed -n 's/^## \[\([0-9].*\)\] - .*/\1/p' "$top/CHANGELOG.md" | head -n 1)
[ "$release" = "$version" ] || die "VERSION is $version, but the newest release in CHANGELOG.md is $release; make them the same."

# signature DATE: prints the last line of an entry. The time of day is fixed.
signature() {
	echo " -- The sdei-nmi project <sdei-nmi@users.noreply.example>  $(LC_ALL=C date -u -R -d "$1 09:00")"
}

# awk prints each paragraph, heading and list item as one line, which fmt wraps.
awk '
	function flush() { if (text != "") print kind "\t" text; text = "" }
	/^## / { flush(); on = $0 ~ /^## \[[0-9]/; if (on) print "release\t" $2 " " $4; next }
	!on { next }
	/^$/ { flush(); next }
	/^### / { flush(); print "heading\t" $2; next }
	/^- / { flush(); kind = "item"; text = substr($0, 3); next }
	text != "" { sub(/^ +/, ""); text = text " " $0; next }
	{ kind = "item"; text = $0 }
	END { flush() }' "$top/CHANGELOG.md" | {
	date=
	while IFS='	' read -r kind text; do
		case $kind in
		release)
			[ -z "$date" ] || { echo && signature "$date" && echo; }
			number=${text%%]*}
			date=${text##* }
			printf 'sdei-nmi (%s) unstable; urgency=medium\n\n' "${number#[}"
			;;
		heading) printf '\n  [ %s ]\n' "$text" ;;
		item) echo "$text" | fmt -w 70 | sed -e '1s/^/  * /' -e '1!s/^/    /' ;;
		esac
	done
	echo
	signature "$date"
}
