# SPDX-License-Identifier: GPL-2.0
# sdei-nmi report, on the host. Each function is a test.
# shellcheck shell=sh disable=SC2154 # tool.sh and machine.sh are read in before

report_has_it_all() {
	serving
	put var/lib/sdei-nmi/validation.json '{"passed": 12}\n'
	run 0 report
	out '== status' 'signals_sent' 'A board' 'psci: PSCIv1.1' '0x00000000410fd0c1: CPUs 0-3' 'SDEIv1.0 (0x0) detected' '{"passed":12}' \
		'"format": "sdei-nmi-report"'
	run 0 report --json
	valid report
	json 'd["validation"]["passed"] == 12 and d["machine"]["midr_el1"] == {"0x00000000410fd0c1": "0-3"}'
	json 'd["status"]["module"]["srcversion"] == "0123456789ABCDEF" and len(d["kernel_log"]["lines"]) == 2'
	run 0 report -o "$work/report"
	grep -q '"format": "sdei-nmi-report"' "$work/report" || fail "the file is not a report"
	[ ! -s "$work/out" ] || fail "the file's report is on the standard output, too"
	# A JSON parser may read what is no JSON.
	for value in NaN Infinity '[{"b": -Infinity}]'; do
		put var/lib/sdei-nmi/validation.json "{\"a\": $value}\n"
		run 0 report --json
		valid report
		json 'd["validation"] is None'
	done
	# A file of another version can have any text. JSON keeps its meaning.
	put var/lib/sdei-nmi/validation.json '{"a\\u009b2Jb": "\302\2332J\\u202e\\u007f\303\274\\n\\\\u009b"}\n'
	for how in '' --json; do
		# shellcheck disable=SC2086
		run 0 report $how
		! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]\\|\302[\200-\237]\\|\342\200')" "$work/out" ||
			fail "a control character got through ($how): $(LC_ALL=C grep -n "$(printf '\302[\200-\237]')" "$work/out" | cat -v)"
	done
	valid report
	json 'd["validation"] == {"a\x9b2Jb": "\x9b2J\u202e\x7f\xfc\n\\u009b"}'
	for text in '{"passed":' '' '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[' '{} {}' '\377'; do
		put var/lib/sdei-nmi/validation.json "$text"
		run 0 report --json
		valid report
		json 'd["validation"] is None'
	done
	server
	run 0 report --json
	valid report
	rm -rf "$root"
	mkdir "$root"
	run 0 report --json
	valid report
}

# The log, the command line and the kernel's version have passwords, users and hosts.
report_keeps_secrets() {
	serving
	put proc/version 'Linux version 6.12.0-test (builder@build-host) (gcc (Debian 14.2.0-19) 14.2.0, GNU ld 2.44) #1 SMP PREEMPT Debian 6.12.48-1\n'
	put proc/cmdline 'BOOT_IMAGE=/vmlinuz root=/dev/sda2 ip=10.20.0.7::10.20.0.1:255.255.255.0:db-17:eth0 luks.key=hunter2 sdei-nmi.group=1 "bmc=acpi=a sdei_nmi.b=hunter2" kpti=0 nokaslr acpi_pw=hunter2 crashkernel=256M -- kpti=hunter2\n'
	cat >"$root/dev/kmsg" <<-'END'
		5,0,0,-;Linux version 6.12.0-test (builder@sdei-build-host) (gcc) #1 SMP
		5,1,0,-;Kernel command line: BOOT_IMAGE=/vmlinuz root=/dev/sda2 ip=10.20.0.7::10.20.0.1:255.255.255.0:db-17:eth0 sdei_nmi.group=1 luks.key=hunter2
		6,120,10201,-;psci: PSCIv1.1 detected in firmware.
		6,130,10301,-;sdei: SDEIv1.0 (0x0) detected in firmware.
		5,700,90000201,-;audit: type=1105 audit(1766.1:88): pid=811 uid=1000 cmd="sdei-nmi stacks" exe="/usr/bin/sudo" hostname=db-17 cwd="/home/someone"
		6,800,91000201,-;sdei_nmi: backtraces and stops reach CPUs that have interrupts masked, by SDEI event 0
		4,801,91000301,-;sdei_nmi: CPU 2 has the same stack, in wedge_spin+0x48/0x68 [m], PID: 198 Comm: alice-payroll pstate: 614013c9 sp : ffff800080a0bd90
	END
	run 0 report --json
	valid report
	json '[line["text"].split(":")[0] for line in d["kernel_log"]["lines"]] == ["psci", "sdei", "sdei_nmi"]'
	json 'd["versions"]["parameters"] == "sdei-nmi.group=1 kpti=0 nokaslr crashkernel=256M"'
	json 'd["versions"]["kernel"] == "Linux version 6.12.0-test (gcc (Debian 14.2.0-19) 14.2.0, GNU ld 2.44) #1 SMP PREEMPT Debian 6.12.48-1"'
	cp "$work/out" "$work/all"
	run 0 report -o "$work/report"
	cat "$work/report" >>"$work/all"
	run 0 report
	out 'parameters sdei-nmi.group=1 kpti=0 nokaslr crashkernel=256M' '[   91.000201] sdei_nmi: backtraces and stops'
	cat "$work/all" >>"$work/out"
	for secret in builder build-host hunter2 10.20.0.7 db-17 someone audit sda2 luks bmc alice; do
		no_out "$secret"
	done
	for version in 'Linux version 6.12.0-test (a) (b@build-host) (gcc) #1\n' 'Linux version 6.12.0-test (b@build-host)\n' '(b@build-host\n' '\n'; do
		put proc/version "$version"
		run 0 report
		no_out build-host
	done
	rm "$root/proc/cmdline"
	run 0 report
	out 'parameters not known'
}

