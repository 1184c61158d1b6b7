# SPDX-License-Identifier: GPL-2.0
# sdei-nmi diff, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

diff_shows_first_who_is_stuck() {
	two_snapshots
	run 0 diff "$work/old" "$work/new"
	[ ! -s "$work/err" ] || fail "it warns: $(cat "$work/err")"
	cat >"$work/wanted" <<-'END'
		10.0 s between the snapshots

		stuck: the same stack, and no interrupt taken in between

		2 CPUs with the same stack: 1-2
		  kernel, interrupts off, CPU 2's timer has been waiting for 22.4 s, 10.0 s longer
		  tasks spin/2, spin/1
		    wedge_spin+0x34/0x60 [wedge]
		    kthread+0xec/0xf8

		the same stack, but interrupts may have been taken in between

		CPU 8  dreaming, its timer has been waiting for 0 ns
		    recurse.isra.0+0x10/0x20
		    ffff800080050004
		    ... cut after 64 entries

		answered in neither snapshot: CPU 5
		took both snapshots: CPU 0
		idle: CPU 3
		user: CPU 6
		guest: CPU 7
		offline: CPU 4
	END
	cmp -s "$work/wanted" "$work/out" || fail "it is not as it should be: $(diff "$work/wanted" "$work/out")"
	run 0 diff "$work/old" "$work/new" --json
	valid diff
	json 'd["stuck"] == [[2, 1]] and d["same_stack"] == [[8]] and d["elapsed_ns"] == 10000000000 and d["compared_by"] == "address"'
	json 'd["cpus"][2]["longer_ns"] == 10000000000 and d["cpus"][2]["interrupted"] is False and d["cpus"][2]["stuck"] and d["cpus"][2]["change"] == "same"'
	json 'd["cpus"][2]["old"]["place"]["function"] == "wedge_spin" and d["old"]["release"] == "6.12.0-test" and d["same_boot"] and d["same_release"]'
	json '[c["cpu"] for c in d["cpus"]] == list(range(9)) and d["cpus"][3]["interrupted"] is None'
}

diff_tells_what_happened_to_the_others() {
	# CPU 1 runs the same function called from elsewhere, CPU 2 has taken its interrupt, CPU 3 works, CPU 4 is back, CPU 5 is gone.
	two_snapshots '/^cpu: 1$/,/^cpu: 2$/s/kthread+0xec/kthread+0xf0/; s/^waiting_ns: 22400000000/waiting_ns: 1000/
		/^cpu: 3$/,/^cpu: 4$/{s/idle/kernel/;s/cpu_do_idle/work/}; /^cpu: 4$/,/^$/s/offline/idle/; /^cpu: 5$/,/^reason/d; s/^cut: 64$/&\n\ncpu: 9\nstate: user/'
	run 0 diff "$work/old" "$work/new"
	out 'moved, and no interrupt taken in between; the stack is the newer one' 'CPU 1  kernel, interrupts off' 'kthread+0xf0/0xf8' 'idle, then kernel: CPU 3' 'offline, then idle: CPU 4' \
		'only in the older snapshot (silent): CPU 5' 'only in the newer snapshot (user): CPU 9' 'CPU 2  kernel'
	no_out 'no CPU is known to be stuck'
	[ "$(grep -c longer "$work/out")" = 1 ] || fail "the wait of CPU 1 is not longer, or that of another CPU is: $(cat "$work/out")"
	run 0 diff "$work/old" "$work/new" --json
	valid diff
	json '[c["change"] for c in d["cpus"]] == ["same", "moved", "same", "state", "state", "vanished", "same", "same", "same", "appeared"]'
	json 'd["stuck"] == [] and d["same_stack"] == [[2], [8]] and d["cpus"][2]["interrupted"] is True'
	json 'd["cpus"][5]["new"] is None and d["cpus"][9]["old"] is None and d["cpus"][9]["new"]["state"] == "user"'
}

