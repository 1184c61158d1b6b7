# SPDX-License-Identifier: GPL-2.0
# report.awk STATISTICS VERSIONS: prints bench.md from the statistics of report.sh. Fails if a value is missing.

function have(peer, cpus, condition, measure) {
	return (peer, cpus, condition, measure) in median
}

# value PEER CPUS CONDITION MEASURE [WHICH]: the median, or the best or worst value. If it is missing, the report fails.
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

# row MEASURE VALUE BOUND MET [WHY]: prints one row. MET is 1, 0, or -1 if there is no bound. WHY is the reason if it is not met.
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

# amount N: N with three significant digits.
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

# fit PEER CONDITION MEASURE WHICH: sets a and b to the line of least squares over the numbers of CPUs, and r2_text to R². R² is
# "-" if the measure does not grow.
function fit(peer, condition, measure, which,    i, x, y, sx, sy, sxx, sxy, syy, least, greatest) {
	least = greatest = value(peer, cpus_of[1], condition, measure, which)
	for (i = 1; i <= counts; i++) {
		x = cpus_of[i]
		y = value(peer, x, condition, measure, which)
		if (y < least)
			least = y
		if (y > greatest)
			greatest = y
		sx += x
		sy += y
		sxx += x * x
		sxy += x * y
		syy += y * y
	}
	b = (counts * sxy - sx * sy) / (counts * sxx - sx * sx)
	a = (sy - b * sx) / counts
	r2_text = "-"
	if (greatest > 1.05 * least)
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

# idle_entry PEER NAME: prints what the driver adds to one entry into deep idle and the exit.
function idle_entry(peer, name,    with, without) {
	with = value(peer, 1, "with", "deep_idle")
	without = value(peer, 1, "without", "deep_idle")
	row("one entry into deep idle and its exit: " name, sprintf("%.3f", with / without), "-", -1)
	row("instructions added to each entry and exit: " name, sprintf("%.0f", (with - without) / 1000), "-", -1)
}

# share CPUS: the share of one CPU that all watchers take together, in percent.
function share(cpus) {
	return 100 * (1 - value("module", cpus, "off", "work") / value("module", cpus, "watch", "work"))
}

# woken PEER CONDITION MEASURE: how often an idle CPU is woken in 10 s, beyond what happens without any detector.
function woken(peer, condition, measure) {
	return value(peer, 4, condition, measure) - value(peer, 4, "none", measure)
}

function watching(    i, m, p, peer, name, ratio, percent, more) {
	section("cost of watching, for the watchers")
	for (i = 1; i <= looks; i++)
		row("a look, instructions for each CPU looked at, " look_cpus[i] " CPUs", sprintf("%.1f", value("module", look_cpus[i], "watch", "look")), "under 60", value("module", look_cpus[i], "watch", "look") < 60,
			"A look also has a part that does not depend on the number of CPUs. With few CPUs it is large for each CPU looked at.")
	row("a look, instructions for each further CPU, from 4 to 128 CPUs", sprintf("%.1f", (128 * value("module", 128, "watch", "look") - 4 * value("module", 4, "watch", "look")) / 124), "-", -1)
	for (i = 1; i <= looks; i++) {
		percent = share(look_cpus[i])
		row("share of one CPU that all watchers take together, `watch=10ms`, " look_cpus[i] " CPUs", sprintf("%.2f %%", percent), look_cpus[i] == 128 ? "under 1.5 %" : "-", look_cpus[i] == 128 ? percent < 1.5 : -1)
	}

	section("cost of watching, for the watched CPUs")
	ratio = value("module", 4, "watch", "masks") / value("module", 4, "off", "masks")
	row("1e6 `local_irq_save`/`restore` pairs: `watch=10ms` / not watched", sprintf("%.3f", ratio), "1.000", same(ratio))
	split("interrupts idle_exits", m, " ")
	split("module perf", peer, " ")
	split("6.12|6.12 with pseudo-NMI", name, "|")
	for (p = 1; p <= 2; p++)
		for (i = 1; i <= 2; i++) {
			more = woken(peer[p], "watched", m[i])
			row((i == 1 ? "interrupts" : "exits from idle") " that `watch=10ms` adds to an idle CPU in 10 s, " name[p], sprintf("%.1f", more), "0.0", more == 0)
		}

	section("what the kernel's own detectors cost the CPUs")
	row("interrupts in 10 s of an idle CPU: soft-lockup detector, 6.12", sprintf("%.1f", woken("module", "soft", "interrupts")), "-", -1)
	row("interrupts in 10 s of an idle CPU: buddy detector, 6.12", sprintf("%.1f", woken("module", "hard", "interrupts")), "-", -1)
	row("interrupts in 10 s of an idle CPU: perf detector, pseudo-NMI", sprintf("%.1f", woken("perf", "hard", "interrupts")), "-", -1)
	row("1e6 `local_irq_save`/`restore` pairs: irqsoff tracer built in and off / a kernel without it", times(value("irqsoff", 1, "without", "masks") / value("module", 1, "without", "masks")), "-", -1)
	row("1e6 `local_irq_save`/`restore` pairs: irqsoff tracer on / a kernel without it", times(value("irqsoff", 1, "with", "masks") / value("module", 1, "without", "masks")), "-", -1)
}

# sample PEER CONDITION: what a sample adds to the work of a CPU that is sampled once in 1e6 instructions.
function sample(peer, condition) {
	return 1e6 * (1 - value(peer, 4, "none", "work") / value(peer, 4, condition, "work"))
}

function sampling(    total) {
	section("cost of a sample with its call chain, in instructions")
	total = sample("module", "sdei_nmi")
	row("`sdei_nmi`, senders and sampled CPU together", amount(total), "-", -1)
	row("`sdei_nmi`: the timers of the two senders", amount(sample("module", "senders")), "-", -1)
	row("`sdei_nmi`: the firmware's part of sending the signal", amount(value("module", 4, "off", "signals") / 1000), "-", -1)
	row("`cpu-clock`", amount(sample("module", "cpu-clock")), "-", -1)
	row("`cycles`, by an interrupt", amount(sample("module", "cycles")), "-", -1)
	row("`cycles`, by pseudo-NMI", amount(sample("perf", "cycles")), "-", -1)
	row("`sdei_nmi` / `cycles` by pseudo-NMI", times(total / sample("perf", "cycles")), "-", -1)
}

# The floor is measured on a kernel without the driver built in, because it needs event 0.
function latency(    f, i, who, p, ratio, build, name) {
	section("latency of a signal, relative to an empty handler")
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

# over PEER NAME: prints the rows of held time.
function over(peer, name,    i, ratio) {
	for (i = 1; i <= 3; i++) {
		ratio = value(peer, most, condition_of[i], "held", "worst") / value(peer, 4, condition_of[i], "held", "worst")
		row("worst held, " name ", " most " CPUs / 4, " condition_name[i], sprintf("%.2f", ratio), i < 3 ? "at most 1.5" : "-", i < 3 ? ratio <= 1.5 : -1,
			"QEMU switched to another CPU in the middle of a handler.")
	}
	ratio = value(peer, many, "idle", "held") / value(peer, 4, "idle", "held")
	row("median held, " name ", " many " CPUs / 4, " condition_name[1], sprintf("%.2f", ratio), "at most 1.05", ratio <= 1.05)
	for (i = 1; i <= 3; i++) {
		ratio = value("linux", most, condition_of[i], "held", "worst") / value(peer, most, condition_of[i], "held", "worst")
		row("worst held at " most " CPUs, 7.3's own / " name ", " condition_name[i], times(ratio), i == 2 ? "at least 20" : "-", i == 2 ? ratio >= 20 : -1)
	}
	for (i = 1; i <= 3; i++)
		row("median held at " most " CPUs, 7.3's own / " name ", " condition_name[i], times(value("linux", most, condition_of[i], "held") / value(peer, most, condition_of[i], "held")), "-", -1)
	# The idle CPUs are most of those in the second condition, so its median says nothing new.
	for (i = 1; i <= 3; i += 2)
		bounded("median held at " most " CPUs, " name " / an empty handler, " condition_name[i], value(peer, most, condition_of[i], "held") / value("floor", most, condition_of[i], "held"), i == 1 ? 1.25 : 1.8,
			i == 1 ? "" : "Most of the rest is the kernel's own walk of the stack.")
}

# bounded MEASURE RATIO BOUND WHY: prints a row with an upper bound.
function bounded(what, ratio, bound, why) {
	row(what, sprintf("%.2f", ratio), "at most " bound, ratio <= bound, why)
}

function reports(peer, name,    i, ratio) {
	for (i = 1; i <= 3; i++) {
		ratio = value("linux", most, condition_of[i], "captured") / value(peer, most, condition_of[i], "captured")
		row("all captured at " most " CPUs, 7.3's own / " name ", " condition_name[i], times(ratio), "-", -1)
	}
	row("all captured at " many " CPUs, 7.3's own / " name ", " condition_name[1], times(value("linux", many, "idle", "captured") / value(peer, many, "idle", "captured")), "-", -1)
	bounded("all captured at 32 CPUs, " name " / an empty handler, others idle", value(peer, 32, "idle", "captured") / value("floor", 32, "idle", "captured"), 1.15,
		"The requester's part of the difference is the handshake with CPUs that enter deep idle, and the search for answers.")
	for (i = 1; i <= 3; i++)
		row("all printed at " most " CPUs, 7.3's own / " name ", " condition_name[i], times(value("linux", most, condition_of[i], "printed") / value(peer, most, condition_of[i], "printed")), "-", -1)
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
			row("grouped, " name " / 7.3's own" how, times(ratio), i == 1 ? "-" : "at most 0.25", i == 1 ? -1 : ratio <= 0.25)
			shown = value(peer, 32, "grouped-idle" setting[i], "shown", "best")
			row("CPUs of 32 that the grouped log names, " name how, shown, "32", shown == 32)
		} else if (i == 2) {
			row("grouped, " name " / 7.3's own" how, "not measured", "at most 0.25", 0, "The boot measured no grouped log.")
		}
		shown = value(peer, 32, "single-idle" setting[i], "shown", "best")
		row("CPUs of 32 that the log names, " name how, shown, "32", shown == 32)
	}
}

