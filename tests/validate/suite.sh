# SPDX-License-Identifier: GPL-2.0
# The suite of make validate, which run.sh reads in: runs sdei-nmi validate on each firmware of the lab, and sdei-nmi validate and the
# driver under each fault of tests/validate/expectations. A row passes if its outcome is known; under a fault the outcome also has to
# be the expected one. out/validate/NAME keeps the files of a row until the row runs again.
# shellcheck shell=sh disable=SC2154 # run.sh reads this in

work=$out/validate jobs=$out/validate/jobs
expectations=$top/tests/validate/expectations
validate_kernel=$kernel_default

# image FIRMWARE: its version, then debug or release.
image() {
	image_version=$(basename "$(dirname "$(sh "$top/lab/firmware.sh" "$1")")" | sed "s/^$1-//; s/-[0-9]*\$//")
	case $1 in
	*-release) echo "$image_version release" ;;
	*) echo "$image_version debug" ;;
	esac
}

# firmwares: each image once, because the newest source can be that of the stable release.
firmwares() {
	for firmware in tfa tfa-release tfa-newest tfa-newest-release; do
		echo "$firmware $(image $firmware)"
	done | awk '!seen[$2, $3]++ { print $1 }'
}

# destructive: the names of the destructive checks, from the source of the module.
destructive() {
	awk '/^[[:space:]]*\.name = / { split($0, part, "\""); name = part[2] } /\.destructive = true/ { print name }' "$top"/validate/*.c
}

# rows: NAME FIRMWARE FAULT CHECK WHEN TEST for each boot, the longest first. A test that ends its guest has a boot of its own.
rows() {
	echo faults tfa-faulty - - - validate/validate.all_faults
	echo driver tfa-faulty - - - validate/driver.all_under
	for each in $1; do
		echo "$each $each none - - validate/record.plain"
		for danger in $(destructive); do
			echo "$each-$danger $each none $danger - validate/record.destructive"
		done
	done
	echo faults-no-eoi tfa-faulty no-eoi - - validate/record.costly
	echo driver-no-eoi-loaded tfa-faulty no-eoi - loaded validate/driver.no_eoi_loaded
	echo driver-no-eoi-later tfa-faulty no-eoi - later validate/driver.no_eoi_later
	awk -v checks="$(destructive)" '
		/^[a-z]/ && $1 != "none" {
			for (i = split(checks, check); $3 != "*" && i; i--)
				print "faults-" $1 "-" check[i], "tfa-faulty", $1, check[i], "- validate/record.destructive"
			if ($4 == "-")
				print "driver-" $1 "-loaded tfa-faulty", $1, "- loaded validate/driver.damage"
			if ($5 == "-")
				print "driver-" $1 "-later tfa-faulty", $1, "- later validate/driver.damage"
		}' "$expectations"
}

# checks: the names of all checks, from the source of the module.
checks() {
	sed -n -e 's/^[[:space:]]*\.name = "\(.*\)".*/\1/p' -e 's/^[[:space:]]*DELIVERY("\([^"]*\)".*/delivery.\1/p' "$top"/validate/*.c
}

