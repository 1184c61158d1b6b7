#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# rpm.sh: builds the RPMs, and tests their files and dependencies. It installs, upgrades and erases them with Debian's rpm and dkms in
# a root of its own, with kernels that are made up. A second version is built from an unpacked tarball of make dist. Runs on the host
# and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/lab/apt.sh"
. "$top/tests/packaging/lib.sh"

work=$out/packaging/rpm
built=$work/built
next=$work/next-built
root=$work/root
kernel=6.12.0-test.aarch64
# Mounts, and root for chroot. A user namespace is enough.
as_root='unshare -m'
[ "$(id -u)" = 0 ] || as_root='unshare -r -m'

packages_have_names() {
	(cd "$built" && ls -- *.rpm) >"$work/names"
	printf 'sdei-nmi-%s\n' "$version-1.src.rpm" "dkms-$version-1.noarch.rpm" "kmod-$version-1.src.rpm" "tools-$version-1.aarch64.rpm" \
		"validate-dkms-$version-1.noarch.rpm" | diff - "$work/names"
}

# asks OPTION PACKAGE LINE...: rpm -qp OPTION prints each line.
asks() {
	rpm -qp "--$1" "$built/$2"-[0-9]*.rpm >"$work/answer"
	asks_option=$1 asks_package=$2
	shift 2
	for line; do
		grep -qxF "$line" "$work/answer" || { echo "$asks_package: no $asks_option $line in:" && cat "$work/answer" && return 1; }
	done
}

packages_need() {
	for name in sdei-nmi-dkms sdei-nmi-validate-dkms; do
		asks requires "$name" /bin/sh dkms gcc make
		asks recommends "$name" '(kernel-devel if kernel-core)' '(kernel-64k-devel if kernel-64k-core)' \
			'(kernel-default-devel if kernel-default)' sdei-nmi-tools
	done
	asks requires sdei-nmi-tools 'libc.so.6()(64bit)' 'libdw.so.1()(64bit)' 'libjson-c.so.5()(64bit)' 'libncursesw.so.6()(64bit)' \
		'libsmartcols.so.1()(64bit)'
	asks provides sdei-nmi-tools "sdei-nmi-kmod-common = $version"
	asks recommends sdei-nmi-tools '(sdei-nmi-dkms or sdei-nmi-kmod)'
}

# unpack PACKAGE: unpacks it into $work/PACKAGE.
unpack() {
	rm -rf "${work:?}/$1"
	mkdir "$work/$1"
	rpm2cpio "$built/$1"-[0-9]*.rpm | (cd "$work/$1" && cpio -idm --quiet)
}

packages_have_sources() {
	make -s -C "$top" dkms-install DESTDIR="$work/expected"
	for name in sdei-nmi sdei-nmi-validate; do
		unpack "$name-dkms"
		diff -r "$work/expected/usr/src/$name-$version" "$work/$name-dkms/usr/src/$name-$version"
	done
	for file in "$top"/docs/abi/*; do
		cmp "$file" "$work/sdei-nmi-dkms/usr/share/doc/sdei-nmi-dkms/abi/${file##*/}"
	done
}

packages_have_tool() {
	unpack sdei-nmi-tools
	readelf -h "$work/sdei-nmi-tools/usr/sbin/sdei-nmi" | grep 'Machine: *AArch64'
	diff -r "$top/tool/schema" "$work/sdei-nmi-tools/usr/share/sdei-nmi/schema"
	diff -r "$top/docs" "$work/sdei-nmi-tools/usr/share/doc/sdei-nmi-tools/docs"
	diff -r "$top/contrib" "$work/sdei-nmi-tools/usr/share/doc/sdei-nmi-tools/contrib"
	links_lead_somewhere "$work/sdei-nmi-tools/usr/share/doc/sdei-nmi-tools"
	for page in sdei-nmi.8 sdei_nmi.4; do
		gzip -dc "$work/sdei-nmi-tools/usr/share/man/man${page##*.}/$page.gz" | cmp - "$top/tool/man/$page"
	done
	cmp "$top/tool/completion.bash" "$work/sdei-nmi-tools/usr/share/bash-completion/completions/sdei-nmi"
	cmp "$top/tool/completion.zsh" "$work/sdei-nmi-tools/usr/share/zsh/site-functions/_sdei-nmi"
	cmp "$top/tool/completion.fish" "$work/sdei-nmi-tools/usr/share/fish/vendor_completions.d/sdei-nmi.fish"
	for unit in service timer; do
		cmp "$top/packaging/debian/sdei-nmi-tools.sdei-nmi-metrics.$unit" "$work/sdei-nmi-tools/usr/lib/systemd/system/sdei-nmi-metrics.$unit"
	done
}

