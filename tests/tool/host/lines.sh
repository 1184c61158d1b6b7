# SPDX-License-Identifier: GPL-2.0
# sdei-nmi stacks --lines and diff --lines, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh, machine.sh and debug.sh are read in before

# A return address has the line of the call. An address at which a CPU was stopped has its own line.
lines_are_those_of_the_compiler() {
	serving_with_lines
	mixed_stack
	grep -q '(inlined) relax src/core.c:5' "$work/wanted" && grep -q '(inlined) pause_here src/core.c:11' "$work/wanted" || fail "nothing was inlined: $(cat "$work/wanted")"
	run 0 stacks "--lines=$work/debug"
	stack_is_as_wanted
	says_nothing
	run 0 stacks "--lines=$work/debug" --json
	valid stacks
	json 'd["cpus"][0]["pc"]["line"] == d["cpus"][0]["stack"][0]["line"] and d["cpus"][0]["stack"][0]["file"] == "src/core.c"'
	json 'd["cpus"][0]["stack"][3]["inlined"] == [{"function": "relax", "file": "src/core.c", "line": 5}, {"function": "pause_here", "file": "src/core.c", "line": 11}]'
	json '"file" not in d["cpus"][0]["stack"][10] and d["cpus"][0]["stack"][0]["inlined"] == []'
	# Without --lines nothing is added.
	run 0 stacks
	no_out 'src/core.c'
	run 0 stacks --json
	no_out '"file"'
	no_out '"inlined"'
}

# The CPU that takes the snapshot has no pc: its stack begins with a return address.
lines_of_a_stack_without_a_pc() {
	serving_with_lines
	snapshot_begins
	entry vmlinux spin call
	stack_has "$entry"
	run 0 stacks "--lines=$work/debug"
	stack_is_as_wanted
}

# The call that ends a function has a return address in the next function. The caller is not known then.
lines_of_a_call_that_ends_a_function() {
	serving_with_lines
	entry vmlinux thread whole
	snapshot_begins "$entry"
	plain "$entry"
	stack_has "$entry"
	# But an exception can come at the first instruction.
	entry vmlinux el1h_64_irq call
	stack_has "$entry"
	entry vmlinux thread whole
	stack_has "$entry"
	run 0 stacks "--lines=$work/debug"
	stack_is_as_wanted
	says_nothing
}

lines_of_files_where_packages_put_them() {
	serving_with_lines
	mixed_stack
	release=6.12.0-test
	debug=usr/lib/debug/lib/modules/$release
	for paths in "$debug/vmlinux $debug/kernel/a/wedge-spin.ko" "usr/lib/debug/boot/vmlinux-$release $debug/kernel/wedge_spin.ko.debug" \
		"lib/modules/$release/build/vmlinux lib/modules/$release/updates/dkms/wedge-spin.ko.xz"; do
		rm -rf "${root:?}/usr" "${root:?}/lib"
		# shellcheck disable=SC2086 # words
		installed $paths
		run 0 stacks --lines
		stack_is_as_wanted
		says_nothing
	done
	# Of another machine, by the release in the file.
	run 0 stacks -o "$work/file"
	put proc/sys/kernel/osrelease '6.1.0-other\n'
	run 0 stacks --lines -F "$work/file"
	stack_is_as_wanted
	says_nothing
	# A file without debug information, such as Debian's vmlinux of the headers, hides none that has it.
	"${prefix}"strip -g -o "$root/stripped" "$work/debug/vmlinux"
	mkdir -p "$root/$debug"
	mv "$root/stripped" "$root/$debug/vmlinux"
	run 0 stacks --lines -F "$work/file"
	stack_is_as_wanted
	says_nothing
}

lines_of_functions_with_one_name() {
	serving_with_lines
	snapshot_begins
	# Two of the same size.
	for which in 0 1; do
		entry vmlinux "twin,$which" call
		sed -i '$d' "$work/wanted"
		plain "$entry"
		stack_has "$entry"
	done
	[ "$(sed 's,.*/,,' "$work/wanted" | sort -u | wc -l)" = 1 ] || fail "the functions differ in size: $(cat "$work/wanted")"
	# Two of different sizes.
	for which in 0 1; do
		entry vmlinux "helper,$which" call
		stack_has "$entry"
	done
	run 0 stacks "--lines=$work/debug"
	stack_is_as_wanted
	says_nothing
}

