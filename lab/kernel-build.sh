#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernel-build.sh NAME SERIES [patched|cured]: builds a kernel that Debian does not package, and prints its folder, which kernel.sh
# describes. The source is Debian's. The configuration is lab/kernels/base.config and NAME.config; all other options are off.
# A change of the source, the configuration or the recipe below builds the kernel again; an interrupted build continues.
#
# With "patched" or "cured", git am applies a series of make patch to the source, which stays in the folder's src. After a change of
# the series, make rebuilds the objects that depend on it. The folder is below out/, because the series belongs to this checkout.
set -eu
. "$(dirname "$0")/lib.sh"

usage='usage: kernel-build.sh NAME SERIES [patched|cured]'
name=${1:?$usage}
series=${2:?$usage}
case ${3:-} in
patched) patched=all ;;
cured) patched=cure ;;
'') patched= ;;
*) die "$usage" ;;
esac
kernels=$top/lab/kernels
[ -e "$kernels/$name.config" ] || die "kernels.list says that the lab builds '$name', but there is no lab/kernels/$name.config."
by_clang='' by_gcc=yes
if grep -qx CONFIG_CC_IS_CLANG=y "$kernels/$name.config"; then
	by_clang=yes by_gcc=''
	# The modules need it, too, so install it also for a kernel that is built.
	sh "$top/lab/host.sh" "$kernels/clang.packages"
fi

# A configuration with CONFIG_CC_IS_CLANG is built by clang, all others by Debian 12's gcc.
compile() {
	make -C "$source" ${patched:+"O=$tree"} -j2 ARCH=arm64 ${by_clang:+"LLVM=$llvm"} \
		${by_gcc:+CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc-12} \
		LOCALVERSION= KBUILD_BUILD_USER=sdei-nmi KBUILD_BUILD_HOST=lab "KCONFIG_ALLCONFIG=$folder/config" "$@"
}

# unpack: unpacks the source without parts that no configuration here compiles. Their Kconfig files are kept: Kconfig reads them.
unpack() {
	rm -rf "$folder"
	mkdir -p "$tree" "$source" "$folder/modules"
	xz -dc -T2 "$archive" | tar -x -C "$source" --strip-components=1 --exclude='*/Documentation/[!a]*/*' \
		--exclude='*/Documentation/a[!d]*/*' --exclude='*/Documentation/admin-guide/*/*' --exclude='*/tools/testing/[!ks]*' \
		--exclude='*/tools/testing/selftests/[!k]*/*' --exclude='*/tools/testing/selftests/kvm/*' \
		--exclude='*/arch/*/boot/dts/*' --exclude='*/drivers/gpu/*.[ch]' --exclude='*/drivers/net/*/*.[ch]' --exclude='*/sound/*.[ch]'
}

