#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# make.sh: tests the Makefile's targets for servers and packagers, and the variables that they take: in a copy of the tree, with
# compilers that only record their arguments and a kernel build folder that is made up. Runs on the host and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/packaging/tree.sh"

work=$out/packaging/make
tree=$work/tree
root="$work/the root"
version=$(cat "$top/VERSION")
release=6.12.0-test
unset CC CFLAGS CPPFLAGS LDFLAGS LDLIBS LIBDW PKG_CONFIG LLVM ARCH CROSS_COMPILE PREFIX DESTDIR INSTALL sbindir datadir mandir unitdir textfile_dir moduledir MODULES V

# recorder NAME: makes a program that records its arguments in $work/NAME and creates the file after -o.
recorder() {
	cat >"$work/bin/$1" <<-END
		#!/bin/sh
		echo "\$*" >>"$work/$1"
		while [ \$# != 0 ]; do
			[ "\$1" != -o ] || : >"\$2"
			shift
		done
	END
	chmod +x "$work/bin/$1"
	rm -f "$work/$1"
}

# run ARGUMENT...: runs make in the copy of the tree.
run() {
	make -s -C "$tree" "$@"
}

bare_make_builds_tool() {
	recorder cc
	rm -rf "$tree/out"
	PATH=$work/bin:$PATH run
	[ -e "$tree/out/host/sdei-nmi" ]
	[ "$(find "$tree/out" -type f ! -name .variables)" = "$tree/out/host/sdei-nmi" ]
	grep -e '-O2 -g .*-ljson-c.*-lncursesw.*-lsmartcols' "$work/cc"
}

# Each target that help names exists.
help_names_targets() {
	run help | sed -n 's/^  make\(, make\)\{0,1\} \([a-z-]*\)  .*/\2/p' >"$work/named"
	[ "$(wc -l <"$work/named")" -gt 20 ]
	for target in package-rpm dist module-install dkms-install uninstall tool; do
		grep -qx -- "$target" "$work/named"
	done
	while read -r target; do
		grep -q "^$target:" "$tree/Makefile" || { echo "make help names $target, which does not exist" && return 1; }
	done <"$work/named"
}

# takes_flags COMMAND...: with this command, the build takes the compiler, its flags and pkg-config from the variables.
takes_flags() {
	recorder compiler
	# shellcheck disable=SC2016 # for the program
	printf '#!/bin/sh\necho "--pkg$1"\n' >"$work/bin/config"
	chmod +x "$work/bin/config"
	rm -rf "$tree/out"
	"$@"
	grep -e ' -Ione -Otwo .* --pkg--cflags -Lthree -o out/host/sdei-nmi .* --pkg--libs -lfour$' "$work/compiler" || { cat "$work/compiler" && return 1; }
	! grep -e '-O2' "$work/compiler" || return 1
}

tool_takes_flags() {
	set -- "CC=$work/bin/compiler" CPPFLAGS=-Ione CFLAGS=-Otwo LDFLAGS=-Lthree LDLIBS=-lfour "PKG_CONFIG=$work/bin/config"
	takes_flags run "$@"
	takes_flags env "$@" make -s -C "$tree"
}

# libdw is optional. A tool without it says so if it is asked for source lines, and prints the stacks.
tool_builds_without_libdw() {
	# shellcheck disable=SC2016 # for the program
	printf '#!/bin/sh\ncase $* in *libdw*) exit 1 ;; *) exec pkg-config "$@" ;; esac\n' >"$work/bin/config"
	chmod +x "$work/bin/config"
	rm -rf "$tree/out"
	run tool CFLAGS=-O0 "PKG_CONFIG=$work/bin/config" 2>"$work/message" >/dev/null
	grep -x 'sdei-nmi: the tool is built without libdw, so it has no --lines.' "$work/message"
	echo '{"format": "sdei-nmi-stacks", "version": 1, "taken_ns": null, "addresses": null, "online": "0", "cpus": [], "groups": []}' >"$work/snapshot"
	"$tree/out/host/sdei-nmi" stacks --lines -F "$work/snapshot" --json >"$work/lines" 2>"$work/message"
	grep -q '"format": "sdei-nmi-stacks"' "$work/lines"
	grep -q '^sdei-nmi: this build of the tool has no libdw, ' "$work/message"
	[ "$(wc -l <"$work/message")" = 1 ]
}

# LIBDW=yes is for packages that are to have it, LIBDW=no for those that are not.
tool_has_libdw_as_asked() {
	recorder cc
	# shellcheck disable=SC2016 # for the program
	printf '#!/bin/sh\ncase $* in *libdw*) exit 1 ;; esac\n' >"$work/bin/config"
	chmod +x "$work/bin/config"
	rm -rf "$tree/out"
	if PATH=$work/bin:$PATH run tool LIBDW=yes "PKG_CONFIG=$work/bin/config" >/dev/null 2>"$work/message"; then
		return 1
	fi
	grep "^sdei-nmi: '$work/bin/config' finds no libdw; install " "$work/message"
	PATH=$work/bin:$PATH run tool LIBDW=yes PKG_CONFIG=true
	grep -e -DTOOL_HAS_LIBDW "$work/cc"
	rm -rf "$tree/out" "$work/cc"
	PATH=$work/bin:$PATH run tool LIBDW=no PKG_CONFIG=true
	! grep -e -DTOOL_HAS_LIBDW "$work/cc" || return 1
}

# compiles NUMBER ARGUMENT...: with these arguments, make compiles so many programs; make -n announces the same, and a second make none.
compiles() {
	compiles_number=$1
	shift
	compiles_announced=$(run -n "$@" | grep -ce ' -o ') || true
	[ "$compiles_announced" = "$compiles_number" ] || { echo "make -n $* announces $compiles_announced programs and not $compiles_number" && return 1; }
	for compiles_wanted in "$compiles_number" 0; do
		: >"$work/compiler"
		run "$@"
		[ "$(wc -l <"$work/compiler")" = "$compiles_wanted" ] || { echo "make $* compiles $(wc -l <"$work/compiler") and not $compiles_wanted" && return 1; }
	done
}

# A tool that was built with other variables is not taken, and one that was built with the same is.
tool_follows_variables() {
	recorder compiler
	cp "$work/bin/compiler" "$work/bin/another"
	# pkg-config finds libdw only if $work/libdw exists.
	# shellcheck disable=SC2016 # for the program
	printf '#!/bin/sh\ncase $* in *libdw*) [ -e "%s" ] ;; esac\n' "$work/libdw" >"$work/bin/config"
	chmod +x "$work/bin/config"
	rm -rf "$tree/out" "$work/libdw"
	set -- tool "CC=$work/bin/compiler" "PKG_CONFIG=$work/bin/config"
	compiles 1 "$@"
	for variable in "CPPFLAGS=-DNAME='\"a  b\"'" CFLAGS=-O3 LDFLAGS=-Lone LDLIBS=-ltwo "CC=$work/bin/another"; do
		compiles 1 "$@" "$variable"
		compiles 1 "$@"
	done
	! run "$@" LIBDW=yes || { echo 'LIBDW=yes takes a tool without libdw' && return 1; }
	compiles 1 "$@"
	: >"$work/libdw"
	compiles 1 "$@"
	compiles 0 "$@" LIBDW=yes
	compiles 1 "$@" LIBDW=no
}

unit_tests_follow_variables() {
	recorder compiler
	rm -rf "$tree/out"
	tests=$(find "$tree/tests/unit" -name '*_test.c' | wc -l)
	set -- -C tests/unit -j 4 all "CC=$work/bin/compiler"
	# The file kunit.c is the driver's.
	compiles $((tests + 1)) "$@"
	compiles $((tests + 1)) "$@" SANITIZE=
	compiles $((tests + 1)) "$@" SANITIZE= CFLAGS=-O3
}

# files: lists the files and links below the root.
files() {
	(cd "$root" && find . ! -type d | LC_ALL=C sort)
}

# schemas FOLDER: prints the names of the installed schemas.
schemas() {
	for schema in "$tree"/tool/schema/*.json; do
		echo "$1/sdei-nmi/schema/${schema##*/}"
	done
}