# Nothing is taken from a file in which a function has another size, for the entries before that function either.
lines_of_another_build() {
	serving_with_lines
	entry vmlinux spin exact
	plain "$entry"
	sed -i 1d "$work/wanted"
	snapshot_begins "$entry"
	entry wedge-spin.ko spin call wedge_spin
	stack_has "$entry"
	entry vmlinux thread call
	sed -i '$d' "$work/wanted"
	size=$((${entry#*/} + 4))
	plain "${entry%/*}/$(printf '0x%x' $size)"
	stack_has "$entry"
	run 0 stacks "--lines=$work/debug"
	stack_is_as_wanted
	says "$work/debug/vmlinux is of another build: thread has $((size - 4)) bytes there and $size in the snapshot, so no lines are taken from it; name the folder with the right file by --lines=DIR."
	# A function that the file lacks is no sign of that.
	rm "$work/wanted"
	plain bpf_prog_6deef7357e7b4530_handle+0x10/0x40
	snapshot_begins "$entry"
	stack_has "${entry}0"
	entry vmlinux spin call
	stack_has "$entry"
	run 0 stacks "--lines=$work/debug"
	[ "$(grep -c 'has no function bpf_prog_6deef7357e7b4530_handle, so that has no line; if it is not a BPF program' "$work/err")" = 1 ] &&
		[ "$(wc -l <"$work/err")" = 1 ] || fail "it is not one sentence: $(cat "$work/err")"
	out "$(tail -n 1 "$work/wanted")"
}

# Messages name all that is missing, once, and nothing else is missing in the output.
lines_without_debug_information() {
	serving_with_lines
	run 0 stacks
	cp "$work/out" "$work/without"
	run 0 stacks --lines
	cmp -s "$work/without" "$work/out" || fail "the output differs: $(diff "$work/without" "$work/out")"
	says 'there is no debug information for vmlinux, wedge.ko, sdei_nmi.ko, so stacks lack lines; Debian has it in the package linux-image-6.12.0-test-dbg, except for sdei_nmi.ko, which no package has, and --lines=DIR names another folder.'
	# Of CPU 1 only: it is not in sdei_nmi.ko.
	run 0 stacks --lines -c 1
	says 'there is no debug information for wedge.ko, vmlinux, so stacks lack lines; Debian has it in the package linux-image-6.12.0-test-dbg, and --lines=DIR names another folder.'
	run 0 stacks --lines -w 0 -n 3
	[ "$(wc -l <"$work/err")" = 1 ] || fail "it is not said once: $(cat "$work/err")"
	run 0 stacks --lines -o "$work/file"
	run 0 stacks "--lines=$root" -F "$work/file"
	err 'there is no debug information for vmlinux, wedge.ko, sdei_nmi.ko, '
	# The module of the driver alone.
	snapshot_begins 'stacks_open+0x10/0x80 [sdei_nmi]'
	run 0 stacks --lines
	says 'there is no debug information for sdei_nmi.ko, so stacks lack lines; no package has it, so build the module yourself and name its folder by --lines=DIR.'
	# Files of another kernel do not count.
	installed usr/lib/debug/lib/modules/6.1.0/vmlinux
	snapshot_begins 'spin+0x10/0x80'
	run 0 stacks --lines
	says 'there is no debug information for vmlinux, so stacks lack lines; Debian has it in the package linux-image-6.12.0-test-dbg, and --lines=DIR names another folder.'
	# A release that is not known, or that leads elsewhere.
	for release in '' '../6.1.0\n'; do
		put proc/sys/kernel/osrelease "$release"
		run 0 stacks --lines
		says 'the snapshot does not name its kernel, so stacks lack lines; name the folder with vmlinux and the modules by --lines=DIR.'
		out 'spin+0x10/0x80'
	done
}

# A damaged file is named, and loses nothing: the stack is there, with the lines of the other file.
lines_of_damaged_files() {
	serving_with_lines
	entry wedge-spin.ko spin call wedge_spin
	plain "$entry"
	sed -i 1d "$work/wanted"
	snapshot_begins
	stack_has "$entry"
	entry vmlinux spin call
	stack_has "$entry"
	rm -rf "$work/damaged"
	mkdir -p "$work/damaged"
	cp "$work/debug/vmlinux" "$work/damaged/"
	size=$(wc -c <"$work/debug/wedge-spin.ko")
	bad=$work/damaged/wedge_spin.ko
	for part in 0 1 16 63 64 100 $((size / 4)) $((size / 2)) $((size * 3 / 4)) $((size - 1)); do
		head -c "$part" "$work/debug/wedge-spin.ko" >"$bad"
		run 0 stacks "--lines=$work/damaged"
		stack_is_as_wanted
		[ "$(grep -c "^sdei-nmi: $bad can't be used for source lines: .*; replace it by a good copy\.\$" "$work/err")" = 1 ] &&
			[ "$(wc -l <"$work/err")" = 1 ] || fail "the first $part bytes are not called damaged: $(cat "$work/err")"
	done
	# Of the debug information, nothing that is read has a meaning.
	cp "$work/debug/wedge-spin.ko" "$bad"
	for section in .debug_info .debug_abbrev .debug_line .debug_aranges; do
		head -c 100000 /dev/urandom | head -c 300 >"$work/junk"
		"${prefix}"objcopy --update-section "$section=$work/junk" --remove-relocations "$section" "$work/debug/wedge-spin.ko" "$bad"
		run 0 stacks "--lines=$work/damaged"
		grep -qF -e "$(tail -n 1 "$work/wanted")" "$work/out" && [ "$(grep -c '^    spin' "$work/out")" = 2 ] || fail "entries are lost: $(cat "$work/out")"
	done
	rm "$bad"
	mkfifo "$bad"
	run 0 stacks "--lines=$work/damaged"
	err 'there is no debug information for wedge_spin.ko'
	stack_is_as_wanted
	rm "$bad" "$work/damaged/vmlinux"
	mkfifo "$work/damaged/vmlinux"
	run 0 stacks "--lines=$work/damaged"
	err "$work/damaged/vmlinux can't be used for source lines: it is not a regular file"
	rm "$work/damaged/vmlinux"
	echo 'no ELF' >"$work/damaged/vmlinux"
	run 0 stacks "--lines=$work/damaged"
	err "$work/damaged/vmlinux can't be used for source lines: "
}

# A snapshot that was taken with lines has them everywhere.
lines_are_kept_in_files() {
	serving_with_lines
	mixed_stack
	run 0 stacks "--lines=$work/debug" -o "$work/file"
	run 0 stacks -F "$work/file"
	stack_is_as_wanted
	run 0 stacks -F "$work/file" --json
	valid stacks
	cmp -s "$work/out" "$work/file" || fail "the round trip is not exact: $(diff "$work/file" "$work/out")"
	# What is not found now stays.
	run 0 stacks -F "$work/file" --lines
	err 'there is no debug information'
	stack_is_as_wanted
	run 0 stacks -F "$work/file" "--lines=$work/debug"
	stack_is_as_wanted
	says_nothing
	for change in 's/"line": 5$/"line": -1/|inlined[0]: line is out of range' 's/"line": 5$/"line": null/|inlined[0]: its source line is not complete' \
		's/"function": "relax"/"function": null/|inlined[0]: its source' 's/"inlined": \[/"inlined": 1, "x": [/|inlined is not an array' 's/"file": "src.core.c"/"file": 1/|file is not a string'; do
		sed "${change%|*}" "$work/file" >"$work/changed"
		! cmp -s "$work/file" "$work/changed" || fail "'$change' changes nothing"
		run 1 stacks -F "$work/changed"
		err "${change#*|}"
		[ ! -s "$work/out" ] || fail "half a snapshot was shown"
	done
}

lines_of_a_comparison() {
	serving_with_lines
	mixed_stack
	run 0 stacks -o "$work/old"
	sed 's/^taken_ns: .*/taken_ns: 10000000000/' "$snapshot" >"$work/later"
	cp "$work/later" "$snapshot"
	run 0 stacks -o "$work/new"
	run 0 diff "--lines=$work/debug" "$work/old" "$work/new"
	stack_is_as_wanted
	says_nothing
	run 0 diff "--lines=$work/debug" "$work/old" "$work/new" --json
	valid diff
	json 'd["cpus"][0]["old"]["place"]["file"] == d["cpus"][0]["new"]["place"]["file"] == "src/core.c"'
	run 0 diff "$work/old" "$work/new"
	no_out 'src/core.c'
}

# The compiler can be given any name of a file.
lines_with_hostile_names() {
	serving_with_lines
	mkdir -p "$work/hostile"
	printf '#line 7 "a\\033[2Jb\\302\\233.c"\nvoid spin(void) { asm volatile("nop"); asm volatile("nop"); }\nvoid end(void) { }\n' >"$work/hostile/a.c"
	"${prefix}"gcc -g -O1 -ffreestanding -c "$work/hostile/a.c" -o "$work/hostile/vmlinux"
	size=$("${prefix}"nm -S "$work/hostile/vmlinux" | awk '$4 == "end" { print $1 }' | sed 's/^0*//')
	snapshot_begins "spin+0x4/0x$size"
	run 0 stacks "--lines=$work/hostile"
	out 'a\x1b[2Jb\xc2\x9b.c:7'
	! LC_ALL=C grep -q '[^ -~]' "$work/out" || fail "what is not printable got through: $(cat -v "$work/out")"
}

lines_of_folders_that_are_none() {
	serving_with_lines
	run 2 stacks --lines=
	err '--lines needs a folder'
	for folder in "$work/nothing" "$work/debug/vmlinux"; do
		run 2 stacks "--lines=$folder"
		err "of --lines can't be used: "
		run 2 diff "--lines=$folder" x y
	done
	run 2 stacks --lines --folded
	err "--folded can't be combined with --all, --json, --lines or --output."
	run 2 stacks --lines "$work/debug"
}