function size(    total) {
	section("size of the module")
	total = value("module", "", "size", "text") + value("module", "", "size", "data") + value("module", "", "size", "bss")
	row("text + data + bss", sprintf("%.1f KiB", total / 1024), "under 96 KiB", total < 96 * 1024,
		"The bounds were set before the module had the detector and the PMU.")
	total = value("module", 1, "loaded", "percpu", "worst")
	row("memory for each CPU", sprintf("%.2f KiB", total / 1024), "under 6 KiB", total < 6 * 1024,
		"The bounds were set before the module had the detector and the PMU.")
}

# line_of TITLE CPUS KEY COLUMNS: prints one line of a table if all columns were measured. KEY has "PEER CONDITION MEASURE" for each.
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
	print "\n| while idle | pairs | calls | pairs, ticks included | calls, ticks included |\n|---|---|---|---|---|"
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

# exact FORMAT SCALE PEER CPUS CONDITION MEASURE: the median with its spread. If it is missing, the report fails.
function exact(format, scale, peer, cpus, condition, measure) {
	return sprintf(format " (" format ".." format ")", value(peer, cpus, condition, measure) / scale, value(peer, cpus, condition, measure, "best") / scale, value(peer, cpus, condition, measure, "worst") / scale)
}

# pairs TITLE PEER CPUS CONDITION: prints one line of a table of 1e6 pairs.
function pairs(title, peer, cpus, condition) {
	printf "| %s | %s | %s |\n", title, exact("%.2f M", 1e6, peer, cpus, condition, "masks"), exact("%.2f M", 1e6, peer, cpus, condition, "masks_and_ticks")
}

