#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check.sh KERNEL [REGEX]: checks the sources, and prints KTAP. REGEX selects checks by name (default: all).
#
# Each function check_NAME of this file is a check; the plan is the list of these functions. A check prints one line for each
# finding, and fails if it prints anything or ends with an error. Its output goes to out/check/NAME; $work is its scratch folder.
set -eu
. "$(dirname "$0")/../lab/lib.sh"

usage='usage: check.sh KERNEL [REGEX]'
kernel=${1:?$usage}
checks=$(sed -n 's/^check_\([a-z0-9_]*\)() {$/\1/p' "$top/scripts/check.sh" | grep -E -- "${2:-.}") || die "no check matches '$2'."
kernel_dir=$(sh "$top/lab/kernel.sh" "$kernel")
version=$(cat "$kernel_dir/version")

check_shellcheck() {
	(cd "$top" && git ls-files '*.sh' tool/completion.bash .ci/run | xargs shellcheck)
}

objects=$out/check/work/sparse

# Kernel code: sparse, and the compiler's warnings at W=1.
check_sparse() {
	cp "$top/VERSION" "$objects/"
	for folder in driver validate tests/modules bench; do
		mkdir -p "$objects/$folder"
		cp -r "$top/$folder"/* "$objects/$folder/"
		log=$objects/$folder/log
		kbuild "$kernel_dir/build" -s "M=$objects/$folder" W=1 C=2 CHECK=sparse modules >"$log" 2>&1 ||
			{ echo "$folder does not build:" && tail -n 20 "$log"; }
		grep -iE '(error|warning):' "$log" || true
	done
}

# The driver's files stand in docs/design.md from the bottom up: each includes only what stands above it.
check_layers() {
	awk -F '|' '
		/^## / { on = /^## Files/ }
		on && /^\| `/ {
			row++
			n = split($2, word, "`")
			for (i = 2; i <= n; i += 2) {
				sub(/\.[ch]$/, "", word[i])
				print word[i], row
			}
		}' "$top/docs/design.md" >"$work/rows"
	for file in "$top"/driver/*.[ch]; do
		name=${file##*/}
		awk -v name="${name%.*}" -v file="driver/$name" '
			NR == FNR { row[$1] = $2; next }
			FNR == 1 && !(name in row) { print file " is not in the table of docs/design.md"; exit }
			/^#include "/ {
				split($2, part, /[".]/)
				if (!(part[2] in row) || row[part[2]] > row[name])
					print file " includes " $2 ", which is not above it in docs/design.md"
			}' "$work/rows" "$file"
	done
}

# What the driver and the firmware checks define for other files is prefixed. Tracepoints have the names that users of tracefs see. hook_builtin.c is
# not built out of tree, so its definitions are read; panic_smp_redirect_cpu() replaces a weak function of the kernel.
check_symbols() {
	[ -e "$objects/driver/sdei_nmi.o" ] || { mkdir -p "$objects" && check_sparse >/dev/null; }
	for object in "$objects"/driver/*.o; do
		case $object in
		*.mod.o | */sdei_nmi.o) continue ;;
		esac
		aarch64-linux-gnu-nm -g --defined-only "$object" | awk -v file="driver/${object##*/}" '
			$NF !~ /^sdei_nmi_/ && $NF !~ /^(init|cleanup)_module$/ &&
			$NF !~ /^__(tracepoint|traceiter|probestub|SC[KT]__tp_func)_(signal|deliver|done|irqs_off)$/ {
				print file " defines " $NF ", which has no prefix sdei_nmi_"
			}'
	done
	for object in "$objects"/validate/*.o; do
		case $object in
		*.mod.o | */sdei_nmi_validate.o) continue ;;
		esac
		aarch64-linux-gnu-nm -g --defined-only "$object" | awk -v file="validate/${object##*/}" '
			$NF !~ /^sdeiv_/ && $NF !~ /^(init|cleanup)_module$/ { print file " defines " $NF ", which has no prefix sdeiv_" }'
	done
	awk '/^[a-z].*\(/ && !/^static/ && !/ (sdei_nmi_[a-z_]*|panic_smp_redirect_cpu)\(/ { print "driver/hook_builtin.c: " $0 }' "$top/driver/hook_builtin.c"
}

