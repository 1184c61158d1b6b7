#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# tool.sh TOOL [PATTERN]: runs the tool, built for this host, on small trees that stand for machines (--root), and prints KTAP version 1.
#
# Each function in host/*.sh whose name matches the regular expression PATTERN is a test. It passes if it returns. It fails if it calls
# fail with a sentence, or if a command in it fails.
# "run" keeps what the tool printed in $work/out and $work/err, compares the exit status with the expected one, and checks that every
# failure is one sentence. machine.sh has run and the trees, debug.sh files with debug information, terminal.sh the rest.
set -u

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
built=${1:?usage: tool.sh TOOL [PATTERN]}
pattern=${2:-.}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM
# Another user has to be able to run it.
chmod 755 "$work"
cp "$built" "$work/sdei-nmi" || exit 2
tool=$work/sdei-nmi
root=$work/root
# Shells write their history there.
HOME=$work/home
export HOME
mkdir "$HOME" || exit 2
unset NO_COLOR
. "$here/machine.sh"
. "$here/debug.sh"
. "$here/terminal.sh"
set --
for file in "$here"/host/*.sh; do
	. "$file"
	# shellcheck disable=SC2046 # a list of names
	set -- "$@" $(sed -n 's/^\([a-z_]*\)() {$/\1/p' "$file" | grep -E -- "$pattern")
done

echo "KTAP version 1"
echo "1..$#"
number=0
failed=0
for name; do
	number=$((number + 1))
	# The shell ignores set -e in a condition.
	(set -e && "$name") >"$work/said" 2>&1
	status=$?
	if [ $status = 0 ]; then
		echo "ok $number $name"
	else
		failed=$((failed + 1))
		sed 's/^/# /' "$work/said"
		echo "not ok $number $name"
	fi
done
[ "$failed" = 0 ]
