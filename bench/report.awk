# SPDX-License-Identifier: GPL-2.0
# report.awk STATISTICS VERSIONS: bench.md of what report.sh has counted up. Fails if a value is missing.

function have(peer, cpus, condition, measure) {
	return (peer, cpus, condition, measure) in median
}

# The value, which has to be there.
function value(peer, cpus, condition, measure, which) {
	if (!have(peer, cpus, condition, measure)) {
		print "report: there is no " measure " of " peer " at " cpus " CPUs (" condition ")" >"/dev/stderr"
		missing = 1
		return 1
	}
	if (which == "worst")
		return worst[peer, cpus, condition, measure]
	if (which == "best")
		return best[peer, cpus, condition, measure]
	return median[peer, cpus, condition, measure]
}

# row MEASURE VALUE BOUND MET [WHY]: met is 1, 0, or -1 where there is no bound.
function row(what, is, bound, met, why) {
	printf "| %s | %s | %s | %s |\n", what, is, bound, met < 0 ? "stated" : met ? "met" : "**not met**"
	if (met)
		return
	if (why in named) {
		named[why] = named[why] "; " what
	} else {
		reason[++reasons] = why
		named[why] = what
	}
}

function section(title) {
	printf "| **%s** | | | |\n", title
}

function same(ratio) {
	return ratio > 0.9995 && ratio < 1.0005
}

function times(ratio) {
	return ratio < 10 ? sprintf("%.2f", ratio) : sprintf("%.0f", ratio)
}

# Three digits of it.
function amount(n,    unit) {
	if (n >= 1000000) {
		n /= 1000000
		unit = " M"
	} else if (n >= 1000) {
		n /= 1000
		unit = " k"
	}
	return sprintf(n >= 100 || unit == "" ? "%.0f%s" : n >= 10 ? "%.1f%s" : "%.2f%s", n, unit)
}

function spread(peer, cpus, condition, measure) {
	if (!have(peer, cpus, condition, measure))
		return "-"
	return amount(median[peer, cpus, condition, measure]) " (" amount(best[peer, cpus, condition, measure]) ".." amount(worst[peer, cpus, condition, measure]) ")"
}

# fit PEER CONDITION MEASURE WHICH: the line of least squares over the numbers of CPUs, to a, b, and how well it
# fits, which has no meaning where nothing grows.
function fit(peer, condition, measure, which,    i, x, y, sx, sy, sxx, sxy, syy, least, most) {
	least = most = value(peer, cpus_of[1], condition, measure, which)
	for (i = 1; i <= counts; i++) {
		x = cpus_of[i]
		y = value(peer, x, condition, measure, which)
		if (y < least)
			least = y
		if (y > most)
			most = y
		sx += x
		sy += y
		sxx += x * x
		sxy += x * y
		syy += y * y
	}
	b = (counts * sxy - sx * sy) / (counts * sxx - sx * sx)
	a = (sy - b * sx) / counts
	r2_text = "-"
	if (most > 1.05 * least)
		r2_text = sprintf("%.4f", (counts * sxy - sx * sy) ^ 2 / ((counts * sxx - sx * sx) * (counts * syy - sy * sy)))
}

function idle_cost(    m, i, ratio, long) {
	section("cost while idle")
	split("masks getppid", m, " ")
	split("1e6 `local_irq_save`/`restore` pairs|1e6 `getppid` calls", long, "|")
	for (i = 1; i <= 2; i++) {
		ratio = value("module", 1, "with", m[i]) / value("module", 1, "without", m[i])
		row(long[i] ": module loaded / not", sprintf("%.3f", ratio), "1.000", same(ratio))
		if (builtin) {
			ratio = value("builtin", 1, "with", m[i]) / value("builtin", 1, "without", m[i])
			row(long[i] ": built in, with SDEI / without", sprintf("%.3f", ratio), "1.000", same(ratio))
		}
		if (m[i] == "masks")
			row(long[i] ": pseudo-NMI on / a kernel without it", sprintf("%.3f", value("pnmi", 1, "with", m[i]) / value("module", 1, "without", m[i])), "-", -1)
		row(long[i] ": pseudo-NMI on / off", sprintf("%.3f", value("pnmi", 1, "with", m[i]) / value("pnmi", 1, "without", m[i])), "-", -1)
	}
}