# The source package has the tarball of make dist, and so all that it needs. rpmbuild finds the spec in the tarball.
packages_have_tarball() {
	sh "$top/packaging/dist.sh" "$work/dist"
	unpack sdei-nmi
	cmp "$work/dist/sdei-nmi-$version.tar.xz" "$work/sdei-nmi/sdei-nmi-$version.tar.xz"
	tar -x -J -O -f "$work/dist/sdei-nmi-$version.tar.xz" "sdei-nmi-$version/sdei-nmi.spec" | cmp - "$work/sdei-nmi/sdei-nmi.spec"
	rpmbuild -ts --nodeps --target aarch64 --define "_topdir $work/from-tarball" --define "_dbpath $work/from-tarball/db" \
		"$work/dist/sdei-nmi-$version.tar.xz"
	[ -e "$work/from-tarball/SRPMS/sdei-nmi-$version-1.src.rpm" ]
}

# program FILE: copies a program of the host, with its libraries, into the root.
program() {
	{ echo "$1" && ldd "$1" 2>/dev/null | grep -o '/[^ ]*'; } | while read -r file; do
		[ -e "$work/made$file" ] || { mkdir -p "$work/made$(dirname "$file")" && cp -L "$file" "$work/made$file"; }
	done
}

# make_root: makes $work/made, an arm64 system with rpm's database, Debian's dkms, and the programs that dkms needs. uname is made up.
make_root() {
	mkdir -p "$work/made/usr"
	for place in bin sbin lib lib64; do
		mkdir "$work/made/usr/$place"
		ln -s "usr/$place" "$work/made/$place"
	done
	for name in bash sh mawk sed grep find xargs make kmod cat cp mv rm rmdir mkdir ln ls mktemp chmod touch stat readlink dirname basename date id env \
		cut diff cmp head tail sort uniq tr wc tee sleep nproc; do
		program "$(command -v "$name")"
	done
	ln -sf mawk "$work/made/usr/bin/awk"
	for name in depmod modinfo modprobe; do
		ln -sf ../bin/kmod "$work/made/usr/sbin/$name"
	done
	# The folders that every system has.
	for place in usr/src usr/share/licenses usr/share/man/man4 usr/share/man/man8 usr/share/zsh/site-functions usr/share/fish/vendor_completions.d usr/lib/systemd/system var/tmp var/lib/rpm proc dev tmp etc; do
		mkdir -p "$work/made/$place"
	done
	tar -c -C "$dkms_root" . | tar -x --keep-directory-symlink -C "$work/made"
	echo root:x:0:0::/root:/bin/sh >"$work/made/etc/passwd"
	echo root:x:0: >"$work/made/etc/group"
	cat >"$work/made/usr/bin/uname" <<-END
		#!/bin/sh
		case \$1 in
		-m | -p) echo aarch64 ;;
		-r) echo $kernel ;;
		*) echo Linux ;;
		esac
	END
	chmod +x "$work/made/usr/bin/uname"
	rpm --root "$work/made" --dbpath /var/lib/rpm --initdb
}

# headers KERNEL: adds the headers of a kernel that is made up. Its modules consist of their name and version. The build for the kernel
# "broken" fails.
headers() {
	mkdir -p "$root/lib/modules/$1/build/include"
	for option in CONFIG_ARM_SDE_INTERFACE CONFIG_KPROBES CONFIG_KALLSYMS CONFIG_DYNAMIC_FTRACE; do
		echo "$option=y"
	done >"$root/lib/modules/$1/build/.config"
	[ "${1%broken}" = "$1" ] || return 0
	cat >"$root/lib/modules/$1/build/Makefile" <<-'END'
		modules:; name=$$(sed -n 's/^obj-m := \(.*\)\.o/\1/p' $(M)/Kbuild) && echo "$$name $$(cat $(M)/VERSION)" >$(M)/$$name.ko
		clean:;
	END
}

# fresh KERNEL...: makes a new root with these kernels.
fresh() {
	rm -rf "$root"
	cp -a "$work/made" "$root"
	for fresh_kernel; do
		headers "$fresh_kernel"
		[ -e "$root/lib/modules/$fresh_kernel/build/Makefile" ] || echo 'fail:; false' >"$root/lib/modules/$fresh_kernel/build/Makefile"
	done
	files >"$work/before"
}

# files: lists the root's files with their content, except rpm's database and what depmod makes.
files() {
	(cd "$root" && find . \( -path ./var/lib/rpm -o -path ./proc -o -path ./dev -o -name 'modules.*' \) -prune -o \( -type d -o -type l \) -print -o -type f -exec cksum {} +) |
		LC_ALL=C sort
}

