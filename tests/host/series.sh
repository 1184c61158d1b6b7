#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# series.sh KERNEL: tests the series of make patch on the source of a kernel that is "patched" or "cured" in kernels.list: git am
# applies it, checkpatch finds nothing, each step builds without new warnings and links, and with the option off the object code does
# not change. Runs on the host and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"

kernel=${1:?usage: series.sh KERNEL}
folder=$(sh "$top/lab/kernel.sh" "$kernel")
sh "$top/lab/host.sh" "$top/lab/kernels/host.packages"
work=$folder/check
pristine=$work/pristine
series=$work/series
case $(sed 's/#.*//' "$top/kernels.list" | awk -v name="$kernel" '$1 == name { print $3 }') in
patched) which=all options='ARM_SDEI_NMI ARM_SDEI_NMI_VALIDATE' ;;
cured) which=cure options=ARM_SDEI_NMI ;;
*) die "kernels.list builds '$kernel' with no series of make patch." ;;
esac
steps=$(grep -c '^From [0-9a-f]* ' "$folder/series")

# step N: brings the source to step N; 0 is the source before the first step.
step() {
	bare_git -C "$work/git" checkout -q "step$1"
	rm -rf "$work/src/drivers/firmware/sdei_nmi" "$work/src/drivers/firmware/sdei_nmi_validate"
	[ -e "$work/git/drivers/firmware/arm_sdei_nmi.c" ] || rm -f "$work/src/drivers/firmware/arm_sdei_nmi.c"
	(cd "$work/git" && find . -path ./.git -prune -o -type f -print) | while read -r file; do
		mkdir -p "$(dirname "$work/src/$file")"
		cmp -s "$work/git/$file" "$work/src/$file" || { rm -f "$work/src/$file" && cp "$work/git/$file" "$work/src/$file"; }
	done
}

compile() {
	compile_in=$1
	shift
	make -C "$work/src" "O=$work/$compile_in" -j2 ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- CC=aarch64-linux-gnu-gcc-12 "$@"
}

# configure FOLDER BASE FILE: makes the configuration BASE with the lines of FILE. Fails if make drops one of these lines.
configure() {
	mkdir -p "$work/$1"
	compile "$1" "KCONFIG_ALLCONFIG=$3" "$2"
	case $2 in
	*defconfig) cat "$3" >>"$work/$1/.config" && compile "$1" olddefconfig ;;
	esac
	! grep -vxF -f "$work/$1/.config" "$3" | grep '^CONFIG_'
}

# The objects that the series changes, and the driver once it is there.
objects='drivers/firmware/arm_sdei.o lib/dump_stack.o lib/nmi_backtrace.o arch/arm64/kernel/smp.o arch/arm64/kernel/process.o'

# driver: prints what the option adds to the kernel at this step.
driver() {
	[ ! -e "$work/src/drivers/firmware/arm_sdei_nmi.c" ] || echo drivers/firmware/arm_sdei_nmi.o
	[ ! -d "$work/src/drivers/firmware/sdei_nmi" ] || echo drivers/firmware/sdei_nmi/
	[ ! -d "$work/src/drivers/firmware/sdei_nmi_validate" ] || echo drivers/firmware/sdei_nmi_validate/
}

same_twice() {
	find "$pristine" -type f -exec cksum {} + | sort >"$work/before"
	sh "$top/scripts/patch.sh" "$pristine" "$which" >"$work/first"
	sh "$top/scripts/patch.sh" "$pristine" "$which" >"$work/second"
	find "$pristine" -type f -exec cksum {} + | sort | cmp - "$work/before"
	cmp "$work/first" "$work/second"
	cmp "$work/first" "$series"
}

# validate_follows: on the tree with the driver, make patch prints the step for the firmware checks that the whole series has.
validate_follows() {
	bare_git -C "$work/git" checkout -q "step$((steps - 1))"
	sh "$top/scripts/patch.sh" "$work/git" validate >"$work/validate"
	bare_git -C "$work/git" am -q "$work/validate"
	bare_git -C "$work/git" diff --exit-code HEAD "step$steps"
}

