#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# changelog.sh [rpm]: prints debian/changelog, or the %changelog of the RPM specs. VERSION and the releases in CHANGELOG.md are its source.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

format=${1:-debian}
project='The sdei-nmi project <sdei-nmi@users.noreply.example>'
version=$(cat "$top/VERSION")
release=$(sed -n 's/^## \[\([0-9].*\)\] - .*/\1/p' "$top/CHANGELOG.md" | head -n 1)
[ "$release" = "$version" ] || die "VERSION is $version, but the newest release in CHANGELOG.md is $release; make them the same."

# begin NUMBER DATE, heading TEXT, item TEXT, end DATE TIME: print the parts of a release's entry.
case $format in
debian)
	begin() { printf 'sdei-nmi (%s) unstable; urgency=medium\n\n' "$1"; }
	heading() { printf '\n  [ %s ]\n' "$1"; }
	item() { echo "$1" | fmt -w 70 | sed -e '1s/^/  * /' -e '1!s/^/    /'; }
	end() { printf '\n -- %s  %s\n' "$project" "$(LC_ALL=C date -u -R -d "$1 $2")"; }
	;;
rpm)
	begin() { echo "* $(LC_ALL=C date -u -d "$2" '+%a %b %d %Y') $project - $1-1"; }
	heading() { :; }
	# In a spec, % starts a macro.
	item() { echo "$1" | sed 's/%/%%/g' | fmt -w 70 | sed -e '1s/^/- /' -e '1!s/^/  /'; }
	end() { :; }
	;;
*) die "usage: changelog.sh [rpm]" ;;
esac

# awk prints each paragraph, heading and list item as one line, which fmt wraps. The time of day of a release is the beginning of the day,
# so that none of its files is from the future; each further release of that day is a minute later, as Debian wants a new time for each.
awk '
	function flush() { if (text != "") print kind "\t" text; text = "" }
	NR == FNR { if (/^## \[[0-9]/) releases[$4]++; next }
	/^## / {
		flush()
		on = $0 ~ /^## \[[0-9]/
		if (on) printf "release\t%s %s 00:%02d\n", $2, $4, --releases[$4]
		next
	}
	!on { next }
	/^$/ { flush(); next }
	/^### / { flush(); print "heading\t" $2; next }
	/^- / { flush(); kind = "item"; text = substr($0, 3); next }
	text != "" { sub(/^ +/, ""); text = text " " $0; next }
	{ kind = "item"; text = $0 }
	END { flush() }' "$top/CHANGELOG.md" "$top/CHANGELOG.md" | {
	date=
	while IFS='	' read -r kind text; do
		case $kind in
		release)
			[ -z "$date" ] || { end "$date" "$time" && echo; }
			number=${text%%]*}
			time=${text##* }
			date=${text#* }
			date=${date% *}
			begin "${number#[}" "$date"
			;;
		heading) heading "$text" ;;
		item) item "$text" ;;
		esac
	done
	end "$date" "$time"
}
