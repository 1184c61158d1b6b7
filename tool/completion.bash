# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Completion of sdei-nmi, by the functions of bash-completion, which loads this file: subcommands, options, folders, files, and the
# names of the firmware checks. The options come from the tool's own help, the columns of a table from its message about a wrong one.

_sdei_nmi() {
	local cur prev words cword split subcommand='' columns before='' i
	local subcommands='check status stacks diff top watch ping trigger report metrics validate help'
	# The checks of validate/, each topic alone and with each of its checks.
	local checks=(
		coalescing{,.burst,.in_handler,.many_in_handler,.no_more,.no_stray,.own_in_handler}
		concurrency{,.all_to_all,.all_to_one,.latency,.one_to_all}
		delivery{,.each_daif,.each_to_each,.idle,.in_interrupt,.in_page_fault,.in_program,.interrupts_masked}
		delivery{.interrupts_on,.priority_mask,.storm,.to_itself,.wfi}
		discovery{,.counter_rate,.error_width,.event0_normal,.event0_private,.event0_signaled,.features,.info_routing}
		discovery{.info_unknown_event,.info_unknown_kind,.status_unknown_event,.unknown_call,.version}
		first_signal{,.accepted,.arrives,.interrupts_go_on,.masked_interrupts,.once,.prompt,.right_pe}
		handler{,.complete_and_resume,.context,.context_of_others,.pan,.parameters,.registers,.running,.state}
		handler.unregister
		hotplug{,.beside,.off_after_event,.off_and_on}
		kexec{,.event0}
		states{,.complete_outside,.context_outside,.disable,.disable_twice,.disable_unregistered,.enable}
		states{.enable_status,.enable_twice,.enable_unregistered,.mask,.mask_keeps,.none,.own_of_each}
		states{.register,.register_again,.register_nowhere,.register_twice,.register_unknown_event,.routing}
		states{.unregister,.unregister_unregistered}
		survival{,.flags,.system_registers,.vectors,.x0_to_x17,.x18_to_sp}
		targets{,.absent,.bad_affinity,.disabled,.masked,.offline,.other_event,.suspended,.unregistered}
	)

	_init_completion -s || return
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		--root) ((i++)) ;;
		-*) ;;
		*)
			subcommand=${words[i]}
			break
			;;
		esac
	done
	case $prev in
	--root)
		_filedir -d
		return
		;;
	--lines)
		# Only a folder in the same word belongs to the option.
		if $split; then
			_filedir -d
			return
		fi
		;;
	-F | --file)
		_filedir
		return
		;;
	-o | --output)
		if [ "$subcommand" = validate ]; then
			_filedir '@(json|md|html)'
		else
			_filedir
		fi
		return
		;;
	--check)
		mapfile -t COMPREPLY < <(compgen -W "${checks[*]}" -- "$cur")
		return
		;;
	--columns | --sort)
		columns=$("$1" "$subcommand" --columns= 2>&1 | sed -n '/its columns are/{s/.* are //;s/[.,]//g;p}')
		case $prev$cur in
		--columns*,*) before=${cur%,*}, ;;
		--sort-*) before=- ;;
		esac
		mapfile -t COMPREPLY < <(compgen -P "$before" -W "$columns" -- "${cur#"$before"}")
		return
		;;
	-c | --cpus | -d | --delay | -n | --count | -i | --interval | -w | --watch | --over | --for) return ;;
	esac
	$split && return
	case $cur in
	-*)
		mapfile -t COMPREPLY < <(compgen -W "$(_parse_help "$1" "$subcommand --help")" -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
		;;
	*)
		case $subcommand in
		'') mapfile -t COMPREPLY < <(compgen -W "$subcommands" -- "$cur") ;;
		diff) _filedir ;;
		help) mapfile -t COMPREPLY < <(compgen -W "${subcommands% help}" -- "$cur") ;;
		esac
		;;
	esac
}

complete -F _sdei_nmi sdei-nmi
