# SPDX-License-Identifier: GPL-2.0
# The suite of make kdump, which run.sh reads in: one guest crashes for each row of tests/kdump/table, and judge.sh judges the files
# that it leaves. out/kdump/NAME keeps the files of a row until the row runs again.
# shellcheck shell=sh disable=SC2154 # run.sh reads this in

kdump=$out/kdump jobs=$out/kdump/jobs
disk_mib=1024
main_row=6.12-park-daif2-up

# rows: NAME KERNEL FIRMWARE DRIVER WEDGE TRIGGER CAPTURE SAVE SETS for each crash; "bad" and the row if a row cannot be read.
rows() {
	sed 's/#.*//' "$top/tests/kdump/table" | awk '
		function short(text) { gsub(/[:@]/, "", text); return text == "-" ? "none" : text }
		!NF { next }
		NF != 8 || $3 ~ /[^a-z,]/ || $4 !~ /^(-|[a-z]+:[0-9-]+)(,(-|[a-z]+:[0-9-]+))*$/ || $5 !~ /^[a-z-]+@[0-9](,[a-z-]+@[0-9])*$/ ||
			$6 !~ /^(-|up|smp|up,smp|smp,up)$/ || $7 !~ /^(-|notes|elf|makedumpfile)$/ { print "bad", $0; exit }
		{
			for (k = split($1, kernel, ","); k; k--) for (f = split($2, firmware, ","); f; f--) for (d = split($3, driver, ","); d; d--)
			for (w = split($4, wedge, ","); w; w--) for (t = split($5, trigger, ","); t; t--) for (c = split($6, capture, ","); c; c--) {
				name = kernel[k] "-" driver[d] "-" short(wedge[w]) (capture[c] == "-" ? "" : "-" capture[c])
				if (trigger[t] != "sysrq-c@0") name = name "-" short(trigger[t])
				if (firmware[f] != "tfa") name = name "-" firmware[f]
				if ($7 != "notes" && $7 != "-") name = name "-" $7
				if (!seen[name]++)
					print name, kernel[k], firmware[f], driver[d], wedge[w], trigger[t], capture[c], $7, $8
			}
		}'
}

bad=$(rows | sed -n 's/^bad //p')
[ -z "$bad" ] || die "tests/kdump/table has a row that can't be read: $bad"

# chosen: the rows that the options choose; with -c COUNT each row COUNT times, as NAME+1, NAME+2 and so on.
chosen() {
	rows | awk -v pattern="$pattern" -v kernel="$kernel" -v long="$long" -v count="$count" '
		$1 ~ pattern && (kernel == "" || $2 == kernel) && (long == "yes" || $9 !~ /(^|,)long(,|$)/) {
			name = $1
			for (i = 1; i <= count; i++) {
				$1 = count > 1 ? name "+" i : name
				print
			}
		}'
}

# expected: the fields that follow from a row: the CPUs that are masked, that lack a note, and that the capture kernel has.
expected() {
	awk -F = '
		{ value[$1] = $2 }
		END {
			split(value["wedge"], wedge, ":")
			split(wedge[2] "-" wedge[2], ends, "-")
			at = substr(value["trigger"], length(value["trigger"]))
			for (cpu = 0; cpu < 4; cpu++) {
				if (wedge[2] != "" && wedge[1] != "softlockup" && cpu >= ends[1] && cpu <= ends[2])
					masked = masked "," cpu
				else
					others = others "," cpu
			}
			lacks = value["driver"] == "none" ? masked : ""
			online = value["driver"] == "off" && value["trigger"] !~ /^(quirk|critical|conduit)/ ? ",0,1,2,3" : others
			# The CPU that waits for the wedged one is not stopped either, and the CPU before it panics.
			if (value["trigger"] ~ /^hardlockup/ && value["driver"] == "none") {
				lacks = "," at masked
				at--
			}
			# Of two CPUs that panic, the kernel parks the second one, which saves no note.
			if (value["trigger"] ~ /^both/) {
				lacks = ",3/1"
				online = value["driver"] == "off" ? ",0,1,2/0,2,3" : ",0,1/0,3"
			}
			# The CPU that leaves the panic to another one parks, too.
			if (value["trigger"] ~ /^forced/ && masked !~ /2/) {
				lacks = "," at
				at = 2
			}
			if (value["capture"] == "up" || value["trigger"] ~ /^refused/)
				online = "," at
			print "masked=" substr(masked, 2)
			print "lacks=" (lacks == "" ? "-" : substr(lacks, 2))
			print "online=" substr(online, 2)
		}'
}