# inside COMMAND...: runs it in the root's namespaces.
inside() {
	# shellcheck disable=SC2016 # the inner shell expands these
	$as_root sh -ec 'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && exec "$@"' "$root" "$@"
}

# packages ARGUMENT...: runs rpm for the root, with its output in $work/said-rpm. Fails if rpm fails or a scriptlet does.
packages() {
	inside rpm --root "$root" --dbpath /var/lib/rpm --nodeps --noplugins "$@" >"$work/said-rpm" 2>&1 || { cat "$work/said-rpm" && return 1; }
	cat "$work/said-rpm"
	! grep 'scriptlet failed' "$work/said-rpm" || return 1
}

# has VERSION: DKMS knows this version of both modules and no other, and their files are of this version.
has() {
	inside chroot "$root" dkms status 2>&1 | sort >"$work/status"
	cat "$work/status"
	printf "%s/$1, $kernel, aarch64: installed\n" sdei-nmi-validate sdei-nmi | sort | diff - "$work/status"
	for has_module in sdei_nmi sdei_nmi_validate; do
		echo "$has_module $1" | diff - "$root/lib/modules/$kernel/updates/dkms/$has_module.ko"
	done
}

dkms_packages='sdei-nmi-dkms sdei-nmi-validate-dkms'

# rpms FOLDER NAME...: prints the files of these packages.
rpms() {
	rpms_folder=$1
	shift
	for rpms_name; do
		echo "$rpms_folder/$rpms_name"-[0-9]*.rpm
	done
}

# erased PACKAGE...: erases them, and nothing is left.
erased() {
	packages -e "$@"
	files | sed -e '/ \.\/var\/lib\/dkms\/dkms_dbversion$/d' | diff "$work/before" - || { echo 'an erased package leaves files' && return 1; }
}

# shellcheck disable=SC2046,SC2086 # lists of names
dkms_install_and_erase() {
	fresh "$kernel"
	packages -i $(rpms "$built" $dkms_packages)
	has "$version"
	packages -V $dkms_packages
	erased $dkms_packages
}

# shellcheck disable=SC2046,SC2086 # lists of names
dkms_upgrade_and_downgrade() {
	fresh "$kernel"
	packages -i $(rpms "$built" $dkms_packages)
	packages -U $(rpms "$next" $dkms_packages)
	has 99.9
	[ ! -e "$root/usr/src/sdei-nmi-$version" ]
	# The scriptlets of a new release of the same version.
	packages -U --replacepkgs $(rpms "$next" $dkms_packages)
	has 99.9
	packages -U --oldpackage $(rpms "$built" $dkms_packages)
	has "$version"
	erased $dkms_packages
}

# shellcheck disable=SC2046,SC2086 # lists of names
dkms_replaces_sources() {
	fresh "$kernel"
	# What make dkms-install and dkms install do.
	cp -r "$work/sdei-nmi-dkms/usr/src/sdei-nmi-$version" "$root/usr/src/sdei-nmi-0.1"
	sed -i "s/^PACKAGE_VERSION=.*/PACKAGE_VERSION=0.1/" "$root/usr/src/sdei-nmi-0.1/dkms.conf"
	inside chroot "$root" dkms install sdei-nmi/0.1 -k $kernel
	packages -i $(rpms "$built" $dkms_packages)
	has "$version"
}

# shellcheck disable=SC2046,SC2086 # lists of names
dkms_reports_kernels() {
	fresh 5.10.0-test $kernel 6.12.0-broken
	packages -i $(rpms "$built" $dkms_packages)
	for name in sdei-nmi sdei-nmi-validate; do
		grep -qx "$name-dkms: DKMS could not build the module for kernel 6.12.0-broken (see above)." "$work/said-rpm"
		grep -qx "$name: skipped for kernel 5.10.0-test: the module needs Linux 6.1 or newer" "$work/said-rpm"
		! grep "$name-dkms: .* 5.10.0-test" "$work/said-rpm" || return 1
	done
	[ -e "$root/lib/modules/$kernel/updates/dkms/sdei_nmi.ko" ]
	packages -e $dkms_packages
	[ ! -e "$root/lib/modules/$kernel/updates/dkms/sdei_nmi.ko" ]
}

# shellcheck disable=SC2046,SC2086 # lists of names
dkms_asks_for_headers() {
	fresh
	packages -i $(rpms "$built" $dkms_packages)
	[ "$(grep -c 'no kernel has its headers installed' "$work/said-rpm")" = 2 ]
	erased $dkms_packages
}