# says_why TREE SERIES SENTENCE: make patch prints no series, and one line with this sentence.
says_why() {
	if sh "$top/scripts/patch.sh" "$1" "$2" >"$work/nothing" 2>"$work/why"; then
		return 1
	fi
	[ ! -s "$work/nothing" ] && grep "^sdei-nmi: .*$3" "$work/why" && [ "$(wc -l <"$work/why")" = 1 ]
}

refuses() {
	says_why '' '' 'make patch needs the kernel tree' && says_why "$top" '' 'is no kernel tree' &&
		says_why "$pristine" both "has no series 'both'" && says_why "$pristine" validate 'does not have the driver' || return 1
	[ "$which" = cure ] || says_why "$folder/src" '' 'has this driver already' || return 1
	[ "$which" = cure ] || says_why "$folder/src" validate 'has the firmware checks already' || return 1
	[ -e "$pristine/drivers/firmware/arm_sdei_nmi.c" ] || says_why "$pristine" cure "which the series 'cure' is for"
}

# mails: splits the series into one numbered file for each step.
mails() {
	rm -rf "$work/mails"
	mkdir "$work/mails"
	[ "$(git mailsplit "-o$work/mails" "$series")" = "$steps" ]
}

applies() {
	mails
	rm -rf "$work/git"
	cp -a "$pristine" "$work/git"
	bare_git -C "$work/git" init -q
	bare_git -C "$work/git" add -A
	bare_git -C "$work/git" commit -q -m base
	bare_git -C "$work/git" tag step0
	for mail in $(seq "$steps"); do
		bare_git -C "$work/git" am -q "$work/mails/$(printf %04d "$mail")"
		bare_git -C "$work/git" tag "step$mail"
	done
}

# checkpatch asks about MAINTAINERS for each new file. arch/arm64/ has an entry there, and the other steps change MAINTAINERS.
checkpatch_clean() {
	for mail in "$work"/mails/*; do
		perl "$folder/src/scripts/checkpatch.pl" --no-tree --strict --terse --show-types --no-summary --ignore FILE_PATH_CHANGES "$mail" || return 1
	done
}

# Each function that masks SDEI on a CPU for good, in a stop and in a crash, tells the driver before, so that the CPU is not signalled
# afterwards. With the series "cure", the function of the SDEI core that masks SDEI does so.
stopping_cpus_say_so() {
	if [ "$which" = cure ]; then
		grep -B 1 SDEI_1_0_FN_SDEI_PE_MASK, "$work/git/drivers/firmware/arm_sdei.c" | grep -q 'sdei_signal_close_wait('
		return
	fi
	awk '
		/^}/ { said = 0 }
		/sdei_nmi_stop_(self|prepare)\(/ { said = 1 }
		/sdei_mask_local_cpu\(\);/ && ++masks && !said && ++silent { print "line " FNR " masks SDEI, and nothing tells the driver" }
		END { print masks + 0 " functions mask SDEI"; exit masks < 2 || silent }' "$work/git/arch/arm64/kernel/smp.c"
}

# warnings FILE: its warnings without line numbers, which move.
warnings() {
	grep -E 'warning:|error:' "$1" | sed -e 's/:[0-9]*:[0-9]*:/:/' -e "s#.*/src/##" | sort -u
}

each_step_builds() {
	configure steps allnoconfig "$folder/config" || true # the first ones have no such option
	for n in $(seq 0 "$steps"); do
		step "$n"
		compile steps "KCONFIG_ALLCONFIG=$folder/config" allnoconfig
		# shellcheck disable=SC2046,SC2086 # lists of names
		compile steps W=1 C=2 CHECK=sparse $objects $(driver) >"$work/log$n" 2>&1 || { cat "$work/log$n" && return 1; }
		compile steps vmlinux >>"$work/log$n" 2>&1 || { cat "$work/log$n" && return 1; }
		warnings "$work/log$n" >"$work/warnings$n"
		comm -13 "$work/warnings0" "$work/warnings$n" >"$work/new"
		[ ! -s "$work/new" ] || { echo "step $n brings:" && cat "$work/new" && return 1; }
	done
	grep -qx 'CONFIG_ARM_SDEI_NMI=y' "$work/steps/.config"
}