patched() {
	sed 's/#.*//' "$top/kernels.list" | awk -v name="$1" '$1 == name && $3 == "patched" { found = 1 } END { exit !found }'
}

# programs FROM INTO FILE...: copies Debian programs, their loader and their libraries.
programs() {
	programs_from=$1 programs_into=$2
	shift 2
	mkdir -p "$programs_into"
	while [ $# -gt 0 ]; do
		programs_file=$(cd "$programs_from" && find . ! -type d \( -path "./$1" -o -path "./lib/*/$1" -o -path "./usr/lib/*/$1" \) | head -n 1)
		[ -n "$programs_file" ] || die "$1, which a program of the guest needs, is not in $programs_from."
		if [ ! -e "$programs_into/${1##*/}" ]; then
			cp -L "$programs_from/$programs_file" "$programs_into/${1##*/}"
			# shellcheck disable=SC2046 # names of libraries
			set -- "$@" $(aarch64-linux-gnu-objdump -p "$programs_into/${1##*/}" | awk '$1 == "NEEDED" { print $2 }')
		fi
		shift
	done
}

# provide KERNEL: builds what all rows of a kernel share.
provide() {
	kernel_dir=$(sh "$top/lab/kernel.sh" "$1")
	modules "$1" || die "there are no modules for kernel '$1', so its rows cannot run; see above."
	guest_base=$(sh "$top/lab/guest.sh" "$kernel_dir")
	debian=$(sh "$top/lab/debian.sh" kexec-tools makedumpfile)
}

# prepare: before the lanes start, because two lanes could build the same files.
prepare() {
	for row_kernel in $(echo "$rows" | cut -d ' ' -f 2 | sort -u); do
		(provide "$row_kernel") </dev/null
	done
}

# payload FOLDER TEST...: the payload of each of the two kernels: tests/lib/guest.sh, its files, and the list of tests.
payload() {
	into=$1
	shift
	mkdir -p "$into/tests"
	cp "$top/tests/lib/guest.sh" "$into/main"
	cp "$top/tests/lib/blocks.sh" "$ko/sdei_nmi.ko" "$into/"
	cp -r "$top/tests/kdump" "$into/tests/"
	cp "$dir/row" "$into/"
	! patched "$kernel" || : >"$into/built-in"
	printf '%s\n' "$@" >"$into/list"
}

# built_firmware FIRMWARE: prints the name that lab/firmware.sh knows, without the suffix for the machine.
built_firmware() {
	echo "$1" | sed 's/-\(uefi\|kpti\)$//'
}

# crash NAME KERNEL FIRMWARE DRIVER WEDGE TRIGGER CAPTURE SAVE SETS: runs the row's guest and judges it.
crash() {
	name=$1 kernel=$2 firmware=$3 driver=$4 trigger=$6 capture=$7 save=$8 sets=$9
	dir=$kdump/$name
	rm -rf "$dir"
	mkdir -p "$dir"
	# The guests and the judge read this file.
	for field in name kernel firmware driver wedge trigger capture save sets; do
		printf '%s=%s\n' $field "$1"
		shift
	done >"$dir/row"
	expected <"$dir/row" >"$dir/expected"
	cat "$dir/expected" >>"$dir/row"
	set --
	case $trigger in
	notifiers@*) set -- -a crash_kexec_post_notifiers ;;
	forced@*) set -- -a panic_force_cpu=2 ;;
	ghes@*) set -- -g ;;
	esac
	case $firmware in
	*-uefi) set -- "$@" -u ;;
	*-kpti) set -- "$@" -r -a kpti=1 ;;
	esac
	firmware=$(built_firmware "$firmware")
	! patched "$kernel" || set -- "$@" -a sdei_nmi.enable=1 -a "sdei_nmi.stop_ending=$driver"
	provide "$kernel" >&2

	payload "$dir/payload" 'kdump/crash crash 90'
	cp "$ko/sdei_nmi_wedge.ko" "$ko/crasher.ko" "$ko/hardware_error.ko" "$ko/requester.ko" "$ko/arm_fault.ko" "$ko/priority_mask.ko" "$ko/psci_by_hvc.ko" \
		"$out/guest/tests/guest_spin" "$out/guest/tests/pmu_events" "$dir/payload/"
	[ "$capture" = - ] || capture_kernel

	truncate -s ${disk_mib}M "$dir/disk"
	# A capture kernel with 64 KiB pages runs out of memory in 192 MiB.
	memory=768 reserved=192
	! grep -qx CONFIG_ARM64_64K_PAGES=y "$kernel_dir/build/.config" || memory=1536 reserved=512
	sh "$top/lab/boot.sh" -o "$dir/run" -k "$kernel" -f "$firmware" -c 4 -m $memory -t 150 -d "$dir/disk" \
		-a "crashkernel=${reserved}M" -a loglevel=8 -a panic=1 \
		-a 'rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60' "$@" "$dir/payload" >&2 || true
	rm -rf "$dir/payload"
	sh "$top/tests/kdump/judge.sh" "$dir"
}