# installs VARIABLE=VALUE...: make install installs the files of $work/wanted, and make uninstall removes them.
installs() {
	recorder cc
	rm -rf "$root"
	PATH=$work/bin:$PATH run install "DESTDIR=$root" "$@"
	files >"$work/list"
	LC_ALL=C sort "$work/wanted" | diff - "$work/list"
}

install_follows_folders() {
	{
		printf './usr/local/%s\n' sbin/sdei-nmi share/bash-completion/completions/sdei-nmi share/fish/vendor_completions.d/sdei-nmi.fish \
			share/man/man4/sdei_nmi.4 share/man/man8/sdei-nmi.8 share/zsh/site-functions/_sdei-nmi
		schemas ./usr/local/share
	} >"$work/wanted"
	installs
	run uninstall "DESTDIR=$root"
	[ -z "$(files)" ]
	set -- PREFIX=/opt/x sbindir=/opt/programs mandir=/opt/pages
	{
		printf './opt/%s\n' pages/man4/sdei_nmi.4 pages/man8/sdei-nmi.8 programs/sdei-nmi x/share/bash-completion/completions/sdei-nmi \
			x/share/fish/vendor_completions.d/sdei-nmi.fish x/share/zsh/site-functions/_sdei-nmi
		schemas ./opt/x/share
	} >"$work/wanted"
	installs "$@"
	run uninstall "DESTDIR=$root" "$@"
	[ -z "$(files)" ]
}