report_keeps_the_newest_lines() {
	server
	awk 'BEGIN { for (i = 0; i < 1500; i++) printf "4,%d,%d,-;sdei_nmi: line %d\n5,%d,%d,-;other\n", 2 * i, i, i, 2 * i + 1, i }' >"$root/dev/kmsg"
	run 0 report --json
	valid report
	json 'd["kernel_log"]["left_out"] == 500 and d["kernel_log"]["from_boot"]'
	json '[line["text"] for line in d["kernel_log"]["lines"]] == ["sdei_nmi: line %d" % i for i in range(500, 1500)]'
	run 0 report
	out 'the oldest 500 lines are left out' 'line 1499'
	no_out 'sdei_nmi: line 499'
}

# Without --stacks no task has its name in the report.
report_has_stacks() {
	serving
	run 0 report
	no_out '== stacks'
	no_out wedge_spin
	run 0 report --json
	valid report
	json 'd["stacks"] is None'
	run 0 report --stacks
	out '== stacks' 'wedge_spin+0x34/0x60 [wedge]' 'spin/1'
	run 0 report -s --json
	valid report
	json 'len(d["stacks"]["cpus"]) == 5 and d["stacks"]["groups"] == [[2, 1], [0]]'
	cp "$work/out" "$work/report"
	python3 -c 'import json, sys; print(json.dumps(json.load(open(sys.argv[1]))["stacks"]))' "$work/report" >"$work/only_stacks"
	for file in report only_stacks; do
		run 0 stacks --file "$work/$file"
		out '2 CPUs with the same stack: 1-2' 'wedge_spin+0x34/0x60 [wedge]'
	done
	# The report for people has the same at its end.
	run 0 stacks --file "$work/report" -c 1 --json
	cp "$work/out" "$work/expected"
	for name in report other; do
		run 0 report -s -o "$work/$name"
		run 0 stacks --file "$work/$name" -c 1
		out 'wedge_spin+0x30/0x60 [wedge]'
	done
	run 0 stacks --file "$work/report" -c 1 --json
	python3 -c 'import json, sys; a, b = (json.load(open(f)) for f in sys.argv[1:]); sys.exit(a["cpus"] != b["cpus"])' "$work/expected" "$work/out" ||
		fail "the report for people has other stacks"
	run 0 diff "$work/report" "$work/other"
	for name in report expected; do
		{ printf '\357\273\277' && cat "$work/$name"; } >"$work/marked"
		run 0 stacks --file "$work/marked" -c 1
		out 'wedge_spin+0x30/0x60 [wedge]'
	done
	printf '== sdei-nmi report\n' >"$work/none"
	run 1 stacks --file "$work/none"
	err 'it is a report that ends before its JSON'
	run 0 report --json
	cp "$work/out" "$work/report"
	run 1 stacks --file "$work/report"
	err 'a report without stacks' 'sdei-nmi report --stacks'
	server
	run 3 report --stacks -o "$work/failed"
	run 1 stacks --file "$work/failed"
	err 'a report whose stacks could not be taken'
	run 3 report --stacks --json
	valid report
	json 'd["stacks"] is None and d["stacks_failed"]'
	cp "$work/only_stacks" "$work/out"
	valid stacks
}

# A report without stacks is still of use, so it is written, and the exit status tells of the stacks.
report_without_its_stacks() {
	server
	run 3 report --stacks -o "$work/report"
	err 'the module is not loaded'
	grep -q '^not taken; the tool said why on standard error$' "$work/report" || fail "the report does not say that it has no stacks"
	grep -q '"format": "sdei-nmi-report"' "$work/report" || fail "the report is not complete"
	serving
	echo 'sdei_nmi stacks 9' >"$snapshot"
	run 1 report --stacks --json
	err "can't be understood in line 1"
	valid report
	json 'd["stacks"] is None and d["status"]["available"]'
	run 2 report --stacks extra
	err "there is an argument too many, 'extra'"
}