# idle_entry PEER NAME: what the driver adds to one entry into deep idle and the exit from it.
function idle_entry(peer, name,    with, without) {
	with = value(peer, 1, "with", "deep_idle")
	without = value(peer, 1, "without", "deep_idle")
	row("one entry into deep idle and its exit: " name, sprintf("%.3f", with / without), "-", -1)
	row("instructions added to each entry and exit: " name, sprintf("%.0f", (with - without) / 1000), "-", -1)
}

# The floor is measured where event 0 is free, which it is not with a driver built in.
function latency(    f, i, who, p, ratio, build, name) {
	section("latency of a signal, over an empty handler's")
	split("tfa tfa-release", f, " ")
	split("debug release", build, " ")
	split("module builtin", who, " ")
	split("module,built in", name, ",")
	for (p = 1; p <= 1 + builtin; p++)
		for (i = 1; i <= 2; i++) {
			ratio = value(who[p], 1, f[i], "capture_entry") / value("floor", 1, f[i], "floor_entry")
			row("signal to handler, " name[p] ", TF-A " build[i] " build", sprintf("%.3f", ratio), "at most 1.10", ratio <= 1.1)
			ratio = value(who[p], 1, f[i], "probe_done") / value("floor", 1, f[i], "floor_done")
			row("signal to completion, nothing asked, " name[p] ", TF-A " build[i] " build", sprintf("%.3f", ratio), "at most 1.10", ratio <= 1.1)
			ratio = value(who[p], 1, f[i], "capture_done") / value("floor", 1, f[i], "floor_done")
			row("signal to completion, with the capture, " name[p] ", TF-A " build[i] " build", sprintf("%.3f", ratio), "-", -1)
		}
}

# over PEER: rows of held and captured, for the module and, where there is one, for the built-in form.
function over(peer, name,    i, ratio) {
	for (i = 1; i <= 3; i++) {
		ratio = value(peer, 32, condition_of[i], "held", "worst") / value(peer, 4, condition_of[i], "held", "worst")
		row("worst held, " name ", 32 CPUs / 4, " condition_name[i], sprintf("%.2f", ratio), i < 3 ? "at most 1.5" : "-", i < 3 ? ratio <= 1.5 : -1,
			"QEMU gave other CPUs their turn in the middle of a handler.")
	}
	for (i = 1; i <= 3; i++) {
		ratio = value("linux", 32, condition_of[i], "held", "worst") / value(peer, 32, condition_of[i], "held", "worst")
		row("worst held at 32 CPUs, 7.3's own / " name ", " condition_name[i], times(ratio), i < 3 ? "at least 20" : "-", i < 3 ? ratio >= 20 : -1,
			"7.3's own holds a CPU that idles for the one line that it prints of it, and the lab, which runs one CPU at a time, lets none of them wait for another's line. It would take CPUs that run at once. A CPU that has a stack to show is held for all of it: see the rows with a wedged CPU and with CPUs in a loop.")
	}
	for (i = 1; i <= 3; i++)
		row("median held at 32 CPUs, 7.3's own / " name ", " condition_name[i], times(value("linux", 32, condition_of[i], "held") / value(peer, 32, condition_of[i], "held")), "-", -1)
}

function reports(peer, name,    i, ratio) {
	for (i = 1; i <= 3; i++) {
		ratio = value("linux", 32, condition_of[i], "captured") / value(peer, 32, condition_of[i], "captured")
		row("all captured at 32 CPUs, 7.3's own / " name ", " condition_name[i], times(ratio), i < 3 ? "at least 10" : "-", i < 3 ? ratio >= 10 : -1,
			"The lab runs one CPU at a time, so signal, delivery and capture of all CPUs add up, of which the firmware's share is the same for both. On CPUs that run at once ours would take little more than the signals and one capture, while those that print wait for each other.")
	}
	for (i = 1; i <= 3; i++)
		row("all printed at 32 CPUs, 7.3's own / " name ", " condition_name[i], times(value("linux", 32, condition_of[i], "printed") / value(peer, 32, condition_of[i], "printed")), "-", -1)
}

