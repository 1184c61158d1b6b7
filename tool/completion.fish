# SPDX-License-Identifier: GPL-2.0
# Completion of sdei-nmi in fish: subcommands, options, folders and files. The subcommands and the options, with what they do, come from
# the tool's own help, the columns of a table from its message about a wrong one.

function __sdei_nmi_subcommands
	sdei-nmi --help 2>/dev/null | string match -rg '^  ([a-z]+) +([A-Z].*)$' | paste - -
end

# The first word that is no option, and not the folder of --root.
function __sdei_nmi_subcommand
	set -l words (commandline -opc)
	set -e words[1]
	while set -q words[1]
		switch $words[1]
		case --root
			set -e words[1]
		case '-*'
		case '*'
			echo $words[1]
			return 0
		end
		set -e words[1]
	end
	return 1
end

# Whether the subcommand is one of the arguments. There may be no subcommand yet.
function __sdei_nmi_subcommand_is
	set -l subcommand (__sdei_nmi_subcommand)
	and contains -- $subcommand $argv
end

function __sdei_nmi_options
	sdei-nmi (__sdei_nmi_subcommand) --help 2>/dev/null | string match -rg '^ +(?:-., )?(--[a-z-]+)(?:\[?=[A-Z]+\]?)? +(.*)$' | paste - -
end

function __sdei_nmi_columns
	sdei-nmi (__sdei_nmi_subcommand) --columns= 2>&1 | string match -rg 'its columns are (.*)\.$' | string split ', '
end

complete -c sdei-nmi -f
complete -c sdei-nmi -n 'not __sdei_nmi_subcommand' -a '(__sdei_nmi_subcommands)'
complete -c sdei-nmi -n '__sdei_nmi_subcommand_is help' -a '(__sdei_nmi_subcommands)'
complete -c sdei-nmi -n 'string match -q -- "-*" (commandline -ct)' -a '(__sdei_nmi_options)'
complete -c sdei-nmi -n '__sdei_nmi_subcommand_is ping watch validate' -l columns -xa '(__fish_complete_list , __sdei_nmi_columns)'
complete -c sdei-nmi -n '__sdei_nmi_subcommand_is ping watch' -l sort -xa '(__sdei_nmi_columns)'
complete -c sdei-nmi -l root -xa '(__fish_complete_directories)'
complete -c sdei-nmi -n '__sdei_nmi_subcommand_is stacks diff' -l lines -a '(__fish_complete_directories (commandline -ct))'
complete -c sdei-nmi -n '__sdei_nmi_subcommand_is stacks report metrics validate' -s o -l output -rF
complete -c sdei-nmi -n '__sdei_nmi_subcommand_is stacks' -s F -l file -rF
complete -c sdei-nmi -n '__sdei_nmi_subcommand_is diff' -F