# A trace of the driver's own is unambiguous: no two files have a static function of one name.
check_statics() {
	for file in "$top"/driver/*.c; do
		sed -n 's/^static [^=;(]*[ *]\([a-z][a-z0-9_]*\)(.*/\1/p' "$file" | sort -u
	done | sort | uniq -d | sed 's/$/() is a static function of two files of the driver/'
}

# checkpatch is part of the kernel's source. The cache keeps only the files that it needs.
fetch_checkpatch() {
	[ -e "$cache/checkpatch/$version/checkpatch.pl" ] && return
	archive=$(sh "$top/lab/source.sh" "$(echo "$version" | cut -d . -f 1-2)")
	rm -rf "$cache/checkpatch/.new"
	mkdir -p "$cache/checkpatch/.new"
	xz -dc -T2 "$archive" | tar -x -C "$cache/checkpatch/.new" --strip-components=2 --wildcards '*/scripts/checkpatch.pl' \
		'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' || die "checkpatch could not be unpacked from $archive."
	mv "$cache/checkpatch/.new" "$cache/checkpatch/$version"
}

check_checkpatch() {
	find "$top/driver" "$top/validate" "$top/tests/modules" "$top/bench/sdei_nmi_bench.c" -name '*.[chS]' | sort | while read -r file; do
		(cd "$work" && perl "$cache/checkpatch/$version/checkpatch.pl" --no-tree --strict --terse --show-types --no-summary \
			-f "$file" 2>errors) || { echo "${file#"$top"/}: checkpatch ended with $?" && cat "$work/errors"; }
	done
}

check_tool() {
	find "$top/tool" -name '*.c' | sort | while read -r file; do
		# shellcheck disable=SC2046 # a list of flags
		gcc -std=gnu11 -O2 -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -I"$top/tool" -c -o /dev/null \
			-DTOOL_HAS_LIBDW $(pkg-config --cflags json-c ncursesw smartcols libdw) "$file" 2>&1 || echo "$file does not compile"
	done
}

# The programs that run on the host and in the guest compile without a warning.
check_programs() {
	for program in "$top"/lab/*.c "$top"/tests/programs/*.c "$top"/bench/getppid.c; do
		case $program in
		*/lab/init.c | */tests/programs/* | */bench/*) cc=aarch64-linux-gnu-gcc ;;
		*) cc=gcc ;;
		esac
		$cc -std=gnu11 -O2 -Wall -Wextra -Werror -c -o /dev/null "$program" 2>&1 || echo "${program#"$top"/} does not compile"
	done
}

# includes FOLDER: prints FILE HEADER for each include of the folder's own headers, both without their ends.
includes() {
	(cd "$top/$1" && find . -name '*.[ch]' -exec grep -H '^#include "' {} +) | sed 's,^\./\([^:.]*\)\.[ch]:#include "\([^".]*\)\.h".*,\1 \2,'
}

# tangled TITLE: reads pairs A B, where A needs B, and prints each name that is part of a cycle.
tangled() {
	awk '$1 != $2' | tsort 2>&1 >/dev/null | sed -n "s,^tsort: \([a-z0-9_/]*\)\$,$1\1 is part of a cycle of includes,p"
}

# No file of validate/ or tool/ includes a header that leads back to it, and no folder of tool/ one that leads back to the folder. A .c
# file and its header count as one.
check_cycles() {
	includes validate | tangled validate/
	includes tool | tangled tool/
	includes tool | sed -n 's,^\([a-z]*\)/[a-z0-9_]* \([a-z]*\)/.*,\1 \2,p' | tangled tool/
}

check_man() {
	mandoc -T lint -W warning "$top"/tool/man/*
}

# kernels.list and the README's table name the same kernels.
check_kernels() {
	listed=$(sed 's/#.*//' "$top/kernels.list" | awk 'NF { print $1 }' | sort)
	documented=$(awk '/^## / { on = /Tested kernels/ } on && /^\| / { print $2 }' "$top/README.md" | grep -v '^kernel$' | sort)
	[ "$listed" = "$documented" ] || printf 'kernels.list has:\n%s\nthe README has:\n%s\n' "$listed" "$documented"
}

locked checkpatch fetch_checkpatch

# pages: the documents, except those that make kdump and make validate write.
pages() {
	(cd "$top" && git ls-files '*.md' | grep -vE '^docs/results/(kdump|validate|bench)\.md$')
}