# check: prints the options that have another value than the configuration says. Kconfig drops an option silently if a dependency is
# missing. NAME.config overrides base.config, where =n means that the option is off.
check() {
	awk -F= '
		NR == FNR { has[$1] = $0; next }
		{ sub(/[ \t]*#.*/, "") }
		NF == 2 { value[$1] = $0 }
		END {
			for (name in value)
				if (value[name] != (name in has ? has[name] : name "=n"))
					printf "%s ", value[name]
		}' "$tree/.config" "$folder/config"
}

# prune: keeps only the files that building modules needs. The others take 2 GB.
prune() {
	find "$tree" -mindepth 1 -maxdepth 1 ! -name arch ! -name include ! -name scripts ! -name Makefile ! -name .config ! -name Module.symvers \
		-exec rm -rf {} +
	find "$tree/arch" -mindepth 1 -maxdepth 1 ! -name arm64 -exec rm -rf {} +
	find "$tree/arch" "$tree/scripts" -name '*.[coaS]' ! -path "$tree/scripts/module-common.c" -delete
}

# added: prints the files that the last series has added to the source.
added() {
	[ ! -e "$folder/series" ] || awk '/^--- .dev.null$/ { getline; print substr($2, 3) }' "$folder/series"
}

# mark: marks the kernel as not built, before its source changes.
mark() {
	rm -f "$folder/version" "$folder/configured"
}

# apply_series: applies the series to copies of the files that it changes, and copies only files that differ into the source, so
# that make rebuilds only what changed. pristine/ keeps the original files.
apply_series() {
	rm -rf "$folder/applied"
	mkdir -p "$folder/applied"
	added >"$folder/added"
	for file in $(cat "$top"/patches/*/*.patch | sed -n 's#^--- a/##p' | sort -u) drivers/firmware/arm_sdei_nmi.c; do
		[ -e "$source/$file" ] && [ ! -e "$folder/pristine/$file" ] && ! grep -qxF "$file" "$folder/added" || continue
		mkdir -p "$(dirname "$folder/pristine/$file")"
		cp -p "$source/$file" "$folder/pristine/$file"
	done
	cp -a "$folder/pristine/." "$folder/applied/"
	sh "$top/scripts/patch.sh" "$folder/pristine" "$patched" >"$folder/series.new" || die "the series for the kernel $name could not be made (see above)."
	(cd "$folder/applied" && bare_git init -q && bare_git add -A && bare_git commit -q -m base &&
		quietly "$cache/log/kernel-$name" bare_git am -q "$folder/series.new" && rm -rf .git) ||
		die "git am can't apply the series to the kernel $name (see above)."
	for file in $(cd "$folder/applied" && find . -type f); do
		cmp -s "$folder/applied/$file" "$source/$file" || put "$file"
	done
	(cd "$folder/pristine" && find . -type f) | cat - "$folder/added" | while read -r file; do
		[ -e "$folder/applied/$file" ] || [ ! -e "$source/$file" ] || { mark && rm -f "$source/$file" || die "$source/$file could not be removed."; }
	done || exit 1
	mv "$folder/series.new" "$folder/series"
}

put() {
	mark
	mkdir -p "$(dirname "$source/$1")"
	cp "$folder/applied/$1" "$source/$1" || die "the source of the kernel $name could not be changed; is the disk full?"
}

configure() {
	[ -e "$folder/unpacked" ] || quietly "$cache/log/kernel-$name" unpack || die "the kernel's source could not be unpacked; is the disk full?"
	touch "$folder/unpacked"
	[ -z "$patched" ] || apply_series
	cat "$kernels/base.config" "$kernels/$name.config" >"$folder/config"
	echo "CONFIG_LOCALVERSION=\"-$name\"" >>"$folder/config"
	quietly "$cache/log/kernel-$name" compile allnoconfig || die "the kernel $name could not be configured (see above)."
	dropped=$(check)
	[ -z "$dropped" ] || die "Kconfig of Linux $version dropped these options of lab/kernels/$name.config or base.config: $dropped"
	touch "$folder/configured"
}

build() {
	say "kernel: building $name from Debian's source $version, which takes minutes"
	sh "$top/lab/host.sh" "$kernels/host.packages"
	[ -e "$folder/configured" ] || configure
	quietly "$cache/log/kernel-$name" compile Image modules ||
		die "the kernel $name does not build: $(grep -m 1 -E 'error: |\*\*\* ' "$cache/log/kernel-$name" || echo 'see above')."
	compile -s kernelrelease >"$folder/version.new"
	cp "$tree/arch/arm64/boot/Image" "$folder/Image.new"
	mv "$folder/Image.new" "$folder/Image"
	find "$tree" -name '*.ko' -exec cp -t "$folder/modules" {} +
	mv "$folder/version.new" "$folder/version"
	[ -n "$patched" ] || prune
}

# recipe: prints all that decides the content of the kernel besides its source: functions of this script and the configuration.
recipe() {
	sed -n '/^\(compile\|unpack\|prune\)() {/,/^}/p' "$top/lab/kernel-build.sh"
	cat "$kernels/base.config" "$kernels/$name.config" | grep -E '^(# )?CONFIG_'
}

provide() {
	archive=$(sh "$top/lab/source.sh" "$series")
	version=$(basename "$archive" .tar.xz | sed 's/.*_//')
	kept=$cache
	[ -z "$patched" ] || kept=$out
	folder=$kept/kernel/$name-$version-$(recipe | cksum | cut -d ' ' -f 1)
	tree=$folder/build
	source=$tree
	if [ -n "$patched" ]; then
		source=$folder/src
		[ ! -e "$folder/unpacked" ] || apply_series
	fi
	[ -e "$folder/version" ] || build
	echo "$folder"
}
locked "kernel-$name" provide