# capture_kernel: puts kexec-tools, the capture kernel and its initramfs into the payload.
capture_kernel() {
	programs "$debian" "$dir/payload/programs" sbin/kexec
	cp "$kernel_dir/Image" "$dir/payload/"
	initramfs=$dir/capture
	mkdir -p "$initramfs"
	cp -a "$guest_base/." "$initramfs/"
	payload "$initramfs/payload" 'kdump/capture cpus 30' 'kdump/capture ticks 30' 'kdump/capture event 30'
	[ "$save" = - ] || echo 'kdump/capture notes 30' >>"$initramfs/payload/list"
	case $save in
	- | notes) ;;
	makedumpfile)
		programs "$debian" "$initramfs/payload/programs" usr/bin/makedumpfile
		echo 'kdump/capture dump 90' >>"$initramfs/payload/list"
		;;
	*) echo 'kdump/capture dump 90' >>"$initramfs/payload/list" ;;
	esac
	case ,$sets, in
	*,validate,*)
		cp "$ko/sdei_nmi_validate.ko" "$out/guest/sdei-nmi" "$top/tests/validate/expectations" "$initramfs/payload/"
		echo 'kdump/capture validate 60' >>"$initramfs/payload/list"
		;;
	esac
	(cd "$initramfs" && find . | LC_ALL=C sort | cpio --quiet -o -H newc --owner=0:0) >"$dir/payload/capture.cpio" ||
		die "the capture kernel's initramfs could not be packed; is the disk full?"
	rm -rf "$initramfs"
}

# line NAME RESULT: the line of a row in the page, fields separated by tabs; a missing fact is "-".
line() {
	awk -v OFS='\t' -v result="$2" '
		function of(key) { return value[key] != "" ? value[key] : "-" }
		FNR == NR { at = index($0, "="); value[substr($0, 1, at - 1)] = substr($0, at + 1); next }
		FNR == 1 { delete value["online"] }
		$1 == "pc" { value["pc"] = (value["pc"] ? value["pc"] "," : "") $2; next }
		{ key = $1; sub(/^[^ ]+ /, ""); value[key] = $0 }
		END {
			if ("dump" in value) {
				split(value["dump"], dump, " ")
				value["dump"] = sprintf("%s, %.0f MB", dump[1], dump[2] / 1e6)
			}
			if (!("pc" in value) && "elsewhere" in value)
				value["pc"] = "in the kernel"
			print of("kernel"), of("firmware"), of("driver"), of("wedge"), of("trigger"), of("capture"), of("stopped"), of("notes"), of("without"), of("pc"),
				of("walk"), of("online"), of("dump"), result
		}' "$kdump/$1/row" "$kdump/$1/facts"
}

# version: a checksum of the project's files that a row's result depends on.
version() {
	(cd "$top" && find driver validate tool patches tests/modules tests/kdump lab/kernels -type f | LC_ALL=C sort | xargs cat) | cksum
}

