# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of sdei-nmi: subcommands, and the options of each.

_sdei_nmi() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} common='--json --root --help --usage --version'
	local subcommand='' own='' i

	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		status | stacks | ping | trigger | report | metrics | validate) [ -n "$subcommand" ] || subcommand=${COMP_WORDS[i]} ;;
		esac
	done
	COMPREPLY=()
	case $before in
	--root)
		mapfile -t COMPREPLY < <(compgen -d -- "$word")
		return
		;;
	-o | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	-c | --cpus | -n | --count | -i | --interval | -w | --watch | --check) return ;;
	esac
	case $subcommand in
	'') own='status stacks ping trigger report metrics validate' ;;
	stacks) own='--all --cpus --watch --count --folded' ;;
	ping) own='--cpus --count --interval' ;;
	trigger) own='--print' ;;
	report | metrics) own='--output' ;;
	validate) own='--output --check --destructive' ;;
	esac
	case $word in
	-*) mapfile -t COMPREPLY < <(compgen -W "$common ${subcommand:+$own}" -- "$word") ;;
	*) [ -n "$subcommand" ] || mapfile -t COMPREPLY < <(compgen -W "$own" -- "$word") ;;
	esac
}

complete -F _sdei_nmi sdei-nmi
