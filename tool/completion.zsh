#compdef sdei-nmi
# SPDX-License-Identifier: GPL-2.0
# Completion of sdei-nmi in zsh: subcommands, options, folders and files. The subcommands and the options, with what they do, come from
# the tool's own help, the columns of a table from its message about a wrong one.

_sdei_nmi() {
	local tool=$words[1] word subcommand= previous=$words[CURRENT-1] i
	local -a choices columns

	for ((i = 2; i < CURRENT; i++)); do
		word=$words[i]
		if [[ $word == --root ]]; then
			((i++))
		elif [[ $word != -* ]]; then
			subcommand=$word
			break
		fi
	done
	case $previous in
	--root)
		_files -/
		return
		;;
	-o | --output | --file)
		_files
		return
		;;
	-c | --cpus | -n | --count | -i | --interval | -w | --watch | -d | --delay | --over | --for | --check) return 1 ;;
	esac
	if [[ $PREFIX == --(columns|sort)=* ]]; then
		previous=${PREFIX%%=*}
		compset -P '*='
	fi
	if [[ $previous == --(columns|sort) ]]; then
		columns=($($tool $subcommand --columns= 2>&1 | sed -n '/its columns are/{s/.* are //;s/[.,]//g;p}'))
		compset -P '*,' || compset -P -
		compadd -a columns
	elif [[ $PREFIX == -* ]]; then
		if compset -P '*='; then
			_files
			return
		fi
		choices=(${(f)"$($tool $subcommand --help 2>/dev/null |
			sed -n -e 's/^ *\(-[a-zA-Z?], \)\{0,1\}\(--[a-z-]*\)\(\[\{0,1\}=[A-Z]*\]\{0,1\}\)\{0,1\}  *\(.*\)/\2:\4/p')"})
		_describe -o option choices
	elif [[ -z $subcommand || $subcommand == help ]]; then
		choices=(${(f)"$($tool --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z]*\)  *\(.*\)/\1:\2/p')"})
		_describe subcommand choices
	else
		_files
	fi
}

_sdei_nmi "$@"