# systemd: the root has systemctl, which records its calls.
systemd() {
	mkdir -p "$root/run/systemd/system" "$root/var/lib/prometheus/node-exporter"
	# shellcheck disable=SC2016 # for the inner shell
	printf '#!/bin/sh\necho "$*" >>/calls\n' >"$root/usr/bin/systemctl"
	chmod +x "$root/usr/bin/systemctl"
	: >"$root/calls"
	files | grep -v '/calls$' >"$work/before"
}

# called CALL...: these calls were made since the last time.
called() {
	printf '%s\n' "$@" | diff - "$root/calls"
	: >"$root/calls"
}

# An installation enables nothing, an upgrade restarts what runs, and the metrics go last.
# shellcheck disable=SC2046 # lists of names
tools_follow_timer() {
	fresh
	systemd
	packages -i --ignorearch $(rpms "$built" sdei-nmi-tools)
	called daemon-reload
	packages -V sdei-nmi-tools
	: >"$root/var/lib/prometheus/node-exporter/sdei_nmi.prom"
	packages -U --ignorearch $(rpms "$next" sdei-nmi-tools)
	called daemon-reload daemon-reload 'try-restart sdei-nmi-metrics.timer'
	[ -e "$root/var/lib/prometheus/node-exporter/sdei_nmi.prom" ]
	packages -e sdei-nmi-tools
	called 'stop sdei-nmi-metrics.timer sdei-nmi-metrics.service' '--no-reload disable sdei-nmi-metrics.timer' daemon-reload
	rm "$root/calls"
	files | diff "$work/before" -
}

# In an image that is being made, systemd does not run.
# shellcheck disable=SC2046 # lists of names
tools_without_systemd() {
	fresh
	systemd
	rm -r "$root/run/systemd"
	packages -i --ignorearch $(rpms "$built" sdei-nmi-tools)
	packages -e sdei-nmi-tools
	called '--no-reload disable sdei-nmi-metrics.timer'
}

# The source package for akmods, with a stand-in for kmodtool that has its interface, and a kernel that is made up.
kmod_builds() {
	fresh "$kernel"
	unpack sdei-nmi-kmod
	mkdir -p "$work/bin"
	cat >"$work/bin/kmodtool" <<-END
		#!/bin/sh
		echo "\$*" >>"$work/kmodtool"
		cat <<'SPEC'
		%global kernel_versions ${kernel}___$root/lib/modules/$kernel/build
		%global kmodinstdir_prefix /lib/modules
		%global kmodinstdir_postfix extra/sdei-nmi
		%package -n kmod-sdei-nmi-$kernel
		Summary: made up
		%description -n kmod-sdei-nmi-$kernel
		Made up.
		%files -n kmod-sdei-nmi-$kernel
		/lib/modules/$kernel/extra/sdei-nmi
		SPEC
	END
	chmod +x "$work/bin/kmodtool"
	rm -f "$work/kmodtool"
	PATH=$work/bin:$PATH rpmbuild -bb --nodeps --target aarch64 --define "_topdir $work/kmod" --define "_sourcedir $work/sdei-nmi-kmod" \
		--define "_dbpath $work/kmod/db" --define "kernels $kernel" "$work/sdei-nmi-kmod/sdei-nmi-kmod.spec" >"$work/log-kmod" 2>&1 ||
		{ cat "$work/log-kmod" && return 1; }
	grep -x -- "--target aarch64 --repo rpmfusion --kmodname sdei-nmi-kmod --for-kernels $kernel" "$work/kmodtool"
	rpm2cpio "$work"/kmod/RPMS/aarch64/kmod-sdei-nmi-*.rpm | cpio -i --quiet --to-stdout "./lib/modules/$kernel/extra/sdei-nmi/sdei_nmi.ko" |
		grep -x "sdei_nmi $version"
}

version=$(cat "$top/VERSION")
rm -rf "$work"
mkdir -p "$work"
sh "$top/packaging/rpm/build.sh" "$built" >&2
debian_dkms
make_root
# The next version, outside git.
sh "$top/packaging/dist.sh" "$work/dist" >&2
mkdir "$work/next"
tar -x -C "$work/next" --strip-components=1 -f "$work/dist/sdei-nmi-$version.tar.xz"
echo 99.9 >"$work/next/VERSION"
sed -i "s/^## \[$version\] - \(.*\)/## [99.9] - \1\n\n- Next.\n\n&/" "$work/next/CHANGELOG.md"
sh "$work/next/packaging/rpm/build.sh" "$next" >&2

# shellcheck disable=SC2046 # a list of names
ktap_functions $(sed -n 's/^\(\(packages\|dkms\|tools\|kmod\)_[a-z_]*\)() {$/\1/p' "$0")
