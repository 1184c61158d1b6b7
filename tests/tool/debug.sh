# SPDX-License-Identifier: GPL-2.0
# Small files that stand for a kernel and a module with debug information, and stacks in them. The cross compiler makes the files, or the
# host's own compiler where there is no cross compiler. Read by tool.sh, after machine.sh.
# shellcheck shell=sh disable=SC2154

# serving_with_lines: the machine of serving, and the kernel's and the module's files in $work/debug.
serving_with_lines() {
	serving
	rm -f "$work/wanted"
	prefix=aarch64-linux-gnu-
	command -v ${prefix}gcc >/dev/null || prefix=
	[ ! -e "$work/debug/vmlinux" ] || return 0
	mkdir -p "$work/debug/src"
	cat >"$work/debug/src/core.c" <<-'END'
		extern int gate;

		static inline __attribute__((always_inline)) void relax(void)
		{
			gate++;
			asm volatile("nop" ::: "memory");
		}

		static inline __attribute__((always_inline)) void pause_here(void)
		{
			relax();
		}

		__attribute__((noinline)) void spin(void)
		{
			gate = 5;
			asm volatile("nop" ::: "memory");
			pause_here();
			gate = 6;
			asm volatile("nop" ::: "memory");
		}

		static __attribute__((noinline)) void helper(void)
		{
			gate = 7;
			asm volatile("nop" ::: "memory");
			gate = 8;
		}

		static __attribute__((noinline)) void twin(void)
		{
			gate = 9;
			asm volatile("nop" ::: "memory");
			gate = 10;
		}

		void other(void);

		void thread(void)
		{
			helper();
			twin();
			spin();
			other();
			gate = 1;
		}

		void el1h_64_irq(void)
		{
			thread();
			gate = 2;
		}

		__attribute__((cold)) void rare(void)
		{
			gate = 3;
			asm volatile("nop" ::: "memory");
			gate = 4;
		}
	END
	cat >"$work/debug/src/other.c" <<-'END'
		extern int gate;

		static __attribute__((noinline)) void helper(void)
		{
			asm volatile("nop\n\tnop" ::: "memory");
			gate = 11;
			asm volatile("nop\n\tnop" ::: "memory");
			gate = 12;
		}

		static __attribute__((noinline)) void twin(void)
		{
			gate = 13;
			asm volatile("nop" ::: "memory");
			gate = 14;
		}

		void other(void)
		{
			helper();
			twin();
			gate = 15;
		}
	END
	(
		cd "$work/debug"
		for name in core other; do
			"${prefix}"gcc -g -O1 -ffreestanding -fno-pic -fno-optimize-sibling-calls -fno-asynchronous-unwind-tables -c "src/$name.c" -o $name.o
		done
		"${prefix}"ld -r -o wedge-spin.ko core.o other.o
		"${prefix}"ld -e thread --defsym=gate=0x600000 -o vmlinux.new core.o other.o
		mv vmlinux.new vmlinux
	) || fail "the files with debug information can't be built"
}

# entry FILE FUNCTION HOW [MODULE]: sets entry to one that lines.py picks, and adds the lines that the tool has to print for it to wanted.
entry() {
	(cd "$work/debug" && python3 "$here/lines.py" "$prefix" "$@") >"$work/picked" || fail "no entry of $* was found"
	entry=$(head -n 1 "$work/picked")
	sed -e 1d -e 's/^/    /' "$work/picked" >>"$work/wanted"
}

# plain ENTRY: an entry that has to have no line.
plain() {
	entry=$1
	echo "    $1" >>"$work/wanted"
}

# snapshot_begins [PC]: CPU 1 has a stack, which begins with the place PC if there is one. stack_has ENTRY adds an entry.
snapshot_begins() {
	printf 'sdei_nmi stacks 1\ntaken_ns: 5000\nonline: 1\naddresses: shown\n\ncpu: 1\nstate: kernel\ninterrupts: off\ntask: spin/1\npid: 167\n' >"$snapshot"
	[ $# = 0 ] || echo "pc: ffff80007ab3a600 $1" >>"$snapshot"
	echo stack: >>"$snapshot"
	[ $# = 0 ] || stack_has "$1"
}

stack_has() {
	echo " ffff80007ab3a600 $1" >>"$snapshot"
}

# stack_is_as_wanted: the stack that was printed is that of wanted.
stack_is_as_wanted() {
	grep '^    ' "$work/out" | cmp -s - "$work/wanted" || fail "the stack differs: $(grep '^    ' "$work/out" | diff "$work/wanted" -)"
}

# says_nothing: there is no message.
says_nothing() {
	[ ! -s "$work/err" ] || fail "there is a message: $(cat "$work/err")"
}

# says SENTENCE: this is the only message.
says() {
	[ "$(cat "$work/err")" = "sdei-nmi: $1" ] || fail "not '$1' but: $(cat "$work/err")"
}

# mixed_stack: a stack in the kernel and in the module.
mixed_stack() {
	entry wedge-spin.ko spin exact wedge_spin
	snapshot_begins "$entry"
	for pick in 'wedge-spin.ko thread call wedge_spin' 'wedge-spin.ko rare call wedge_spin' 'wedge-spin.ko spin inlined wedge_spin' \
		'vmlinux thread call' 'vmlinux helper,0 call' 'vmlinux helper,1 call' 'vmlinux el1h_64_irq call' 'vmlinux spin exact' 'vmlinux spin inlined'; do
		# shellcheck disable=SC2086 # words
		entry $pick
		stack_has "$entry"
	done
	echo ' ffff80007ab3a600 ?' >>"$snapshot"
	echo '    ffff80007ab3a600' >>"$work/wanted"
}

# installed PATH...: in these files of the machine are the kernel and the module.
installed() {
	for path; do
		mkdir -p "$root/$(dirname "$path")"
		case $path in
		*vmlinux*) cp "$work/debug/vmlinux" "$root/$path" ;;
		*.xz) xz -c "$work/debug/wedge-spin.ko" >"$root/$path" ;;
		*.debug) "${prefix}"objcopy --only-keep-debug "$work/debug/wedge-spin.ko" "$root/$path" ;;
		*) cp "$work/debug/wedge-spin.ko" "$root/$path" ;;
		esac
	done
}
