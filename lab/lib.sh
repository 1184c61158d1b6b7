# SPDX-License-Identifier: GPL-2.0
# Shared by the lab's scripts: folders, messages, locks, and how to call make and git.
# shellcheck shell=sh disable=SC2034 # other scripts use these variables

# The top of the tree: the nearest folder above the running script that has this file.
top=$(cd "$(dirname "$0")" && until [ -e lab/lib.sh ] || [ "$PWD" = / ]; do cd ..; done && pwd)
out=$top/out
cache=${SDEI_NMI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sdei-nmi}
kernel_default=6.12

# Flags of the make that called this script must not reach the makes of the kernel and of TF-A.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
# In a git hook, git sets these to the hook's own repository; the lab also runs git on other folders.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_CONFIG_PARAMETERS GIT_CONFIG_COUNT

say() {
	printf '%s\n' "$*" >&2
}

# die SENTENCE...: ends the script. The sentence says which step failed, what that means and what to do.
die() {
	printf 'sdei-nmi: %s\n' "$*" >&2
	exit 1
}

case $cache in
/*) ;;
*) die "the cache's path '$cache' is relative; set SDEI_NMI_CACHE to an absolute path." ;;
esac
case $top$cache in
*[!A-Za-z0-9/._+@~-]*) die "'$top' or '$cache' contains a character that kernel builds or QEMU don't accept in a path; move the checkout, or set SDEI_NMI_CACHE." ;;
esac

# Prints the elapsed time every ten seconds. When it is killed, its sleep goes on for one second at most.
beat() {
	beat_seconds=0
	while sleep 1 && kill -0 $$ 2>/dev/null; do
		beat_seconds=$((beat_seconds + 1))
		[ $((beat_seconds % 10)) != 0 ] || say "   ... $beat_seconds s"
	done
}

# quietly LOG COMMAND...: runs a long step with its output in LOG, and prints the end of LOG if the step fails. V=1 prints the
# output directly.
quietly() {
	quietly_log=$1
	shift
	if [ "${V:-0}" = 1 ]; then
		: >"$quietly_log"
		"$@" >&2
		return
	fi
	quietly_status=0
	beat >/dev/null 8>&- 9>&- &
	quietly_beat=$!
	"$@" >"$quietly_log" 2>&1 || quietly_status=1
	kill "$quietly_beat" 2>/dev/null
	wait "$quietly_beat" 2>/dev/null || true
	[ $quietly_status != 0 ] || return 0
	tail -n 25 "$quietly_log" >&2
	return 1
}

# locked NAME COMMAND...: runs COMMAND under the lock of the cache's part NAME. All checkouts of a user share the cache.
locked() {
	mkdir -p "$cache/lock" 2>/dev/null && [ -w "$cache/lock" ] ||
		die "the cache $cache is not writable; set SDEI_NMI_CACHE to a writable folder."
	locked_name=$1
	shift
	(
		flock -w 10 9 || {
			say "waiting for another run to finish filling $cache ($locked_name)"
			flock -w 1800 9 || die "another run has held $cache/lock/$locked_name for half an hour; end it and try again."
		}
		"$@"
	) 9>"$cache/lock/$locked_name"
}

# alone: takes the lock of out/ until the script ends, so that one run at a time builds and tests there.
alone() {
	mkdir -p "$out"
	exec 8>"$out/lock"
	flock -n 8 || die "another run is using $out; wait for it to end, or use a second checkout."
}

# bare_git ARGUMENT...: runs git on the lab's own folders, without the user's configuration.
bare_git() {
	env GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME="${git_name:-lab}" GIT_AUTHOR_EMAIL="${git_email:-lab}" \
		GIT_COMMITTER_NAME="${git_name:-lab}" GIT_COMMITTER_EMAIL="${git_email:-lab}" ${git_date:+"GIT_AUTHOR_DATE=$git_date" "GIT_COMMITTER_DATE=$git_date"} \
		git "$@"
}

# The clang that builds kernels: the newest of Debian 12. lab/kernels/clang.packages has its packages.
llvm=-19

# kbuild FOLDER ARGUMENT...: runs make in the build folder of a kernel from kernel.sh, with the compiler that built that kernel.
# The modules get no BTF, so any version of pahole works.
kbuild() {
	kbuild_folder=$1
	shift
	if grep -qx CONFIG_CC_IS_CLANG=y "$kbuild_folder/.config"; then
		make -C "$kbuild_folder" ARCH=arm64 "LLVM=$llvm" "$@"
		return
	fi
	kbuild_gcc=$(sed -n 's/^CONFIG_GCC_VERSION=\([0-9]*\)[0-9]\{4\}$/\1/p' "$kbuild_folder/.config")
	kbuild_pahole=$(sed -n 's/^CONFIG_PAHOLE_VERSION=//p' "$kbuild_folder/.config")
	env PATH="${kbuild_folder%/build}/toolchain/usr/bin:$PATH" make -C "$kbuild_folder" ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- \
		"CC=aarch64-linux-gnu-gcc-$kbuild_gcc" CONFIG_DEBUG_INFO_BTF_MODULES= "PAHOLE_VERSION=$kbuild_pahole" "$@"
}