# The units name the folders that were asked for.
install_takes_units() {
	set -- "DESTDIR=$root" unitdir=/etc/units sbindir=/opt/programs textfile_dir=/srv/metrics
	recorder cc
	rm -rf "$root"
	PATH=$work/bin:$PATH run install "$@"
	grep -x 'ExecStart=/opt/programs/sdei-nmi metrics -o /srv/metrics/sdei_nmi.prom' "$root/etc/units/sdei-nmi-metrics.service"
	grep -x 'ConditionPathIsDirectory=/srv/metrics' "$root/etc/units/sdei-nmi-metrics.service"
	grep -x 'ReadWritePaths=/srv/metrics' "$root/etc/units/sdei-nmi-metrics.service"
	cmp "$tree/packaging/debian/sdei-nmi-tools.sdei-nmi-metrics.timer" "$root/etc/units/sdei-nmi-metrics.timer"
	# An enabled timer, and its metrics. Both folders also have files of others.
	mkdir -p "$root/etc/systemd/system/timers.target.wants" "$root/srv/metrics"
	ln -s /etc/units/sdei-nmi-metrics.timer "$root/etc/systemd/system/timers.target.wants/"
	touch "$root/etc/systemd/system/timers.target.wants/other.timer" "$root/srv/metrics/sdei_nmi.prom" "$root/srv/metrics/other.prom"
	run uninstall "$@"
	files >"$work/list"
	printf './%s\n' etc/systemd/system/timers.target.wants/other.timer srv/metrics/other.prom | diff - "$work/list"
}

# A folder that a unit cannot name is refused before anything is installed. Without units, only the shell has to understand it.
install_refuses_odd_folders_of_units() {
	recorder cc
	rm -rf "$root"
	for name in PREFIX sbindir textfile_dir; do
		for folder in '/a b' '/a&b' '/a,b' '/a\b' "/a'b" '/a"b' '/a%b' 'a/b'; do
			echo "$name=$folder"
			! PATH=$work/bin:$PATH run install "DESTDIR=$root" unitdir=/etc/units "$name=$folder" 2>"$work/message" || return 1
			[ ! -e "$root" ]
			[ "$name" != PREFIX ] || folder=$folder/sbin
			grep -F "sdei-nmi: the systemd units of unitdir= cannot name the folder '$folder'; choose " "$work/message"
			[ "$(grep -vc '^make' "$work/message")" = 1 ]
		done
	done
	PATH=$work/bin:$PATH run install "DESTDIR=$root" 'PREFIX=/a b&,%' sbindir=/opt/Programs-1.0+x unitdir=/etc/units
	grep -x 'ExecStart=/opt/Programs-1.0+x/sdei-nmi metrics -o .*' "$root/etc/units/sdei-nmi-metrics.service"
	rm -rf "$root"
	PATH=$work/bin:$PATH run install "DESTDIR=$root" 'PREFIX=/a b&,%'
	[ -e "$root/a b&,%/sbin/sdei-nmi" ]
}

# Modules that were built for one kernel are not taken for another, nor for another release of the same folder.
module_starts_anew_for_another_kernel() {
	module
	: >"$tree/out/module/driver/old.o"
	module
	[ -e "$tree/out/module/driver/old.o" ]
	cp -r "$work/kdir" "$work/other"
	run module "KDIR=$work/other"
	[ ! -e "$tree/out/module/driver/old.o" ]
	: >"$tree/out/module/driver/old.o"
	echo 6.13.0-test >"$work/other/include/config/kernel.release"
	run module "KDIR=$work/other"
	[ ! -e "$tree/out/module/driver/old.o" ]
}

