#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ansible.sh: runs the playbooks of contrib/ansible with Debian's ansible-core, for servers that are Debian roots. They get the
# packages of this tree, built for this host. In place of ssh, a program enters the root. Some servers also have the made-up files of
# an arm64 server: the tool reads these, and a stand-in for modprobe adds the files of a loaded driver. Runs on the host in a mount
# namespace of its own, and prints KTAP.
set -eu
. "$(dirname "$0")/../../lab/lib.sh"
. "$top/tests/lib/ktap.sh"
. "$top/lab/apt.sh"
. "$top/packaging/tree.sh"

work=$out/contrib/ansible
servers=$work/servers
debs=$work/package
version=$(cat "$top/VERSION")
playbooks=$top/contrib/ansible

# The root's own packages: what Ansible needs, and the libraries of the tool.
included=python3-minimal,python3-apt,systemd,openssl,libdw1,libjson-c5,libncursesw6,libsmartcols1
base=$cache/ansible/root-$included.tar

# The root comes from the mirror of this host, with its proxy settings.
apt_dir=$cache/ansible/apt
apt_sources() {
	echo "deb [signed-by=$apt_keyring] $apt_main bookworm main"
	echo "deb [signed-by=$apt_keyring] $apt_security bookworm-security main"
}

make_base() {
	apt_configure
	grep '^Acquire::' "$apt_dir/apt.conf" >"$apt_dir/root.conf"
	# Fetch an older root again.
	! younger "$base" 43200 || return 0
	say "contrib: fetching a Debian for the servers"
	quietly "$cache/log/ansible" mmdebstrap --format=tar --variant=apt "--include=$included" "--aptopt=$apt_dir/root.conf" \
		bookworm "$base.new" "$apt_dir/sources.list" || die "Debian could not be fetched; see above, and check the network."
	mv "$base.new" "$base"
}

