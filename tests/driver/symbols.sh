# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
. /payload/tests/driver/main.sh

# refused "MODULE [PARAMETER]" ERRNO-TEXT LOG-TEXT: fails unless the module refuses to load and one log line says why and that nothing was changed.
refused() {
	mark refused
	# shellcheck disable=SC2086 # a module and its parameters
	if refused_says=$(insmod $1 2>&1); then
		fail "$1 was loaded"
	fi
	case $refused_says in
	*"$2"*) ;;
	*) fail "insmod said '$refused_says', not '$2'" ;;
	esac
	# The insmod of busybox tries two system calls, so the log may have each line twice, with another CPU and other values.
	refused_lines=$(log | grep '^sdei_nmi: ' | grep -v 'taints kernel\|tainting kernel' | sed 's/CPU [0-9]*/CPU N/; s/was [0-9a-fx]* before the event and [0-9a-fx]* after/was X/' | sort -u | wc -l)
	[ "$refused_lines" = 1 ] || fail "$refused_lines lines of log say why, not 1"
	log | grep -q '^sdei_nmi: .*; nothing was changed$' || fail "the log does not say that nothing was changed"
	log | grep -qF "$3" || fail "the log does not say: $3"
	[ ! -d /sys/module/sdei_nmi ] || fail "the module is still there"
}

# The same module with one name in its table replaced by a name that no kernel has.
missing_function() {
	kernel_unchanged refused sdei_nmi_without_walk.ko 'unknown symbol' 'this kernel has no function arch_stack_wolk'
}
