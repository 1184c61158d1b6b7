#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# patch.sh TREE: prints the series that builds the driver into a kernel, for the kernel tree in that folder, in the form that
# git am takes. The tree is read, never written. The same tree and the same commit of this project, with nothing changed since,
# give the same series.
#
# patches/ holds the steps: a log message, and the changes to the kernel's own files. The driver's folder joins its step whole, but
# for what only a module of its own needs, and with the descriptions of its files in sysfs and debugfs; so do the checks of
# validate/.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

tree=${1:-}
[ -n "$tree" ] || die "make patch needs the kernel tree to make the series for: make patch KERNEL=/path/to/linux."
[ -e "$tree/drivers/firmware/Kconfig" ] && [ -d "$tree/arch/arm64" ] || die "'$tree' is no kernel tree: it has no drivers/firmware/Kconfig, or no arch/arm64."
! grep -rqsw 'config ARM_SDEI_NMI' "$tree/drivers" "$tree/arch/arm64" --include='Kconfig*' ||
	die "the kernel tree '$tree' has an ARM_SDEI_NMI of its own already, so there is nothing to add; switch that on, or take the module."
command -v git >/dev/null || die "make patch needs git; install it."
git_name=$(git -C "$top" log -1 --format=%an 2>/dev/null) || die "make patch takes the series' author and date from this project's last commit, and $top is no git checkout."
git_email=$(git -C "$top" log -1 --format=%ae)
git_date=$(git -C "$top" log -1 --format=%ad --date=raw)
[ -z "$(git -C "$top" status --porcelain driver validate patches docs/abi)" ] || say "make patch: the series holds changes in driver/, validate/, patches/ or docs/abi/ that no commit of this project has"

work=$(mktemp -d) || die "no temporary folder can be made; is the disk full?"
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

as_project() {
	bare_git -C "$work/tree" "$@"
}

# join FOLDER NAME: a folder of ours, with all below it, as drivers/firmware/NAME.
join() {
	(cd "$top/$1" && git ls-files -co --exclude-standard . ':!dkms.conf') | while read -r file; do
		[ ! -e "$top/$1/$file" ] || install -D -m 644 "$top/$1/$file" "$work/tree/drivers/firmware/$2/$file"
	done
}

# With the files that the steps change alone the tree is small.
mkdir "$work/tree"
as_project init -q
for file in $(cat "$top"/patches/*.patch | sed -n 's#^--- a/##p' | sort -u); do
	[ -e "$tree/$file" ] || die "the kernel tree '$tree' has no $file, which the series changes; it is too old or too new for it."
	mkdir -p "$work/tree/$(dirname "$file")"
	cp "$tree/$file" "$work/tree/$file"
done
as_project add -A
as_project commit -q -m base

for step in "$top"/patches/*.patch; do
	# Other versions have other neighbours: one line of context on each side is to be the same.
	as_project apply -C1 "$step" 2>"$work/errors" ||
		die "the step $(basename "$step") does not fit the kernel tree '$tree': $(head -n 1 "$work/errors"); the series is made for 6.12 to 7.2."
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
as_project -c core.abbrev=12 format-patch -q --stdout --no-signature --root HEAD~6..HEAD