# A row that cannot be read would be a lost test, so it ends the run.
bad=$(sed 's/#.*//' "$expectations" | awk -v checks="$(checks)" '
	BEGIN { for (i = split(checks, name); i; i--) known[name[i]] }
	!NF { next }
	{ bad = NF != 5 || seen[$1]++ || $4 $5 !~ /^(serves|names|refuses|loses|-)(serves|names|dies|-)$/ }
	{ for (i = split($2 "," $3, name, ","); i; i--) bad = bad || !(substr(name[i], name[i] ~ /^!/ ? 2 : 1) in known) && name[i] !~ /^[-*]$/ }
	bad { print; exit }')
[ -z "$bad" ] || die "tests/validate/expectations has a row that is not FAULT CHECKS DESTRUCTIVE LOADED LATER, with checks of validate/: $bad"

chosen() {
	[ -z "$kernel" ] || [ "$kernel" = "$validate_kernel" ] || return 0
	rows "$(firmwares)" | awk -v pattern="$pattern" '$1 ~ pattern'
}

# prepare: builds what all rows share.
prepare() {
	kernel_dir=$(sh "$top/lab/kernel.sh" "$validate_kernel")
	sh "$top/lab/guest.sh" "$kernel_dir" >/dev/null
	ko=$(sh "$top/lab/modules.sh" "$validate_kernel")
	sh "$top/lab/firmware.sh" tfa-faulty >/dev/null
}

# boot NAME FIRMWARE FAULT CHECK WHEN TEST: boots the row's guest and judges it.
boot() {
	name=$1 firmware=$2 fault=$3 check=$4 when=$5 task=$6
	dir=$work/$name
	rm -rf "$dir"
	mkdir -p "$dir/payload/tests"
	printf '%s\n' "fault=$fault" "check=$check" "when=$when" >"$dir/row"
	case $task in
	*.all_*) limit=500 ;;
	*) limit=75 ;;
	esac
	# The console shows why the guest dies. A damaged kernel must not go on after the first damage that it notices.
	set -- -a loglevel=8 -a panic=1
	case $task in
	*.damage) set -- "$@" -a oops=panic ;;
	# One of the checks suspends a CPU, which needs an idle state of PSCI.
	*record.*) set -- "$@" -s ;;
	esac
	echo "${task%.*} ${task##*.} $limit" >"$dir/payload/list"
	cp "$top/tests/lib/guest.sh" "$dir/payload/main"
	cp "$top/tests/lib/blocks.sh" "$dir/row" "$ko"/*.ko "$out/guest/sdei-nmi" "$dir/payload/"
	cp -r "$top/tests/driver" "$top/tests/validate" "$dir/payload/tests/"
	sh "$top/lab/boot.sh" -o "$dir/run" -k "$validate_kernel" -f "$firmware" -c 4 -t $((limit + 20)) \
		-a 'rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60' "$@" "$dir/payload" || true
	rm -rf "$dir/payload" "$dir/run/initramfs.cpio"
	judge
}

# data: the data lines of the guest, from its report and from the kernel log on the console.
data() {
	sed -n 's/^# data //p' "$dir/run/result"
	tr -d '\r' <"$dir/run/console" | sed -n 's/^.*sdei-test: data //p'
}

# bad: the first line by which the kernel or the firmware reports damage.
bad() {
	cat "$dir/run/console" "$dir/run/secure" | tr -d '\r' | sed 's/^\[ *[0-9.]*\] *//' |
		grep -m 1 -E 'Unable to handle|Internal error|kernel BUG at|unsafe: exception|SError|^WARNING: CPU|BUG: |Insufficient stack|stack-protector|Kernel panic|hard LOCKUP|soft lockup|rcu: INFO|Attempted to kill|ASSERT:|PANIC|Unhandled' || true
}

# verdict: for a guest that has to finish, or to end as it announced.
verdict() {
	"$out/host/verdict" -n "$name" "$dir/run"
}

# judge: fails unless the outcome of the row is known. Writes the outcome to DIR/data.
judge() {
	data >"$dir/data" || true
	how=$(cat "$dir/run/exit" 2>/dev/null) || how=
	[ -n "$how" ] || { echo "the guest did not run" && return 1; }
	case $task in
	*.destructive) judge_destructive ;;
	*.damage) judge_damage ;;
	*) verdict ;;
	esac
}