function lost(peer, name, bound,    t) {
	t = value(peer, 4, "unreachable", "sysrq", "worst") / 1000000000
	row("sysrq-l, " name, sprintf("%.2f s", t), bound ? "under 1.2 s" : "-", bound ? t < 1.2 : -1)
}

function volume(peer, name,    i, of, how, shown, setting, ratio) {
	split("0 1", setting, " ")
	for (i = 1; i <= 2; i++) {
		how = i == 1 ? "" : ", `backtrace_idle` on"
		of = value("linux", 32, "single-idle" setting[i], "bytes")
		row("not grouped, " name " / 7.3's own" how, times(value(peer, 32, "single-idle" setting[i], "bytes") / of), "-", -1)
		if (have(peer, 32, "grouped-idle" setting[i], "bytes")) {
			ratio = value(peer, 32, "grouped-idle" setting[i], "bytes") / of
			row("grouped, " name " / 7.3's own" how, times(ratio), "at most 0.25", ratio <= 0.25,
				i == 1 ? "7.3's own has one line for each CPU that idles, so most of its log are five stacks, and a quarter of it is less than the stacks that differ." : "")
			shown = value(peer, 32, "grouped-idle" setting[i], "shown", "best")
			row("CPUs of 32 that the grouped log names, " name how, shown, "32", shown == 32)
		} else if (i == 1) {
			row("grouped, " name " / 7.3's own", "not there", "at most 0.25", 0, "The driver has no grouping of equal stacks yet.")
		}
		shown = value(peer, 32, "single-idle" setting[i], "shown", "best")
		row("CPUs of 32 that the log names, " name how, shown, "32", shown == 32)
	}
}

function size(    total) {
	section("size of the module")
	total = value("module", "", "size", "text") + value("module", "", "size", "data") + value("module", "", "size", "bss")
	row("text + data + bss", sprintf("%.1f KiB", total / 1024), "under 96 KiB", total < 96 * 1024)
	total = value("module", 1, "loaded", "percpu", "worst")
	row("memory for each CPU", sprintf("%.2f KiB", total / 1024), "under 4 KiB", total < 4096)
}

# One line of a table, if it was measured: key has "PEER CONDITION MEASURE" of each column.
function line_of(title, cpus, key, columns,    i, part, text) {
	text = "| " title " |"
	for (i = 1; i <= columns; i++) {
		split(key[i], part, " ")
		if (!have(part[1], cpus, part[2], part[3]))
			return
		text = text " " spread(part[1], cpus, part[2], part[3]) " |"
	}
	print text
}

function measured_idle(    i, n, who, title, key) {
	print "\n| while idle | pairs | calls | pairs, ticks and all | calls, ticks and all |\n|---|---|---|---|---|"
	n = split("module without|module with|pnmi without|pnmi with|builtin without|builtin with", who, "|")
	split("6.12|6.12, module loaded|6.12, pseudo-NMI off|6.12, pseudo-NMI on|built in, firmware without SDEI|built in", title, "|")
	for (i = 1; i <= n; i++) {
		key[1] = who[i] " masks"
		key[2] = who[i] " getppid"
		key[3] = who[i] " masks_and_ticks"
		key[4] = who[i] " getppid_and_ticks"
		line_of(title[i], 1, key, 4)
	}
}

function measured_idle_entry(    i, n, who, title, key) {
	print "\n| a thousand entries into deep idle, each with its exit | instructions |\n|---|---|"
	n = split("module without|module with|builtin without|builtin with", who, "|")
	split("6.12|6.12, module loaded|built in, off by `enable=0`|built in", title, "|")
	for (i = 1; i <= n; i++) {
		key[1] = who[i] " deep_idle"
		line_of(title[i], 1, key, 1)
	}
}

