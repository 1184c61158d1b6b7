#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# patch.sh TREE [SERIES]: prints a series for the kernel tree TREE, in the form that git am takes.
#
#   driver   (default) builds the driver into the tree. From Linux 7.3 on, it takes the place of the kernel's own driver for event 0
#   validate adds the checks of the firmware to a tree that has the driver
#   cure     makes the kernel's own driver safe (Linux 7.3 and newer)
#   all      driver, then validate
#
# The script only reads TREE. The same tree and the same commit of this project, without local changes, give the same series.
#
# Each file *.patch below patches/ is one patch: its log message and its changes to the kernel's own files. The number in a name is its
# place in the series. Only the script knows what else belongs to some of them: the patch *-driver adds driver/ and docs/abi/,
# *-validate adds validate/, *-document and *-selftest add what is in patches/files/; *-remove removes the kernel's own driver and its
# option.
#
#   all        steps of the series "driver" for every kernel
#   until-7.2  its other steps for kernels that have no driver of their own
#   from-7.3   its other steps for kernels that have one
#   validate, cure  the series of these names
#
# "Fixes: @own@" in a message becomes the commit that added the kernel's own driver. It is left out if TREE has no such commit;
# otherwise the message also asks for the patch in the stable kernels.
# "@author@" in MAINTAINERS becomes the author of the series.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

tree=${1:-}
[ -n "$tree" ] || die "make patch needs the kernel tree to make the series for: make patch KERNEL=/path/to/linux."
[ -e "$tree/drivers/firmware/Kconfig" ] && [ -d "$tree/arch/arm64" ] || die "'$tree' is no kernel tree: it has no drivers/firmware/Kconfig, or no arch/arm64."
own=drivers/firmware/arm_sdei_nmi.c
series=${2:-driver}
driver="until-7.2 all"
[ ! -e "$tree/$own" ] || driver="from-7.3 all"
case $series in
driver) folders=$driver ;;
all) folders="$driver validate" ;;
validate)
	[ -e "$tree/drivers/firmware/sdei_nmi" ] || die "the kernel tree '$tree' does not have the driver, whose headers the series 'validate' uses; apply the series 'driver' first."
	[ ! -e "$tree/drivers/firmware/sdei_nmi_validate" ] || die "the kernel tree '$tree' has the firmware checks already."
	folders=validate
	;;
cure)
	[ -e "$tree/$own" ] || die "the kernel tree '$tree' has no $own, which the series 'cure' is for; Linux has it from 7.3 on."
	folders=cure
	;;
*)
	die "make patch has no series '$series'; it has 'driver', 'validate', 'cure', and 'all' for the first two."
	;;
esac
[ "$series" = validate ] || [ ! -e "$tree/drivers/firmware/sdei_nmi" ] || die "the kernel tree '$tree' has this driver already; make patch needs the tree without it."
command -v git >/dev/null || die "make patch needs git; install it."
git_name=$(git -C "$top" log -1 --format=%an 2>/dev/null) || die "$top is not a git checkout; make patch takes the author and date of the series from the last commit of a checkout."
git_email=$(git -C "$top" log -1 --format=%ae)
git_date=$(git -C "$top" log -1 --format=%ad --date=raw)
[ -z "$(git -C "$top" status --porcelain driver validate patches docs/abi)" ] || say "make patch: the series includes uncommitted changes in driver/, validate/, patches/ or docs/abi/"

work=$(mktemp -d) || die "the temporary folder can't be created; check whether the disk is full."
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

as_project() {
	bare_git -C "$work/tree" "$@"
}

# join FOLDER NAME: copies FOLDER of this project to drivers/firmware/NAME, without what only a module out of tree needs.
join() {
	(cd "$top/$1" && git ls-files -co --exclude-standard . ':!dkms.conf' ':!hook_module.c' ':!symbols.c' ':!regs.c' ':!pstate.h') | while read -r file; do
		[ ! -e "$top/$1/$file" ] || install -D -m 644 "$top/$1/$file" "$work/tree/drivers/firmware/$2/$file"
	done
	awk '
		/^ifdef KBUILD_EXTMOD$/ { out = 1; depth = 0; next }
		out && /^if/ { depth++ }
		out && depth && /^endif$/ { depth--; next }
		out && !depth && /^else$/ { out = 0; within = 1; next }
		(out || within) && !depth && /^endif$/ { out = within = 0; next }
		!out' "$top/$1/Kbuild" >"$work/tree/drivers/firmware/$2/Kbuild"
}