module_can_be_chosen() {
	rm -rf "$root" "$tree/out/module"
	run module-install MODULES=driver "KDIR=$work/kdir" "DESTDIR=$root" moduledir=/usr/lib/modules >/dev/null
	[ "$(files)" = "./usr/lib/modules/$release/updates/sdei_nmi.ko" ]
	run module-install MODULES=validate "KDIR=$work/kdir" "DESTDIR=$root" moduledir=/usr/lib/modules >/dev/null
	[ "$(files | wc -l)" = 2 ]
	run uninstall "DESTDIR=$root" moduledir=/usr/lib/modules
	[ -z "$(files)" ]
}

# module VARIABLE...: runs make module; $work/kernel has the variables of the kernel's make.
module() {
	rm -f "$work/kernel"
	run module "KDIR=$work/kdir" "$@" >/dev/null
}

module_passes_variables_on() {
	module LLVM=1 CC=one ARCH=arm64 CROSS_COMPILE=cross-
	printf 'CC=one LLVM=1 ARCH=arm64 CROSS_COMPILE=cross- %s\n' modules modules | diff - "$work/kernel"
	(export LLVM=1 CC=two && module)
	printf 'CC=two LLVM=1 ARCH= CROSS_COMPILE= %s\n' modules modules | diff - "$work/kernel"
	# The kernel's own choice.
	module
	printf 'CC=kernels LLVM= ARCH= CROSS_COMPILE= %s\n' modules modules | diff - "$work/kernel"
}

module_uses_clang_for_kernel_of_clang() {
	for config in include/config/auto.conf .config; do
		echo CONFIG_CC_IS_CLANG=y >"$work/kdir/$config"
		module
		rm "$work/kdir/$config"
		printf 'CC=kernels LLVM=1 ARCH= CROSS_COMPILE= %s\n' modules modules | diff - "$work/kernel"
	done
	echo CONFIG_CC_IS_CLANG=y >"$work/kdir/.config"
	module LLVM=-19
	printf 'CC=kernels LLVM=-19 ARCH= CROSS_COMPILE= %s\n' modules modules | diff - "$work/kernel"
	module CC=one
	printf 'CC=one LLVM= ARCH= CROSS_COMPILE= %s\n' modules modules | diff - "$work/kernel"
	rm "$work/kdir/.config"
}

module_says_what_to_set() {
	! run module "KDIR=$work/nowhere" 2>"$work/message" || return 1
	grep -xF "sdei-nmi: $work/nowhere is not a kernel build folder; install the headers of that kernel, or set KDIR (on x86-64, with ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-)." "$work/message"
}

module_install_follows_release() {
	rm -rf "$root"
	recorder depmod
	PATH=$work/bin:$PATH run module-install "KDIR=$work/kdir" "DESTDIR=$root" >/dev/null
	files >"$work/list"
	printf "./lib/modules/$release/updates/%s.ko\n" sdei_nmi sdei_nmi_validate | diff - "$work/list"
	[ ! -e "$work/depmod" ]
	# Without DESTDIR, depmod runs for the folder where modprobe looks.
	for folder in /lib/modules /usr/lib/modules/; do
		run -n module-install "KDIR=$work/kdir" "moduledir=$folder" >"$work/list"
		# shellcheck disable=SC2016 # as make prints it
		grep -x '[[:blank:]]*depmod "$release"' "$work/list"
		# shellcheck disable=SC2016 # the same
		grep -F "\"$folder"'/$release/updates"' "$work/list"
		run -n uninstall "moduledir=$folder" | grep -F '&& depmod "$(basename '
	done
}

dkms_install_has_owner() {
	rm -rf "$root"
	if [ "$(id -u)" = 0 ]; then
		chown -R 1000:1000 "$tree/driver"
	fi
	run dkms-install "DESTDIR=$root"
	for name in sdei-nmi sdei-nmi-validate; do
		grep -qx "PACKAGE_VERSION=\"$version\"" "$root/usr/src/$name-$version/dkms.conf"
		cmp "$tree/VERSION" "$root/usr/src/$name-$version/VERSION"
		cmp "$tree/driver/probes.mk" "$root/usr/src/$name-$version/probes.mk"
	done
	foreign=$(find "$root" ! -uid "$(id -u)")
	[ -z "$foreign" ] || { echo "not owned by the user who installs: $foreign" && return 1; }
}

# install_all: installs everything into a new root.
install_all() {
	rm -rf "$root"
	recorder cc
	PATH=$work/bin:$PATH run install module-install dkms-install "KDIR=$work/kdir" "DESTDIR=$root" >/dev/null
}