function measured_watching(    i) {
	print "\n| a watcher works, and watches | a look, for each CPU looked at | the work, watching off | the work, `watch=10ms` |\n|---|---|---|---|"
	for (i = 1; i <= looks; i++)
		printf "| %d CPUs | %s | %s | %s |\n", look_cpus[i], exact("%.1f", 1, "module", look_cpus[i], "watch", "look"), exact("%.2f M", 1e6, "module", look_cpus[i], "off", "work"), exact("%.2f M", 1e6, "module", look_cpus[i], "watch", "work")
	print "\n| a watched CPU masks interrupts | pairs | pairs, ticks included |\n|---|---|---|"
	pairs("watching off", "module", 4, "off")
	pairs("`watch=10ms`", "module", 4, "watch")
	print "\n| the irqsoff tracer | pairs | pairs, ticks included |\n|---|---|---|"
	pairs("6.12", "module", 1, "without")
	pairs("6.12 with the tracer, off", "irqsoff", 1, "without")
	pairs("6.12 with the tracer, on", "irqsoff", 1, "with")
}

function measured_sampling(    i, n, who, title, part) {
	print "\n| a CPU works, and is sampled every 1e6 instructions | the work |\n|---|---|"
	n = split("module none|module senders|module sdei_nmi|module cpu-clock|module cycles|perf none|perf cpu-clock|perf cycles", who, "|")
	split("6.12, not sampled|6.12, an event of `sdei_nmi` is open but does not run|6.12, `sdei_nmi`|6.12, `cpu-clock`|6.12, `cycles`|6.12 with pseudo-NMI, not sampled|6.12 with pseudo-NMI, `cpu-clock`|6.12 with pseudo-NMI, `cycles`", title, "|")
	for (i = 1; i <= n; i++) {
		split(who[i], part, " ")
		printf "| %s | %s |\n", title[i], exact("%.2f M", 1e6, part[1], 4, part[2], "work")
	}
	printf "| a thousand signals to a CPU that is off | %s |\n", exact("%.3f M", 1e6, "module", 4, "off", "signals")
}