# build_packages: builds the packages of this tree for this host into $debs.
build_packages() {
	debian_source "$debs/source"
	quietly "$work/build.log" sh -ec 'cd "$0" && DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -b' "$debs/source" ||
		die "the packages do not build (see above)."
	rm -rf "$debs/source" "$debs"/*.build* "$debs"/*.changes "$debs"/*dbgsym*
}

# stand_in PACKAGE: makes a package in the repository of the servers. It has the script of DKMS that the modules' packages run.
stand_in() {
	mkdir -p "$work/stand-in/DEBIAN" "$work/stand-in/usr/lib/$1"
	printf '#!/bin/sh\n' >"$work/stand-in/usr/lib/$1/common.postinst"
	chmod +x "$work/stand-in/usr/lib/$1/common.postinst"
	printf '%s\n' "Package: $1" 'Version: 9' 'Architecture: all' 'Maintainer: nobody' 'Description: stand-in' >"$work/stand-in/DEBIAN/control"
	dpkg-deb -b "$work/stand-in" "$servers/base/packages/" >/dev/null
	rm -r "$work/stand-in"
}

# make_servers: provides the root that all servers start from, its repository, and the programs and files of the tests.
make_servers() {
	mount -t tmpfs -o mode=755 servers "$servers"
	mkdir "$servers/base"
	tar -x -C "$servers/base" --no-same-owner --exclude='./dev/*' -f "$base" || die "the root can't be unpacked; is memory short?"
	rm "$servers/base/etc/apt/sources.list.d"/*
	mkdir "$servers/base/packages"
	for package in dkms mokutil linux-headers-test; do
		stand_in $package
	done
	cp "$debs"/*.deb "$servers/base/packages/"
	(cd "$servers/base/packages" && dpkg-scanpackages -m . 2>/dev/null >Packages)
	echo 'deb [trusted=yes] file:/packages ./' >"$servers/base/etc/apt/sources.list"
	echo 'APT::Sandbox::User "root";' >"$servers/base/etc/apt/apt.conf.d/90test"
	for device in null zero random urandom; do
		: >"$servers/base/dev/$device"
	done
	mkdir -p "$servers/base/opt" "$servers/base/etc/modprobe.d"
	cp "$top/out/host/sdei-nmi" "$servers/base/opt/sdei-nmi"

	cat >"$work/ssh" <<-END
		#!/bin/sh
		# Enters the root of a server.
		while [ "\$1" != "\${1#-}" ]; do
			[ "\$1" != -o ] || shift
			shift
		done
		server=$servers/\$1/root
		shift
		[ -e "\$server" ] || { echo 'no such server' >&2; exit 255; }
		exec chroot "\$server" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
			LC_ALL=C.UTF-8 SYSTEMD_OFFLINE=1 sh -c "\$*"
	END
	chmod +x "$work/ssh"

	# The static tool of the servers with made-up files. validate needs the module, so a stand-in records how it was called.
	cat >"$work/static" <<-'END'
		#!/bin/sh
		[ "$1" = validate ] || exec /opt/sdei-nmi --root=/ "$@"
		echo "$*" >>/var/log/validate
		echo '{ "verdict": "made up" }' >/var/lib/sdei-nmi/validation.json
		cat /opt/verdict
		case $(cat /opt/verdict) in *'not reliable'*) exit 6 ;; *) exit 7 ;; esac
	END
	cat >"$work/modprobe" <<-'END'
		#!/bin/sh
		echo "$*" >>/var/log/modprobe
		[ ! -e /opt/refuse ] || { echo "modprobe: ERROR: could not insert 'sdei_nmi': Key was rejected by service" >&2; exit 1; }
		tar -x -C / --keep-directory-symlink -f /opt/loaded.tar
	END
	cat >"$work/mokutil" <<-'END'
		#!/bin/sh
		[ "$1" = --test-key ] && cat /opt/key
		exit 1
	END
	chmod +x "$work/static" "$work/modprobe" "$work/mokutil"
	ready
	tar -c -C "$root" -f "$work/ready.tar" .
	serving
	tar -c -C "$root" -f "$work/loaded.tar" sys
}

# fresh SERVER...: makes these servers anew.
fresh() {
	for fresh_server; do
		fresh_folder=$servers/$fresh_server
		if [ -e "$fresh_folder" ]; then
			umount -R "$fresh_folder/root"
			rm -rf "$fresh_folder"
		fi
		mkdir -p "$fresh_folder/upper" "$fresh_folder/work" "$fresh_folder/root"
		mount -t overlay -o "lowerdir=$servers/base,upperdir=$fresh_folder/upper,workdir=$fresh_folder/work" overlay "$fresh_folder/root"
		for fresh_device in null zero random urandom; do
			mount --bind "/dev/$fresh_device" "$fresh_folder/root/dev/$fresh_device"
		done
		inside "$fresh_server" apt-get -qq update
	done
}

# fresh_arm64 SERVER...: the same, with the files of an arm64 server that has all that the driver needs.
fresh_arm64() {
	fresh "$@"
	for fresh_server; do
		fresh_folder=$servers/$fresh_server/root
		tar -x -C "$fresh_folder" --keep-directory-symlink -f "$work/ready.tar"
		cp "$work/loaded.tar" "$fresh_folder/opt/"
		cp "$work/modprobe" "$work/mokutil" "$fresh_folder/usr/local/sbin/"
		echo '# verdict: reliable as far as checked: hotplug did not run' >"$fresh_folder/opt/verdict"
		mkdir -p "$fresh_folder/var/lib/prometheus/node-exporter"
	done
}

# inside SERVER COMMAND...: runs it on the server.
inside() {
	"$work/ssh" "$@"
}

# play STATUS SERVERS ARGUMENT...: runs ansible-playbook for these servers, in this order, separated by commas. Its output is in
# $work/output and its results in $work/results.
play() {
	play_expected=$1 play_servers=$2
	shift 2
	echo "$play_servers" | tr , '\n' | sed -e 's/^/    /' -e 's/$/:/' >"$work/hosts"
	{ printf 'sdei_nmi:\n  hosts:\n' && cat "$work/hosts" && cat "$work/variables"; } >"$work/inventory.yml"
	play_status=0
	env HOME="$work/home" ANSIBLE_CONFIG="$work/ansible.cfg" ANSIBLE_NOCOLOR=1 ANSIBLE_PIPELINING=1 ansible-playbook -i "$work/inventory.yml" \
		-e "sdei_nmi_results=$work/results" "$@" >"$work/output" 2>&1 </dev/null || play_status=$?
	cat "$work/output"
	[ "$play_status" = "$play_expected" ] || { echo "ansible-playbook ended with $play_status instead of $play_expected" && return 1; }
}

# says SENTENCE: the playbook said so.
says() {
	grep -qF -- "$1" "$work/output" || { echo "it does not say: $1" && return 1; }
}

# changed SERVER COUNT: the recap has so many changes for this server.
changed() {
	grep -E "^$1 +: ok=[0-9]+ +changed=$2 +unreachable=0 +failed=0 " "$work/output" || { echo "not $2 changes of $1" && return 1; }
}

# has SERVER FILE TEXT: the file on the server has exactly this text.
has() {
	printf '%s\n' "$3" | diff - "$servers/$1/root$2"
}

static=-esdei_nmi_static=$work/static
real=-esdei_nmi_static=$top/out/host/sdei-nmi
folder=-esdei_nmi_packages=$debs

playbooks_have_valid_syntax() {
	for playbook in sdei-nmi sdei-nmi-report; do
		ansible-playbook -i "$playbooks/inventory.yml" --syntax-check "$playbooks/$playbook.yml"
	done
}

# The real tool on a machine without SDEI: this one.
check_fails_without_sdei() {
	fresh x86
	play 2 x86 "$playbooks/sdei-nmi.yml" "$real" "$folder"
	says "This server can't use the driver: this machine is x86_64, but SDEI exists on arm64 only; run the tool on an arm64 server."
	! inside x86 dpkg -s sdei-nmi-dkms || return 1
	play 2 x86 "$playbooks/sdei-nmi.yml" "$real" --tags check --check
}

check_needs_tool() {
	fresh x86
	play 2 x86 "$playbooks/sdei-nmi.yml" --tags check
	says 'The tool sdei-nmi is not installed on this server; set sdei_nmi_static'
}

# The first server that fails ends the run.
check_stops_before_the_next_server() {
	fresh x86
	fresh_arm64 server
	play 2 x86,server "$playbooks/sdei-nmi.yml" "$real" --tags check
	[ ! -e "$servers/server/root/usr/local/libexec/sdei-nmi" ]
}

# files: lists what the server has that the root does not have, except what Ansible and apt keep for themselves.
files() {
	(
		cd "$servers/server/upper"
		find . \( -path ./root -o -path ./tmp -o -path ./var/cache/apt -o -path ./var/log \) -prune -o -type d -print -o \
			-type f -exec cksum {} +
	) | LC_ALL=C sort
}

all_dry_run() {
	fresh_arm64 server
	files >"$work/before"
	play 0 server "$playbooks/sdei-nmi.yml" "$static" "$folder" --check
	files | diff "$work/before" -
}

all_twice() {
	fresh_arm64 server
	rm -rf "$work/results"
	play 0 server "$playbooks/sdei-nmi.yml" "$static" "$folder"
	[ "$(inside server dpkg-query -W -f "'\${Version} '" sdei-nmi-tools sdei-nmi-dkms)" = "$version $version " ]
	! inside server dpkg -s sdei-nmi-validate-dkms || return 1
	inside server dpkg -s linux-headers-test dkms
	has server /var/log/modprobe sdei_nmi
	grep -x 'options sdei_nmi group=1 watch=5ms' "$servers/server/root/etc/modprobe.d/sdei-nmi.conf"
	grep -x sdei_nmi "$servers/server/root/etc/modules-load.d/sdei-nmi.conf"
	[ "$(inside server systemctl is-enabled sdei-nmi-metrics.timer)" = enabled ]
	grep -x serving "$work/results/server.txt"
	[ ! -e "$servers/server/root/var/log/validate" ]
	play 0 server "$playbooks/sdei-nmi.yml" "$static" "$folder"
	changed server 0
	has server /var/log/modprobe sdei_nmi
	play 0 server "$playbooks/sdei-nmi.yml" "$static" "$folder" --check
	changed server 0
	# Another value.
	play 0 server "$playbooks/sdei-nmi.yml" "$static" -e '{ "sdei_nmi_parameters": { "group": 0 } }' --tags load
	changed server 1
	says 'The loaded driver keeps its parameters'
	grep -x 'options sdei_nmi group=0' "$servers/server/root/etc/modprobe.d/sdei-nmi.conf"
}

# With the packages from a repository, and the tool that they install.
install_from_repository() {
	fresh x86
	play 0 x86 "$playbooks/sdei-nmi.yml" --tags install
	inside x86 dpkg -s sdei-nmi-tools sdei-nmi-dkms
	play 0 x86 "$playbooks/sdei-nmi.yml" --tags install
	changed x86 0
	play 2 x86 "$playbooks/sdei-nmi.yml" --tags check
	says 'this machine is x86_64'
}

install_needs_one_file() {
	fresh x86
	mkdir -p "$work/empty"
	play 2 x86 "$playbooks/sdei-nmi.yml" -e "sdei_nmi_packages=$work/empty" --tags install
	says "The folder $work/empty has 0 files of sdei-nmi-tools for this server"
}

install_with_secure_boot() {
	fresh_arm64 server
	put_on server sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c '\006\000\000\000\001'
	put_on server var/lib/dkms/mok.pub 'x'
	put_on server opt/key '/var/lib/dkms/mok.pub is not enrolled\n'
	play 2 server "$playbooks/sdei-nmi.yml" "$static" "$folder" --tags install,load
	says "run 'mokutil --import /var/lib/dkms/mok.pub' as root on this server"
	[ ! -e "$servers/server/root/var/log/modprobe" ]
	inside server dpkg -s mokutil
	put_on server opt/key '/var/lib/dkms/mok.pub is already enrolled\n'
	play 0 server "$playbooks/sdei-nmi.yml" "$static" "$folder" --tags install
}

# put_on SERVER FILE TEXT: writes a file of a server.
put_on() {
	mkdir -p "$servers/$1/root/$(dirname "$2")"
	# shellcheck disable=SC2059 # the text has escapes
	printf "$3" >"$servers/$1/root/$2"
}

load_says_why_not() {
	fresh_arm64 server
	put_on server opt/refuse ''
	play 2 server "$playbooks/sdei-nmi.yml" "$static" --tags load
	says "The driver does not serve: the module is not loaded; run 'modprobe sdei_nmi' as root"
	says "could not insert 'sdei_nmi': Key was rejected by service"
	[ ! -e "$servers/server/root/etc/modules-load.d/sdei-nmi.conf" ]
}

validate_only_if_asked() {
	fresh_arm64 server
	rm -rf "$work/results"
	play 0 server "$playbooks/sdei-nmi.yml" "$static" --tags validate
	[ ! -e "$servers/server/root/var/log/validate" ]
	play 0 server "$playbooks/sdei-nmi.yml" "$static" -e sdei_nmi_validate=true --tags validate,load
	has server /var/log/validate 'validate --unload-driver -o /var/lib/sdei-nmi/validation.json'
	cmp "$servers/server/root/var/lib/sdei-nmi/validation.json" "$work/results/server.validation.json"
	play 0 server "$playbooks/sdei-nmi.yml" "$static" -e sdei_nmi_validate=true --tags validate
	changed server 0
}

validate_keeps_driver_from_loading() {
	fresh_arm64 server
	rm -rf "$work/results"
	put_on server opt/verdict '# verdict: not reliable: first_signal.accepted failed\n'
	play 2 server "$playbooks/sdei-nmi.yml" "$static" -e sdei_nmi_validate=true --tags validate,load
	says '# verdict: not reliable: first_signal.accepted failed'
	[ -e "$work/results/server.validation.json" ]
	[ ! -e "$servers/server/root/var/log/modprobe" ]
}

# Without the driver, and from the servers that can be reached.
report_from_all() {
	fresh_arm64 server
	fresh x86
	rm -rf "$work/results"
	play 4 gone,server,x86 "$playbooks/sdei-nmi-report.yml" "$static"
	(cd "$work/results" && echo *) | grep -x 'server.txt x86.txt'
	for report in "$work"/results/*; do
		head -n 1 "$report" | grep -x '== sdei-nmi report'
		grep '^not available: ' "$report"
		tail -n 1 "$report" | grep -x '}'
	done
	play 0 server "$playbooks/sdei-nmi.yml" "$static" --tags report
	changed server 0
}

metrics_need_collector() {
	fresh x86
	play 0 x86 "$playbooks/sdei-nmi.yml" --tags metrics
	says 'This server has no folder /var/lib/prometheus/node-exporter'
}

variables_have_types() {
	fresh x86
	play 2 x86 "$playbooks/sdei-nmi.yml" -e sdei_nmi_parameters=group --tags check
	says "argument 'sdei_nmi_parameters' is of type"
}

if [ "${1:-}" != inside ]; then
	sh "$top/lab/host.sh" "$top/packaging/host.packages"
	sh "$top/lab/host.sh" "$top/tests/contrib/ansible.packages"
	mkdir -p "$cache/ansible" "$cache/log"
	locked ansible make_base
	rm -rf "$work"
	mkdir -p "$servers" "$work/home"
	build_packages
	# Mounts, and root for chroot. A user namespace is enough.
	as_root=
	[ "$(id -u)" = 0 ] || as_root=-r
	exec unshare $as_root -m sh "$0" inside
fi

here=$top/tests/tool root=$work/tree
. "$here/machine.sh"
cat >"$work/variables" <<END
  vars:
    ansible_become: false
    ansible_ssh_executable: $work/ssh
    ansible_ssh_args: ''
    ansible_ssh_transfer_method: piped
    ansible_python_interpreter: /usr/bin/python3
    sdei_nmi_headers: [linux-headers-test]
    sdei_nmi_parameters: { group: 1, watch: 5ms }
END
: >"$work/ansible.cfg"
make_servers
# shellcheck disable=SC2046 # a list of names
ktap_functions $(sed -n 's/^\(\(playbooks\|check\|all\|install\|load\|validate\|report\|metrics\|variables\)_[a-z0-9_]*\)() {$/\1/p' "$0")