# code FOLDER: checksums of the objects' instructions and data, without sections that hold line numbers.
code() {
	for object in $compared; do
		for section in .text .init.text .data .rodata; do
			aarch64-linux-gnu-objcopy -O binary --only-section="$section" "$work/$1/$object" "$work/section" 2>/dev/null || : >"$work/section"
			echo "$object $section $(cksum <"$work/section")"
		done
	done
}

off_is_as_before() {
	# __show_regs() is split.
	compared=${objects% arch/arm64/kernel/process.o}
	# Linux 7.3 builds sdei_event_signal() in any case, and both series change it.
	[ ! -e "$pristine/drivers/firmware/arm_sdei_nmi.c" ] || compared=${compared#*arm_sdei.o}
	grep -v ARM_SDEI_NMI "$folder/config" >"$work/off.config"
	for n in 0 "$steps"; do
		step "$n"
		configure off allnoconfig "$work/off.config"
		# shellcheck disable=SC2086
		compile off $objects
		code off >"$work/code$n"
	done
	! grep -q 'ARM_SDEI_NMI.*=y' "$work/off/.config" && grep -v ' 4294967295 0$' "$work/code0" && diff "$work/code0" "$work/code$steps"
}

# on_top_of BASE: BASE with only the options that this one needs. Everything that the option adds compiles; allnoconfig also links.
on_top_of() {
	step "$steps"
	# shellcheck disable=SC2086 # a list of names
	printf 'CONFIG_%s=y\n' ARM_SDE_INTERFACE $options >"$work/option.config"
	# EXPERT also switches printk off in allnoconfig.
	[ "$1" != allnoconfig ] || echo CONFIG_EXPERT=y >>"$work/option.config"
	configure "$1" "$1" "$work/option.config"
	targets="$objects $(driver)"
	[ "$1" != allnoconfig ] || targets=vmlinux
	# shellcheck disable=SC2086
	compile "$1" $targets >"$work/log" 2>&1 || { cat "$work/log" && return 1; }
	warnings "$work/log" >"$work/warnings"
	! grep . "$work/warnings"
}

# kunit_runs: the kernel's own runner builds the last step, boots it in QEMU without SDEI, and all suites of the driver pass.
kunit_runs() {
	step "$steps"
	# The lab's source has no device trees, and the runner makes all.
	mkdir -p "$work/src/arch/arm64/boot/dts"
	[ -e "$work/src/arch/arm64/boot/dts/Makefile" ] || : >"$work/src/arch/arm64/boot/dts/Makefile"
	suites=$(sed -n 's/^kunit_test_suites(\(.*\));$/\1/p' "$top/driver/selftest/kunit.c" | tr , '\n' | wc -l)
	(cd "$work/src" && timeout 1800 ./tools/testing/kunit/kunit.py run --arch arm64 --cross_compile aarch64-linux-gnu- --jobs 2 --timeout 600 \
		--build_dir "$work/kunit" --kunitconfig drivers/firmware/sdei_nmi </dev/null) >"$work/log" 2>&1 || { tail -n 40 "$work/log" && return 1; }
	[ "$(grep -c '\[PASSED\] sdei_nmi_' "$work/log")" = "$suites" ] || { cat "$work/log" && return 1; }
}

rm -rf "$work"
mkdir -p "$work"
# Other jobs make the series for the same kernel at the same time and can change its source. The snapshot is links to the files, and
# a step replaces a link instead of writing through it.
snapshot() {
	cp -al "$folder/src" "$work/src"
	cp -a "$folder/pristine" "$pristine"
	cp "$folder/series" "$series"
}
locked "kernel-$kernel" snapshot
checks=11
[ "$which" != cure ] || checks=9 # two are only for the driver
ktap_begin $checks
ktap_check same_twice same_twice
ktap_check refuses refuses
ktap_check applies applies
[ "$which" = cure ] || ktap_check validate_follows validate_follows
ktap_check stopping_cpus_say_so stopping_cpus_say_so
ktap_check checkpatch checkpatch_clean
ktap_check each_step_builds each_step_builds
ktap_check off_is_as_before off_is_as_before
ktap_check allnoconfig on_top_of allnoconfig
ktap_check defconfig on_top_of defconfig
[ "$which" = cure ] || ktap_check kunit kunit_runs
rm -rf "$work/src" "$work"/kunit "$work"/steps "$work"/off "$work"/allnoconfig "$work"/defconfig
exit $ktap_failed
