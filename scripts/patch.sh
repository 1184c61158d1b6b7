#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# patch.sh TREE: prints the series that builds the driver into the kernel tree TREE, in the form that git am takes.
#
# The script only reads TREE. The same tree and the same commit of this project, without local changes, give the same series.
#
# Each file in patches/ is one patch of the series: its log message and its changes to the kernel's own files. The script adds
# driver/ and docs/abi/ to the patch *-driver, and validate/ to the patch *-validate. It leaves out files that only a module out of
# tree needs.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

tree=${1:-}
[ -n "$tree" ] || die "make patch needs the kernel tree to make the series for: make patch KERNEL=/path/to/linux."
[ -e "$tree/drivers/firmware/Kconfig" ] && [ -d "$tree/arch/arm64" ] || die "'$tree' is no kernel tree: it has no drivers/firmware/Kconfig, or no arch/arm64."
! grep -rqsw 'config ARM_SDEI_NMI' "$tree/drivers" "$tree/arch/arm64" --include='Kconfig*' ||
	die "the kernel tree '$tree' has an ARM_SDEI_NMI of its own already, so the series does not apply; enable that option, or use the module."
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

# join FOLDER NAME: copies FOLDER of this project to drivers/firmware/NAME.
join() {
	(cd "$top/$1" && git ls-files -co --exclude-standard . ':!dkms.conf') | while read -r file; do
		[ ! -e "$top/$1/$file" ] || install -D -m 644 "$top/$1/$file" "$work/tree/drivers/firmware/$2/$file"
	done
}

# tried: the kernels in kernels.list that are built with the series.
tried() {
	sed 's/#.*//' "$top/kernels.list" | awk '$3 == "patched" { list = list (list == "" ? "" : ", ") $2 } END { print list }'
}

# The scratch repository holds only the files that the series changes.
mkdir "$work/tree"
as_project init -q
for file in $(cat "$top"/patches/*.patch | sed -n 's#^--- a/##p' | sort -u); do
	[ -e "$tree/$file" ] || die "the kernel tree '$tree' has no $file, which the series changes; it is too old or too new (tried: Linux $(tried))."
	mkdir -p "$work/tree/$(dirname "$file")"
	cp "$tree/$file" "$work/tree/$file"
done
as_project add -A
as_project commit -q -m base

for step in "$top"/patches/*.patch; do
	# Neighbouring lines differ between kernel versions, so one line of context on each side has to match.
	as_project apply -C1 "$step" 2>"$work/errors" ||
		die "the step $(basename "$step") does not apply to the kernel tree '$tree': $(head -n 1 "$work/errors"); the series was tried on Linux $(tried)."
	case $step in
	*-driver.patch)
		join driver sdei_nmi
		mkdir -p "$work/tree/Documentation/ABI/testing"
		cp "$top"/docs/abi/* "$work/tree/Documentation/ABI/testing/"
		;;
	*-validate.patch)
		join validate sdei_nmi_validate
		;;
	esac
	as_project add -A
	{
		sed '/^diff --git /,$d' "$step"
		echo "Signed-off-by: $git_name <$git_email>"
	} | as_project commit -q -F -
done
steps=$(find "$top/patches" -name '*.patch' | wc -l)
as_project -c core.abbrev=12 format-patch -q --stdout --no-signature --root "HEAD~$steps..HEAD"