judge_destructive() {
	grep -q '^running' "$dir/data" || { echo "the check did not start" && tail -n 5 "$dir/run/console" && return 1; }
	if ! grep -q '^result ' "$dir/data"; then
		why=$(bad)
		{
			echo "lost all"
			echo "came ${why:-nothing any more: the machine hangs}"
			echo "result down"
		} >>"$dir/data"
	elif [ "$(sed -n 's/^lost //p' "$dir/data")" = - ]; then
		verdict || return
	fi
	result=$(sed -n 's/^result //p' "$dir/data")
	cat "$dir/data"
	[ "$fault" != none ] || return 0
	# The table's row of the fault decides, and otherwise the row of unmodified TF-A.
	wanted=$(awk -v fault="$fault" -v check="$check" '
		$1 == "none" || $1 == fault {
			for (i = split($3, name, ","); i; i--) {
				if (name[i] == check)
					wanted = $1 == "none" ? "fail as without the fault" : "fail"
				if (name[i] == "!" check)
					wanted = "pass"
			}
		}
		END { print wanted == "" ? "pass" : wanted }' "$expectations")
	case $wanted/$result in
	pass/pass | fail*/FAIL | fail*/down) ;;
	pass/skip | fail\ as*/skip) skipped_rightly ;;
	*) echo "the table has: $wanted" && return 1 ;;
	esac
}

# skipped_rightly: a check may be skipped only because it needs a check that fails under the fault, by the table.
skipped_rightly() {
	needed=$(sed -n 's/^came this needs \(.*\) to pass first$/\1/p' "$dir/data")
	[ -n "$needed" ] && awk -v fault="$fault" -v needed="$needed" '
		$1 == fault && index("," $2 "," $3 ",", "," needed ",") { found = 1 }
		END { exit !found }' "$expectations" || { echo "the table has no reason to skip this check" && return 1; }
}

judge_damage() {
	why=$(bad)
	if grep -q '^whole' "$dir/data"; then
		seen=$(grep -E '^(a program died|CPU [0-9]* takes|refuses)' "$dir/data" | head -n 1)
		outcome="${why:+the kernel says: $why}"
		outcome=${outcome:-${seen:-nothing is seen}}
	elif [ -n "$why" ]; then
		outcome="the kernel ends: $why"
	elif grep -q '\] sysrq: Resetting' "$dir/run/console"; then
		outcome="it hangs"
	else
		case $how in
		timeout*) outcome="the machine hangs" ;;
		end) outcome="a program that the test needs died: $(sed -n 's/^# //p' "$dir/run/result" | grep -v '^data' | tail -n 1)" ;;
		*) outcome="the machine went down without a word" ;;
		esac
	fi
	grep -q '^armed' "$dir/data" || { echo "the fault was not armed: $outcome" && return 1; }
	echo "outcome $outcome" >>"$dir/data"
	cat "$dir/data"
}

# sources: the sources of the firmware and of everything that checks it.
sources() {
	find driver validate tool tests/modules lab/firmware lab/firmware.sh -name '*.[chS]' -o -name firmware.sh | LC_ALL=C sort
}

# version: a checksum of the sources.
version() {
	(cd "$top" && sources | xargs cat) | cksum
}

# write_page NAME...: writes the page. Each row has to have run with the current sources and passed.
write_page() {
	this_version=$(version)
	for name; do
		[ "$(cat "$work/$name/version" 2>/dev/null)" = "$this_version" ] || die "row $name has not been run since something changed, so docs/results/validate.md stays as it is; run make validate."
		[ "$(cat "$work/$name/result")" = ok ] || die "row $name has failed, so docs/results/validate.md stays as it is."
	done
	for firmware in tfa tfa-release tfa-newest tfa-newest-release; do
		echo "$firmware $(image $firmware)"
	done >"$work/firmwares"
	python3 "$top/tests/validate/results_md.py" "$work" "$expectations" "$(cat "$(sh "$top/lab/kernel.sh" "$validate_kernel")/version")" \
		"$(cd "$top" && sources | xargs git log -1 --format=%h -- 2>/dev/null)" >"$work/.page"
	mv "$work/.page" "$top/$page"
}

# job NAME: runs a row and writes the job's summary.
job() {
	row_version=$(version)
	# shellcheck disable=SC2046 # a row's words
	if (boot $(echo "$rows" | awk -v name="$1" '$1 == name')) 2>&1; then
		result=ok
		summary='1 0 0'
	else
		result='not ok'
		summary='0 1 0'
	fi
	mkdir -p "$work/$1" && echo "$result" >"$work/$1/result" && echo "$row_version" >"$work/$1/version" && echo "$summary" >"$jobs/$1/summary"
	echo "validate $1: $result"
}