function measured_latency(    i, n, who, title, part, key) {
	print "\n| a thousand signals of a CPU to itself | TF-A debug build | TF-A release build |\n|---|---|---|"
	n = split("floor floor_entry|floor floor_done|module capture_entry|module probe_done|module capture_done|builtin capture_entry|builtin probe_done|builtin capture_done", who, "|")
	split("empty handler: to the handler|empty handler: to completion|module: to the moment of capture|module: to completion, nothing asked|module: to completion, with the capture|built in: to the moment of capture|built in: to completion, nothing asked|built in: to completion, with the capture", title, "|")
	for (i = 1; i <= n; i++) {
		split(who[i], part, " ")
		key[1] = part[1] " tfa " part[2]
		key[2] = part[1] " tfa-release " part[2]
		line_of(title[i], 1, key, 2)
	}
}

function measured_reports(    c, m, p, i, text) {
	for (m = 1; m <= 3; m++)
		for (c = 1; c <= 3; c++) {
			text = "\n| " measure_name[m] ", " condition_name[c] " |"
			for (i = 1; i <= counts; i++)
				text = text " " cpus_of[i] " CPUs |"
			print text "\n|---|---|---|---|---|"
			for (p = 1; p <= peers; p++) {
				if (!have(peer_of[p], 32, condition_of[c], measure_of[m]))
					continue
				text = "| " peer_name[p] " |"
				for (i = 1; i <= counts; i++)
					text = text " " spread(peer_of[p], cpus_of[i], condition_of[c], measure_of[m]) " |"
				print text
			}
		}
}

function measured_rest(    p, i, n, key, title) {
	print "\n| sysrq-l with one CPU of 4 that can't be reached | seconds |\n|---|---|"
	for (p = 1; p <= peers; p++)
		if (have(peer_of[p], 4, "unreachable", "sysrq"))
			printf "| %s | %.3f (%.3f..%.3f) |\n", peer_name[p], value(peer_of[p], 4, "unreachable", "sysrq") / 1e9, value(peer_of[p], 4, "unreachable", "sysrq", "best") / 1e9, value(peer_of[p], 4, "unreachable", "sysrq", "worst") / 1e9

	print "\n| log of 32 CPUs: the requester, 27 that idle, 3 in one loop, 1 wedged | bytes (least..most) | lines | CPUs named |\n|---|---|---|---|"
	n = split("single-idle0|single-idle1|grouped-idle0|grouped-idle1", key, "|")
	split("|, `backtrace_idle` on|, grouped|, grouped, `backtrace_idle` on", title, "|")
	for (p = 1; p <= peers; p++)
		for (i = 1; i <= n; i++)
			if (have(peer_of[p], 32, key[i], "bytes"))
				printf "| %s%s | %d (%d..%d) | %d | %d |\n", peer_name[p], title[i], value(peer_of[p], 32, key[i], "bytes"), value(peer_of[p], 32, key[i], "bytes", "best"), value(peer_of[p], 32, key[i], "bytes", "worst"), value(peer_of[p], 32, key[i], "lines"), value(peer_of[p], 32, key[i], "shown")

	printf "\nThe module: %d bytes of text, %d of data, %d of bss; %d bytes for each CPU.\n", value("module", "", "size", "text"), value("module", "", "size", "data"), value("module", "", "size", "bss"), value("module", 1, "loaded", "percpu", "worst")
}

function measured() {
	print "\n## Measured\n\nMedian (least..most), in instructions where nothing else is said. k: thousand, M: million."
	measured_idle()
	measured_idle_entry()
	measured_latency()
	measured_reports()
	measured_rest()
}