# place FILE TARGET [MODE]: copies a file of patches/files/ into the tree.
place() {
	install -D -m "${3:-644}" "$top/patches/files/$1" "$work/tree/$2"
}

# tried: the kernels in kernels.list that are built with the series.
tried() {
	sed 's/#.*//' "$top/kernels.list" | awk '$3 == "patched" || $3 == "cured" { list = list (list == "" ? "" : ", ") $2 } END { print list }'
}

# steps: the patches of the series, in their order. Their names have no blanks.
steps() {
	for folder in $folders; do
		find "$top/patches/$folder" -name '*.patch'
	done | awk -F / '{ print $(NF - 1) == "validate", $NF, $0 }' | sort | cut -d ' ' -f 3-
}

# The commit that added the kernel's own driver, if the tree is a checkout that has it.
own_commit=$(git -C "$tree" log -1 --abbrev=12 --diff-filter=A --format='%h ("%s")' -- "$own" 2>/dev/null | sed 's#[&/\\]#\\&#g')

author=$(printf '%s\n' "$git_name <$git_email>" | sed 's#[&/\]#\\&#g')

# remove_own: removes the kernel's own driver, its line in the Makefile, and its option. Only one file of MAINTAINERS' pattern is left.
remove_own() {
	rm "$work/tree/$own"
	sed -i 's#^\(F:	drivers/firmware/arm_sdei\)[*]$#\1.c#' "$work/tree/MAINTAINERS"
	sed -i '/CONFIG_ARM_SDEI_NMI/d' "$work/tree/drivers/firmware/Makefile"
	sed -i '/^config ARM_SDEI_NMI$/,/^config /{/^config ARM_SDEI_NMI$/d;/^config /!d}' "$work/tree/drivers/firmware/Kconfig"
}

# The scratch repository holds only the files that the series changes.
mkdir "$work/tree"
as_project init -q
# shellcheck disable=SC2046 # file names
set -- $(steps)
added=$(cat "$@" | awk '/^--- .dev.null$/ { getline; print substr($2, 3) }')
for file in $(cat "$@" | sed -n 's#^--- a/##p' | grep -vxF "${added:-none}" | sort -u) $([ ! -e "$tree/$own" ] || echo $own); do
	[ -e "$tree/$file" ] || die "the kernel tree '$tree' has no $file, which the series changes; it is too old or too new (tried: Linux $(tried))."
	mkdir -p "$work/tree/$(dirname "$file")"
	cp "$tree/$file" "$work/tree/$file"
done
as_project add -A
as_project commit -q -m base

for step; do
	# Neighbouring lines differ between kernel versions, so one line of context on each side has to match.
	sed "s/@author@/$author/" "$step" >"$work/step"
	! grep -q '^diff --git ' "$step" || as_project apply -C1 "$work/step" 2>"$work/errors" ||
		die "the step $(basename "$step") does not apply to the kernel tree '$tree': $(head -n 1 "$work/errors"); the series was tried on Linux $(tried)."
	case $step in
	*-remove.patch)
		remove_own
		;;
	*-driver.patch)
		join driver sdei_nmi
		mkdir -p "$work/tree/Documentation/ABI/testing"
		cp "$top"/docs/abi/* "$work/tree/Documentation/ABI/testing/"
		;;
	*-validate.patch)
		join validate sdei_nmi_validate
		;;
	*-document.patch)
		place sdei-nmi.rst Documentation/admin-guide/sdei-nmi.rst
		;;
	*-selftest.patch)
		place selftest.mk tools/testing/selftests/sdei_nmi/Makefile
		place selftest.settings tools/testing/selftests/sdei_nmi/settings
		place selftest.config tools/testing/selftests/sdei_nmi/config
		place selftest.sh tools/testing/selftests/sdei_nmi/sdei_nmi.sh 755
		;;
	esac
	as_project add -A
	{
		sed -e '/^diff --git /,$d' -e "s/@own@/$own_commit/" "$step" | awk '
			/^Fixes:/ { fixes = $0; next }
			/^$/ { blank++; next }
			{ while (blank) { print ""; blank-- } print }
			END { print ""; if (fixes ~ /[(]/) print fixes "\nCc: stable@vger.kernel.org" }'
		echo "Signed-off-by: $git_name <$git_email>"
	} | as_project commit -q -F -
done
as_project -c core.abbrev=12 format-patch -q --stdout --no-signature --root "HEAD~$#..HEAD"
