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