function growth(    c, m, p) {
	print "\n## Growth\n\nLines of least squares over 4, 8, 16 and 32 CPUs: a + b x CPUs, in instructions, with what they say for 192 and 512 CPUs.\nWhere R² is \"-\", nothing grows by more than a twentieth. 7.3's own and the interrupts look for answers once a millisecond, of a\nmillion instructions: what they print of idle CPUs stays below that here, and would not with more CPUs, where it is what\n\"captured\" says.\n"
	print "| measure | who | a | b | R² | at 192 | at 512 |\n|---|---|---|---|---|---|---|"
	for (m = 1; m <= 3; m++)
		for (c = 1; c <= 3; c++)
			for (p = 1; p <= peers; p++) {
				if (!have(peer_of[p], 32, condition_of[c], measure_of[m]))
					continue
				fit(peer_of[p], condition_of[c], measure_of[m], m == 1 ? "worst" : "median")
				printf "| %s%s, %s | %s | %s | %s | %s | %s | %s |\n", m == 1 ? "longest: " : "", measure_name[m], condition_name[c], peer_name[p], rough(a), rough(b), r2_text, rough(a + 192 * b), rough(a + 512 * b)
			}
}

function rough(n) {
	return n < 0 ? "-" amount(-n) : amount(n)
}

BEGIN {
	FS = ","
	counts = split("4 8 16 32", cpus_of, " ")
	split("idle wedged busy", condition_of, " ")
	split("others idle|others idle, one wedged|all others in a loop", condition_name, "|")
	split("held captured printed", measure_of, " ")
	split("how long a CPU is held|until all are captured|until all is printed", measure_name, "|")
	peers = split("ipi pnmi linux module builtin", peer_of, " ")
	split("6.12, interrupt|6.12, pseudo-NMI|7.3's own|sdei-nmi, module|sdei-nmi, built in", peer_name, "|")
}

FNR == NR {
	# What was measured too few times, or of too few CPUs, was not measured.
	if ($2 != "" && ($5 < 5 || ($4 == "held" && $5 != 5 * ($2 - 1)))) {
		print "report: only " $5 " values of " $4 " of " $1 " at " $2 " CPUs (" $3 ")" >"/dev/stderr"
		missing = 1
	}
	median[$1, $2, $3, $4] = $6
	best[$1, $2, $3, $4] = $7
	worst[$1, $2, $3, $4] = $8
	next
}

{
	version[++versions] = $0
}

END {
	builtin = have("builtin", 32, "idle", "held")
	print "# What it costs\n"
	print "Made by `make bench`. Ratios first; what they are made of, with its spread, is below, every single value in `bench.csv`.\n"
	print "| measure | value | must reach | |\n|---|---|---|---|"
	idle_cost()
	section("cost of deep idle")
	idle_entry("module", "module loaded / not")
	if (builtin)
		idle_entry("builtin", "built in / off by `enable=0`")
	latency()
	section("held time")
	over("module", "module")
	if (builtin)
		over("builtin", "built in")
	section("report of all CPUs")
	reports("module", "module")
	if (builtin)
		reports("builtin", "built in")
	section("a CPU that can't be reached, worst of all runs")
	lost("module", "module", 1)
	if (builtin)
		lost("builtin", "built in", 1)
	lost("ipi", "6.12, interrupt", 0)
	lost("pnmi", "6.12, pseudo-NMI", 0)
	lost("linux", "7.3's own", 0)
	section("log of 32 CPUs")
	volume("module", "module")
	if (builtin)
		volume("builtin", "built in")
	size()
	if (reasons) {
		print "\nNot met:\n"
		for (i = 1; i <= reasons; i++)
			print "- " named[reason[i]] "." (reason[i] ? " " reason[i] : "")
	}
	if (!builtin)
		print "\nThe driver built in was not measured: `kernels.list` has no row `builtin`."
	print "\n![held, captured and printed over the number of CPUs](bench.svg)"
	measured()
	growth()
	print "\n## How it was measured\n"
	while ((getline line <method) > 0)
		print line
	print "\n## Versions\n"
	for (i = 1; i <= versions; i++)
		print "- " version[i]
	exit missing
}