# write_page NAME...: writes the page from the rows whose last run was of this version, and states how many rows that are.
write_page() {
	this_version=$(version)
	results=$kdump/results.tsv
	run=0
	for name; do
		[ "$(cat "$kdump/$name/version" 2>/dev/null)" = "$this_version" ] || continue
		! grep -q 'FAIL$' "$kdump/$name/line" || die "row $name has failed, so docs/results/kdump.md stays as it is."
		cat "$kdump/$name/line"
		run=$((run + 1))
	done >"$results"
	rows_run="$run of the $# rows of the table were run, at commit $(git -C "$top" rev-parse --short HEAD 2>/dev/null || echo unknown)."
	again=$(grep -lx "$this_version" "$kdump/$main_row"+*/version 2>/dev/null | while read -r file; do cat "${file%version}line"; done | awk '{ n++ } /FAIL$/ { bad++ } END { if (n) printf " The row of a stock kernel, one CPU wedged and one CPU for the capture kernel was run %d times in a row besides; %d failed.", n, bad }')
	page >"$kdump/.report"
	mv "$kdump/.report" "$top/docs/results/kdump.md"
}

page() {
	cat <<-'END'
		# Crashes and reboots

		`make kdump` writes this file. Each row is one crash, reboot or kexec of a guest in the lab, from a row of `tests/kdump/table`, with
		Debian's kexec-tools and makedumpfile. `tests/kdump/judge.sh` judges the logs of both kernels and the dump. The guests have four CPUs
		and 768 MiB, or 1536 with 64 KiB pages. The kernels `builtin` (6.12), `builtin-new` (7.2) and `builtin-7.3` have the driver built
		in. `peer-cured` has the kernel's own driver, made safe by `make patch SERIES=cure`. The others load the module.

		- firmware: with "-uefi" the guest boots by UEFI and has ACPI; with "-kpti" both kernels have KPTI and KASLR
		- driver: not loaded (none), the kernel's own (own), or `stop_ending` of this one
		- wedge: the CPUs that spin, and what they mask or hold (`tests/modules/wedge/kinds.c`); guest: in KVM guests
		- trigger: what ends the kernel, and on which CPU; `kexec` starts another kernel without a crash
		- capture: whether the next kernel may use one CPU (up) or all (smp); "-": no capture kernel, the machine reboots
		- stopped: the CPUs that the driver stopped
		- notes: how many CPUs have their registers in the dump (NT_PRSTATUS); without: the CPUs that have none
		- pc: the wedged CPUs whose pc is, by address, in the function that spins, or in the one by which the host enters the guest
		- stacks: how drgn walked the stacks in the dump, up to the functions of the wedge: with the kernel's debug information, or along
		  the frame records from the pc and the frame pointer of the note
		- online: the CPUs of the capture kernel, by the first kernel's numbers; each takes timer interrupts, and event 0 works on each
		- "pass": the row found what it expects, and neither log has anything unexpected

	END
	printf '%s\n\n' "$rows_run$again Firmware: $(for name in $(built_firmware "$(cut -f 2 "$results")" | sort -u | grep -vx tfa-faulty); do
		printf '%s %s; ' "$name" "$(basename "$(dirname "$(sh "$top/lab/firmware.sh" "$name")")" | sed "s/^$name-//; s/-[0-9]*\$//")"
	done)tfa-faulty is tfa with an event of the lab's. Kernels: $(for name in $(cut -f 1 "$results" | sort -u); do
		printf '%s %s; ' "$name" "$(cat "$(sh "$top/lab/kernel.sh" "$name")/version")"
	done | sed 's/; $/./')"
	cat <<-'END'
		| kernel | firmware | driver | wedge | trigger | capture | stopped | notes | without | pc | stacks | online | dump | |
		|---|---|---|---|---|---|---|---|---|---|---|---|---|---|
	END
	awk -F '\t' '{ row = "|"; for (i = 1; i <= NF; i++) row = row " " ($i == "" ? "-" : $i) " |"; print row }' "$results"
}

# run_row JOB NAME KERNEL FIRMWARE DRIVER WEDGE TRIGGER CAPTURE SAVE SETS: crashes the row's guest, and writes the job's summary.
run_row() {
	row_job=$1 row_name=$2
	shift
	row_version=$(version)
	if (crash "$@") 2>&1; then
		result=pass
		summary='1 0 0'
	else
		result=FAIL
		summary='0 1 0'
	fi
	mkdir -p "$kdump/$row_name" && touch "$kdump/$row_name/facts" && line "$row_name" $result >"$kdump/$row_name/line" &&
		echo "$row_version" >"$kdump/$row_name/version" && echo "$summary" >"$jobs/$row_job/summary"
	echo "kdump $row_name: $result"
}

job() {
	# shellcheck disable=SC2046 # a row's words
	run_row "$1" $(echo "$rows" | awk -v name="$1" '$1 == name')
}