function measured_wakes(    i, m, n, p, who, title, long, measure, peer, text) {
	split("interrupts idle_exits", measure, " ")
	split("interrupts|exits from idle", long, "|")
	split("module perf", peer, " ")
	n = split("none soft hard watched watcher-lockups watcher-watch", who, " ")
	split("no detector|the kernel's soft-lockup detector|the kernel's hard-lockup detector|sdei-nmi, `watch=10ms`, a watched CPU|sdei-nmi, lockups only, a watcher|sdei-nmi, `watch=10ms`, a watcher", title, "|")
	for (m = 1; m <= 2; m++) {
		print "\n| " long[m] " of an idle CPU in 10 s | 6.12, buddy detector | 6.12, pseudo-NMI, perf detector |\n|---|---|---|"
		for (i = 1; i <= n; i++) {
			text = "| " title[i] " |"
			for (p = 1; p <= 2; p++)
				text = text " " exact("%.1f", 1, peer[p], 4, who[i], measure[m]) " |"
			print text
		}
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
			print text " " many " CPUs |\n|---|---|---|---|---|---|---|"
			for (p = 1; p <= peers; p++) {
				if (!have(peer_of[p], most, condition_of[c], measure_of[m]))
					continue
				text = "| " peer_name[p] " |"
				for (i = 1; i <= counts; i++)
					text = text " " spread(peer_of[p], cpus_of[i], condition_of[c], measure_of[m]) " |"
				print text " " spread(peer_of[p], many, condition_of[c], measure_of[m]) " |"
			}
		}
}

function measured_rest(    p, i, n, key, title) {
	print "\n| sysrq-l with one CPU of 4 that cannot be reached | seconds |\n|---|---|"
	for (p = 1; p <= peers; p++)
		if (have(peer_of[p], 4, "unreachable", "sysrq"))
			printf "| %s | %.3f (%.3f..%.3f) |\n", peer_name[p], value(peer_of[p], 4, "unreachable", "sysrq") / 1e9, value(peer_of[p], 4, "unreachable", "sysrq", "best") / 1e9, value(peer_of[p], 4, "unreachable", "sysrq", "worst") / 1e9

	print "\n| log of 32 CPUs: the requester, 27 idle, 3 in one loop, 1 wedged | bytes (least..most) | lines | CPUs named |\n|---|---|---|---|"
	n = split("single-idle0|single-idle1|grouped-idle0|grouped-idle1", key, "|")
	split("|, `backtrace_idle` on|, grouped|, grouped, `backtrace_idle` on", title, "|")
	for (p = 1; p <= peers; p++)
		for (i = 1; i <= n; i++)
			if (have(peer_of[p], 32, key[i], "bytes"))
				printf "| %s%s | %d (%d..%d) | %d | %d |\n", peer_name[p], title[i], value(peer_of[p], 32, key[i], "bytes"), value(peer_of[p], 32, key[i], "bytes", "best"), value(peer_of[p], 32, key[i], "bytes", "worst"), value(peer_of[p], 32, key[i], "lines"), value(peer_of[p], 32, key[i], "shown")

	printf "\nThe module: %d bytes of text, %d of data, %d of bss; %d bytes for each CPU.\n", value("module", "", "size", "text"), value("module", "", "size", "data"), value("module", "", "size", "bss"), value("module", 1, "loaded", "percpu", "worst")
}