# anchors FILE: the anchors of its headings, as they are made from the headings' words.
anchors() {
	sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed -e 's/[^a-z0-9 _-]//g' -e 's/ /-/g'
}

# Each link leads to a file and, if it has an anchor, to a heading in that file.
check_links() {
	pages | while read -r page; do
		{ grep -o '\](\([^)]*\))' "$top/$page" || true; } | sed -e 's/^](//' -e 's/)$//' | while read -r link; do
			case $link in *://*) continue ;; esac
			path=${link%%#*}
			target=$top/$page
			[ -z "$path" ] || target=$(dirname "$target")/$path
			if [ ! -e "$target" ]; then
				echo "$page: there is no $link"
			elif [ "$link" != "$path" ] && ! anchors "$target" | grep -qxF -- "${link#*#}"; then
				echo "$page: there is no heading for $link"
			fi
		done
	done
}

# Each test, check of a firmware, and path of this tree that a page names in backquotes exists. Capitals stand for something else.
check_names() {
	awk '/^[^#]/ && NF == 4 { n = split($1, part, "/"); print part[n] "." $2; print $1 "." $2 }' "$top/tests/table" >"$work/names"
	sed -n 's/.*\.name = "\([a-z_0-9]*\.[a-z_0-9]*\)".*/\1/p' "$top"/validate/*.c >>"$work/names"
	# These names are put together by a macro.
	sed -n 's/.*DELIVERY[A-Z_]*("\([a-z_0-9]*\)".*/delivery.\1/p' "$top"/validate/*.c >>"$work/names"
	sed 's/\.[^.]*$//' "$work/names" | sort -u >"$work/files"
	pages | while read -r page; do
		# shellcheck disable=SC2016 # backquotes of a page
		{ grep -o '`[a-z_/]*\.[a-z_0-9]*`' "$top/$page" || true; } | tr -d '`' | grep -vE '\.(c|h|sh|py|ko|md|list)$' |
			while read -r name; do
				! grep -qxF -- "${name%.*}" "$work/files" || grep -qxF -- "$name" "$work/names" ||
					echo "$page: there is no test or check $name"
			done
		# shellcheck disable=SC2016 # the same
		{ grep -oE '`(bench|contrib|docs|driver|lab|packaging|patches|scripts|tests|tool|validate)/[a-z0-9_./-]*`' "$top/$page" || true; } |
			tr -d '`' | while read -r path; do
			[ -e "$top/$path" ] || grep -qxF -- "$path" "$work/names" || echo "$page: there is no $path"
		done
	done
}

# Lines of the documents have at most 132 columns; rows of tables can't be wrapped.
check_width() {
	pages | while read -r page; do
		awk -v page="$page" '!/^\|/ && length > 132 { print page ":" FNR ": " length " columns" }' "$top/$page"
	done
}

# The indented lines of docs/latency.md and docs/profiling.md are output of make latency and make profile.
check_quotes() {
	for pair in latency:latency profiling:profile; do
		page=docs/${pair%:*}.md
		example=${pair#*:}
		results=docs/results/$example.txt
		awk -v page="$page" -v results="$results" -v example="$example" 'NR == FNR { written[$0]; next }
			/^    / && !(substr($0, 5) in written) { print page ":" FNR ": not in " results ":" $0; found = 1 }
			END {
				if (found)
					print page " quotes " results ", which make " example " writes anew: quote the new output, or restore the old one by: git restore docs/results"
			}' "$top/$results" "$top/$page"
	done
}

# VERSION is the newest release of CHANGELOG.md.
check_version() {
	sh "$top/packaging/changelog.sh" >"$work/changelog" && dpkg-parsechangelog -l "$work/changelog" >"$work/parsed"
}

rm -rf "$out/check"
mkdir -p "$out/check/work"
echo "KTAP version 1"
echo "1..$(echo "$checks" | wc -l)"
number=0
failed=0
for check in $checks; do
	number=$((number + 1))
	findings=$out/check/$check
	work=$out/check/work/$check
	mkdir "$work"
	set +e
	(set -e && "check_$check") >"$findings" 2>&1
	status=$?
	set -e
	[ $status = 0 ] || echo "$check ended with $status" >>"$findings"
	if [ -s "$findings" ]; then
		sed 's/^/# /' "$findings"
		echo "not ok $number $check"
		failed=1
	else
		echo "ok $number $check"
	fi
done
exit $failed