uninstall_removes_all() {
	install_all
	mkdir "$root/lib/modules/other" "$root/lib/modules/$release/updates/dkms"
	: >"$root/lib/modules/$release/updates/other.ko"
	: >"$root/lib/modules/$release/updates/dkms/sdei_nmi.ko"
	run uninstall "DESTDIR=$root"
	files >"$work/list"
	printf "./lib/modules/$release/updates/%s.ko\n" dkms/sdei_nmi other | diff - "$work/list"
	[ ! -e "$root/usr/src/sdei-nmi-$version" ]
	[ ! -e "$root/usr/src/sdei-nmi-validate-$version" ]
}

# DKMS needs the sources to forget a module.
uninstall_leaves_sources_to_dkms() {
	install_all
	mkdir -p "$root/var/lib/dkms/sdei-nmi/$version"
	! run uninstall "DESTDIR=$root" 2>"$work/message" || return 1
	cat "$work/message"
	grep -F "dkms remove sdei-nmi/$version --all" "$work/message"
	[ -e "$root/usr/src/sdei-nmi-$version/dkms.conf" ]
	[ ! -e "$root/usr/src/sdei-nmi-validate-$version" ]
	[ ! -e "$root/usr/local/sbin/sdei-nmi" ]
	[ ! -e "$root/lib/modules/$release/updates/sdei_nmi.ko" ]
}

# here COMMAND...: runs it where the folders that make uninstall changes without DESTDIR are empty, and systemd runs.
here() {
	as_root='unshare -m'
	[ "$(id -u)" = 0 ] || as_root='unshare -r -m'
	# shellcheck disable=SC2016 # the inner shell expands these
	$as_root env "PATH=$work/bin:$PATH" sh -ec 'for folder in /usr/src /var/lib/dkms /etc/systemd /run; do
			[ ! -d $folder ] || mount -t tmpfs tmpfs $folder
		done
		mkdir -p /run/systemd/system
		"$@"' sh "$@"
}

# depmod knows only the folders where modprobe looks.
uninstall_from_another_folder() {
	recorder depmod
	rm -rf "$root"
	PATH=$work/bin:$PATH run module-install "KDIR=$work/kdir" "moduledir=$root/modules"
	files >"$work/list"
	printf "./modules/$release/updates/%s.ko\n" sdei_nmi sdei_nmi_validate | diff - "$work/list"
	# shellcheck disable=SC2016 # the inner shell expands these
	here sh -ec 'mkdir "/usr/src/sdei-nmi-$1"
		shift
		"$@"
		[ -z "$(ls /usr/src)" ]' sh "$version" make -s -C "$tree" uninstall "PREFIX=$root" "moduledir=$root/modules"
	[ -z "$(files)" ]
	[ ! -e "$work/depmod" ]
}

uninstall_stops_timer() {
	rm -rf "$root"
	recorder systemctl
	set -- "PREFIX=$work/prefix" "moduledir=$work/modules" "textfile_dir=$work/metrics"
	here make -s -C "$tree" uninstall "$@"
	[ ! -e "$work/systemctl" ]
	here make -s -C "$tree" uninstall "$@" "unitdir=$work/units"
	printf '%s\n' 'stop sdei-nmi-metrics.timer sdei-nmi-metrics.service' daemon-reload | diff - "$work/systemctl"
	run uninstall "DESTDIR=$root" "$@" "unitdir=$work/units"
	[ "$(wc -l <"$work/systemctl")" = 2 ]
}

rm -rf "$work"
mkdir -p "$work/bin" "$work/kdir/include/config"
copy_tree "$tree"
echo $release >"$work/kdir/include/config/kernel.release"
# As in the kernel, CC of the environment does not count.
cat >"$work/kdir/Makefile" <<END
CC = kernels
modules:
	echo 'CC=\$(CC) LLVM=\$(LLVM) ARCH=\$(ARCH) CROSS_COMPILE=\$(CROSS_COMPILE) \$@' >>$work/kernel
	name=\$\$(sed -n 's/^obj-m := \(.*\)\.o/\1/p' \$(M)/Kbuild) && : >\$(M)/\$\$name.ko
END

# shellcheck disable=SC2046 # a list of names
ktap_functions $(sed -n 's/^\(\(bare\|help\|tool\|unit\|install\|module\|dkms\|uninstall\)_[a-z_]*\)() {$/\1/p' "$0" | grep -v '^install_all$')