diff_of_other_boots_compares_names() {
	two_snapshots
	sed -e 's/1b4e28ba/2b4e28ba/' -e 's/0xffff8000/0xffff9000/' "$work/new" >"$work/boot"
	warned "$work/boot" 'the snapshots are of different boots: places are compared by name'
	out '2 CPUs with the same stack: 1-2' 'no CPU is known to be stuck'
	no_out 'between the snapshots'
	no_out 'longer'
	run 0 diff "$work/old" "$work/boot" --json
	valid diff
	json 'd["compared_by"] == "name" and d["same_boot"] is False and d["elapsed_ns"] is None and d["stuck"] == [] and d["same_stack"][0] == [2, 1]'
	sed 's/6.12.0-test/6.13\\\\x1b/' "$work/boot" >"$work/kernel"
	warned "$work/kernel" 'the snapshots are of different kernels, 6.12.0-test and 6.13\x1b: '
	run 0 diff "$work/old" "$work/kernel" --json
	valid diff
	json 'd["same_release"] is False and d["same_stack"][0] == [2, 1]'
	# The addresses of one boot compare.
	sed -e 's/0xffff8000/0xffff9000/' "$work/new" >"$work/moved"
	run 0 diff "$work/old" "$work/moved"
	[ "$(sed -n 3,5p "$work/out" | paste -sd '|')" = 'moved, and no interrupt taken in between; the stack is the newer one||2 CPUs with the same stack: 1-2' ] ||
		fail "CPUs 1 and 2 do not share a block: $(cat "$work/out")"
	warned "$work/old" 'both files have the same snapshot'
	out 'no CPU is known to be stuck'
}

diff_of_files_that_do_not_do() {
	two_snapshots
	run 2 diff "$work/new" "$work/old"
	err 'the order is wrong; name the older file first'
	cat "$work/old" "$work/new" >"$work/both"
	run 2 diff "$work/both" "$work/new"
	err "$work/both has several snapshots"
	run 2 diff "$work/old" "$work/both"
	head -c 100 "$work/new" >"$work/bad"
	for files in "$work/bad $work/new" "$work/old $work/bad" "$work/none $work/new" "$work/old $work" "$work/old /dev/zero"; do
		# shellcheck disable=SC2086
		run 1 diff $files
		[ ! -s "$work/out" ] || fail "half a comparison was shown"
	done
	{ cat "$work/new" && echo x; } >"$work/bad"
	run 1 diff "$work/old" "$work/bad"
	rm -f "$work/fifo"
	mkfifo "$work/fifo"
	run 1 diff "$work/fifo" "$work/new"
	run 2 diff "$work/old"
	err 'diff needs two files'
	run 2 diff "$work/old" "$work/new" "$work/new"
	status=0
	"$tool" diff "$work/old" "$work/new" >/dev/full 2>"$work/err" || status=$?
	[ $status = 1 ] || fail "a full disk ends with $status"
}

# As many as there may be.
diff_of_thousands_of_cpus() {
	two_snapshots
	python3 - "$work/old" "$work" <<-'END'
		import json, sys
		d = json.load(open(sys.argv[1]))
		one = d["cpus"][1]
		d["cpus"] = [dict(one, cpu=c, task=f"t{c}") for c in range(8192)]
		d["groups"] = []
		json.dump(d, open(sys.argv[2] + "/old", "w"))
		d["taken_ns"] += 10**9
		for cpu in d["cpus"]:
		    cpu["waiting_ns"] += 10**9 if cpu["cpu"] % 2 else 0
		json.dump(d, open(sys.argv[2] + "/new", "w"))
	END
	# shellcheck disable=SC3045 # dash and bash have it
	(ulimit -t 10 && run 0 diff "$work/old" "$work/new") || exit 1
	[ "$(grep -c '^4096 CPUs with the same stack' "$work/out")" = 2 ] || fail "there are not two groups: $(cat "$work/out")"
}