function measured() {
	print "\n## Measured\n\nEach value is the median (least..most), in instructions unless the table names another unit. k: thousand, M: million."
	measured_idle()
	measured_idle_entry()
	measured_watching()
	measured_sampling()
	measured_wakes()
	measured_latency()
	measured_reports()
	measured_rest()
}

function growth(    c, m, p) {
	print "\n## Growth\n\nEach row is a line of least squares over 4, 8, 16, 32 and 64 CPUs: a + b x CPUs, in instructions. The last two columns extend it to\n192 and 512 CPUs. R² is \"-\" if the values differ by at most 5 %. 7.3's own and the interrupts poll for answers once a\nmillisecond, which is a million instructions. With up to 64 idle CPUs nearly all have answered before the first poll, so \"printed\"\nhardly grows here. With more CPUs it would grow as \"captured\" does.\n"
	print "| measure | mechanism | a | b | R² | at 192 | at 512 |\n|---|---|---|---|---|---|---|"
	for (m = 1; m <= 3; m++)
		for (c = 1; c <= 3; c++)
			for (p = 1; p <= peers; p++) {
				if (!have(peer_of[p], most, condition_of[c], measure_of[m]))
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
	counts = split("4 8 16 32 64", cpus_of, " ")
	most = cpus_of[counts]
	# Measured for drivers that use event 0, without CPUs in a loop.
	many = 128
	looks = split("4 16 64 128", look_cpus, " ")
	split("idle wedged busy", condition_of, " ")
	split("others idle|others idle, one wedged|all others in a loop", condition_name, "|")
	split("held captured printed", measure_of, " ")
	split("how long a CPU is held|until all are captured|until all is printed", measure_name, "|")
	peers = split("floor ipi pnmi linux module builtin", peer_of, " ")
	split("6.12, empty handler|6.12, interrupt|6.12, pseudo-NMI|7.3's own|sdei-nmi, module|sdei-nmi, built in", peer_name, "|")
}

FNR == NR {
	# A measure with too few runs, or of too few CPUs, is missing.
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
	builtin = have("builtin", most, "idle", "held")
	print "# What it costs\n"
	print "`make bench` writes this page. The first table has the ratios. The tables below it have the values with their spread, and\n`bench.csv` has every single value.\n"
	print "| measure | value | bound | |\n|---|---|---|---|"
	idle_cost()
	section("cost of deep idle")
	idle_entry("module", "module loaded / not")
	if (builtin)
		idle_entry("builtin", "built in / off by `enable=0`")
	watching()
	sampling()
	latency()
	section("held time")
	over("module", "module")
	if (builtin)
		over("builtin", "built in")
	section("report of all CPUs")
	reports("module", "module")
	if (builtin)
		reports("builtin", "built in")
	section("a CPU that cannot be reached, worst of all runs")
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
	printf "\nHeld and captured times of idle CPUs, captured times in general, and logs with a line for each idle CPU have no bound against 7.3's\nown. It holds an idle CPU only while it prints one line. Relative to it, an empty handler holds an idle CPU 1/%s as long, and\nhas all CPUs in 1/%s of the time. The lab runs one CPU at a time, so no CPU waits for another CPU's line here; CPUs that run in\nparallel would. In a log with idle CPUs, the five stacks that differ are more than a quarter of what 7.3's own prints.\n", times(value("linux", most, "idle", "held") / value("floor", most, "idle", "held")), times(value("linux", most, "idle", "captured") / value("floor", most, "idle", "captured"))
	printf "\nAn entry into deep idle has no bound. The driver has to close the CPU to signals before the kernel's SDEI core masks SDEI, and to open\nit again after the core has unmasked SDEI. So it has a notifier before the core's and one after it, and the kernel calls both on the\nway in and on the way out. In the machine code of 6.12, these four calls take about 78 instructions if the notifiers are empty.\nThe bound was 2 %% of an entry, which is %.0f instructions.\n", value("module", 1, "without", "deep_idle") / 1000 * 0.02
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
