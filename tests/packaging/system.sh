# SPDX-License-Identifier: GPL-2.0
# Installs, uses and purges the packages on an arm64 Debian on a disk, by the steps of docs/install.md. Each function is a test; a test
# that needs an earlier one fails without it. packaging/test.sh boots the system once for each phase of the plan below; the phase
# "dump" includes a hibernation.
# shellcheck shell=sh

case ${1:-} in
plan | steps) ;;
*) cd /payload || exit 1 ;;
esac
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive

version=$(uname -r)
modules='sdei_nmi sdei_nmi_validate'
packages='sdei-nmi-dkms sdei-nmi-validate-dkms sdei-nmi-tools'
kept=/var/lib/sdei-nmi-test
timer=sdei-nmi-metrics.timer
metrics=/var/lib/prometheus/node-exporter/sdei_nmi.prom
wedge=/sys/module/sdei_nmi_wedge/parameters/wedge
release=/sys/module/sdei_nmi_wedge/parameters/release

fail() {
	echo "$*"
	exit 1
}

mark() {
	echo "sdei-test: $*" >/dev/kmsg
}

# wait_for COMMAND...: waits until COMMAND succeeds, for the time of the test at most.
wait_for() {
	until "$@" >/dev/null 2>&1; do
		sleep 1
	done
}

# steps PAGE SECTION NUMBER: prints the commands of this block of the page.
steps() {
	awk -v section="$2" -v number="$3" '
		/^#+ / { sub(/^#+ /, ""); on = $0 == section }
		!on { next }
		/^    / { n += !block; block = 1; if (n == number) print substr($0, 5); next }
		{ block = 0 }' "$1"
}

# documented SECTION NUMBER: runs the commands of this block of install.md, as a reader would.
documented() {
	steps install.md "$1" "$2" >/tmp/steps
	[ -s /tmp/steps ] || fail "install.md has no block $2 in the section $1"
	sed 's/^/+ /' /tmp/steps
	sh -e /tmp/steps
}

# running: systemd has started everything, and no unit has failed.
running() {
	state=$(systemctl is-system-running --wait)
	[ "$state" = running ] || fail "the system is $state: $(systemctl --failed --no-legend --plain) $(journalctl -b -p warning -n 20 --no-pager)"
}

# The machine is what servers are: it boots by UEFI, and ACPI describes SDEI.
booted() {
	running
	[ -d /sys/firmware/efi ] || fail "the machine did not boot by UEFI"
	[ -e /sys/firmware/acpi/tables/SDEI ] || fail "there is no ACPI table SDEI"
	dmesg | grep 'sdei: SDEIv' || fail "the kernel does not say that the firmware has SDEI"
	! dmesg | grep -i 'secure boot enabled' || fail "Secure Boot is on"
}

# files: all files on the disk except those of programs that stay: logs, caches, the package manager's data, what Debian's daily timers
# write, and the key that DKMS makes if openssl is installed.
files() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp -o -path /var/log -o -path /var/cache \
		-o -path /var/backups -o -path /var/lib/logrotate -o -path /var/lib/dpkg \
		-o -path /var/lib/ucf -o -path /var/lib/apt -o -path /var/lib/systemd -o -path '/var/lib/dkms/mok.*' -o -path $kept \) \
		-prune -o -print | sort
}

# The guest has no network: a repository on the disk has what the packages depend on.
prepare() {
	[ ! -d $kept ] || return 0
	mkdir $kept || fail "there is no place for what is to be kept"
	apt-get update || fail "apt cannot read the repository on the disk"
	files >$kept/before
}

# loaded_version: the version of the loaded module.
loaded_version() {
	cat /sys/module/sdei_nmi/version
}

# Only with FROM=, which gives the packages of an earlier release: they are upgraded while their driver is in service. It serves on
# until the steps of install.md replace it.
upgrades_release() {
	[ -d earlier ] || exit 77
	prepare
	apt install linux-headers-arm64 ./earlier/*.deb || fail "apt cannot install the earlier packages"
	modprobe sdei_nmi || fail "the earlier driver does not load"
	before=$(loaded_version)
	sdei-nmi ping -n 5 || fail "not all CPUs answer the earlier tool"
	mkdir -p ${metrics%/*}
	systemctl enable --now $timer || fail "the earlier timer cannot be enabled"
	documented Package 2 || fail "apt cannot upgrade the packages"
	apt install ./sdei-nmi-validate-dkms_*_all.deb || fail "apt cannot upgrade the checks of the firmware"
	built_by_dkms
	[ "$(modinfo -F version sdei_nmi)" != "$before" ] || fail "DKMS has not built the new driver"
	! dkms status | grep "/${before}[,:]" || fail "DKMS still has the earlier version"
	systemctl is-active $timer || fail "the upgrade stops an enabled timer"
	[ "$(loaded_version)" = "$before" ] || fail "the upgrade replaces the loaded driver"
	sdei-nmi ping -n 5 || fail "not all CPUs answer while the earlier driver is loaded"
	documented Upgrade 1 || fail "the new driver does not load"
	[ "$(loaded_version)" = "$(sdei-nmi --version | sed 's/^[^0-9]*//')" ] || fail "the loaded driver is $(loaded_version)"
	[ "$(loaded_version)" != "$before" ] || fail "the loaded driver is the earlier one"
	serving
	modprobe -r sdei_nmi || fail "the driver does not unload"
	# What follows installs the packages for the first time.
	# shellcheck disable=SC2086 # words
	apt purge $packages || fail "apt cannot purge the packages"
	[ -z "$(dkms status)" ] || fail "dkms still knows of: $(dkms status)"
	rm -f $metrics
}

install() {
	prepare
	[ "$(documented Kernel 1 | grep -c '^CONFIG_')" = 4 ] || fail "the kernel does not have the options that install.md names"
	documented Package 2 || fail "apt cannot install the packages"
	apt install ./sdei-nmi-validate-dkms_*_all.deb || fail "apt cannot install the checks of the firmware"
	# shellcheck disable=SC2086 # words
	dpkg --verify $packages || fail "files of the packages differ from those packed"
}

# built_by_dkms: DKMS has built and installed the modules for the running kernel.
built_by_dkms() {
	for module in $modules; do
		name=$(echo "$module" | tr _ -)
		told=$(dkms status "$name" -k "$version")
		echo "$told" | grep -q "^$name/.*, $version, aarch64: installed\$" ||
			fail "dkms status says '$told', $name is not installed for $version"
		place=/lib/modules/$version/updates/dkms/$module.ko
		modinfo -F filename "$module" | grep -q "^$place" || fail "modinfo does not find $place"
	done
}

# The packages load no module and enable no timer.
off_by_default() {
	for module in $modules; do
		[ ! -d "/sys/module/$module" ] || fail "$module is loaded already"
	done
	! grep -rs '^[^#]*sdei_nmi' /etc/modules /etc/modules-load.d /usr/lib/modules-load.d || fail "a module is set to be loaded at boot"
	aliases=/lib/modules/$version/modules.alias
	[ -s "$aliases" ] || fail "there is no $aliases to look into"
	! grep sdei_nmi "$aliases" || fail "a module has an alias, by which the kernel may load it"
	! systemctl is-enabled sdei-nmi-metrics.timer || fail "the timer is enabled"
	! systemctl is-active sdei-nmi-metrics.timer || fail "the timer is active"
}

# The test of the modules in the source package. DKMS has built them already, so it does not build them again.
autopkgtest_modules() {
	sh autopkgtest-modules >/tmp/said || fail "debian/tests/modules ended with $?: $(cat /tmp/said)"
	for module in $modules; do
		grep "^$module .* is built for $version\$" /tmp/said || fail "debian/tests/modules does not report $module: $(cat /tmp/said)"
	done
}

has_metrics() {
	grep -q '^sdei_nmi_' $metrics
}

# started: when systemd last started the timer.
started() {
	systemctl show -P ActiveEnterTimestampMonotonic $timer
}

# systemd's timer writes the metrics. The folder is that of the node exporter's package.
timer_writes_metrics() {
	mkdir -p ${metrics%/*}
	systemctl enable --now $timer || fail "the timer cannot be enabled"
	systemctl start sdei-nmi-metrics.service || fail "the timer's service fails: $(systemctl status sdei-nmi-metrics.service)"
	has_metrics || fail "the service has written no metrics"
	rm $metrics
	wait_for has_metrics
	[ "$(stat -c %a $metrics)" = 644 ] || fail "the exporter, which is another user, cannot read the metrics"
}

# An upgrade restarts a timer that is enabled, and leaves a disabled one alone. Removal stops and disables it; the package then starts
# nothing when it is installed again.
timer_follows_package() {
	again="dpkg --install $(echo ./sdei-nmi-tools_*.deb)"
	before=$(started)
	$again || fail "the package cannot be installed again"
	systemctl is-active $timer || fail "an upgrade stops an enabled timer"
	[ "$(started)" != "$before" ] || fail "an upgrade does not restart an enabled timer"
	dpkg --remove sdei-nmi-tools || fail "the package cannot be removed"
	! systemctl is-active $timer || fail "removal does not stop the timer"
	$again || fail "the package cannot be installed after its removal"
	! systemctl is-enabled $timer || fail "the package, installed again, enables the timer"
	! systemctl is-active $timer || fail "the package, installed again, starts the timer"
	$again || fail "the package cannot be installed again"
	! systemctl is-active $timer || fail "an upgrade starts a disabled timer"
	rm -f $metrics
}

# The steps of README.Debian. The same checks fail on TF-A as in tests/validate/expectations.
validates() {
	modprobe sdei_nmi_validate || fail "modprobe sdei_nmi_validate fails"
	status=0
	sdei-nmi validate >/tmp/ktap || status=$?
	modprobe -r sdei_nmi_validate || fail "sdei_nmi_validate does not unload"
	grep -v '^ok ' /tmp/ktap
	# 7: reliable as far as checked, because the destructive checks are skipped.
	[ $status = 7 ] || fail "sdei-nmi validate ended with $status"
	[ "$(awk '/^not ok / { print $4 }' /tmp/ktap)" = "$(cat /payload/fails)" ] || fail "other checks fail than $(cat /payload/fails)"
}

serving() {
	sdei-nmi status >/tmp/status || fail "sdei-nmi status ended with $?: $(cat /tmp/status)"
	[ "$(head -n 1 /tmp/status)" = serving ] || fail "the driver does not serve: $(cat /tmp/status)"
	grep 'described by ACPI' /tmp/status || fail "sdei-nmi status does not say that ACPI describes SDEI: $(cat /tmp/status)"
	sdei-nmi ping -n 5 || fail "not all CPUs answer"
}

loads() {
	documented Load 1 || fail "the driver does not load"
	serving
}

upgrades() {
	documented Upgrade 1 || fail "the driver does not load again"
	serving
}

# wedge_cpu_1 SECONDS: CPU 1 masks all interrupts for so long. The test goes on on CPU 0, which stays out of deep idle: there the kernel
# would have it woken by the timer of CPU 1.
wedge_cpu_1() {
	taskset -c -p 0 $$ >/dev/null
	exec 9>/dev/cpu_dma_latency
	printf '\0\0\0\0' >&9
	[ -d "${wedge%/*}" ] || insmod "wedge-$version.ko" || fail "the wedge module does not load"
	echo "daif 1 $1" >$wedge || fail "CPU 1 could not be wedged"
}

wedged_cpu_is_shown() {
	dmesg -C
	wedge_cpu_1 60
	echo l >/proc/sysrq-trigger
	echo 1 >$release
	dmesg -t >/tmp/log
	grep -A 40 '^NMI backtrace for cpu 1$' /tmp/log | grep -q '^pc : wedge_spin' ||
		fail "the report has no stack of CPU 1, which was wedged"
	rmmod sdei_nmi_wedge || fail "the wedge module does not unload"
}

restart() {
	mark 'dies reboot: Restarting system'
	systemctl reboot || fail "systemctl reboot fails"
	sleep 600
}

reboots_with_modules_load() {
	documented Load 2
	restart
}

serves_after_boot() {
	running
	serving
}

# The kernel's package makes DKMS build both modules.
kernel_upgrade() {
	next=$(cat next)
	apt install "linux-image-$next" "linux-headers-$next" || fail "apt cannot install kernel $next"
	restart
}

module_follows() {
	[ "$version" = "$(cat next)" ] || fail "the running kernel is $version"
	running
	built_by_dkms
	serving
}

kdump_is_set_up() {
	documented 'Crash dumps' 1 || fail "kdump-tools cannot be set up"
	grep crashkernel=1G-4G:512M, /boot/grub/grub.cfg || fail "GRUB's configuration does not reserve memory"
	documented 'Crash dumps' 2 || fail "kdump-tools cannot be made to save the memory as it is"
	echo kernel.panic=1 >/etc/sysctl.d/panic.conf
	restart
}

crashes() {
	running
	serving
	kdump-config status || fail "kdump is not ready: $(kdump-config show)"
	wedge_cpu_1 300
	grep -w wedge_spin /proc/kallsyms >$kept/wedge_spin
	sync
	mark 'dies sysrq triggered crash'
	echo c >/proc/sysrq-trigger
}

# number FILE OFFSET SIZE: an unsigned number of the file.
number() {
	od -A n -t "u$3" -j "$2" -N "$3" "$1" | tr -d ' '
}

# The dump is /proc/vmcore: an ELF file whose first segment has the notes, one NT_PRSTATUS of 412 bytes for each CPU. The note of CPU 1
# has the pc of the wedge. The log is in the memory that the dump holds.
dump_has_all_cpus() {
	running
	dump=$(echo /var/crash/*/dump.*)
	[ -s "$dump" ] || fail "there is no dump in /var/crash: $(ls -R /var/crash)"
	[ "$(head -c 4 "$dump" | od -A n -t x1 | tr -d ' ')" = 7f454c46 ] || fail "$dump is not an ELF file"
	segment=$(number "$dump" 32 8)
	[ "$(number "$dump" "$segment" 4)" = 4 ] || fail "the first segment of the dump has no notes"
	notes=$(number "$dump" $((segment + 8)) 8)
	for cpu in 0 1; do
		note=$((notes + cpu * 412))
		[ "$(number "$dump" $((note + 8)) 4) $(number "$dump" $((note + 4)) 4)" = '1 392' ] || fail "the dump has no registers of CPU $cpu"
	done
	pc=$(od -A n -t x8 -j $((notes + 412 + 20 + 112 + 256)) -N 8 "$dump" | tr -d ' ')
	start=$(cut -d ' ' -f 1 $kept/wedge_spin)
	echo "CPU 1: pc $pc, wedge_spin at $start"
	distance=$((0x${pc#ffff} - 0x${start#ffff}))
	[ $distance -ge 0 ] && [ $distance -lt 256 ] || fail "the dump has pc $pc for CPU 1, and wedge_spin is at $start"
	tr -cs '[:print:]' '\n' <"$dump" | grep -m 1 'sdei_nmi: CPU 1 stopped by event 0 at wedge_spin' || fail "the dump's log does not say that CPU 1 was stopped"
	rm "$dump"
}

awake() {
	dmesg | grep 'hibernation: hibernation exit'
}

hibernates() {
	dmesg -C
	systemctl hibernate || fail "systemctl hibernate fails: $(journalctl -b -u systemd-hibernate -n 20 --no-pager)"
	wait_for awake
	dmesg | grep 'hibernation: Basic memory bitmaps freed' || fail "the kernel was not resumed"
	serving
	wedged_cpu_is_shown
}

# The keys of an owner. Firmware with these knows neither Microsoft's key nor Debian's, so shim gets a second signature.
secure_boot_is_set_up() {
	apt install efitools sbsigntool openssl mokutil || fail "apt cannot install the programs for Secure Boot"
	mkdir $kept/keys && cd $kept/keys || fail "there is no place for the keys"
	for key in PK KEK db; do
		openssl req -new -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj "/CN=lab $key/" -keyout $key.key -out $key.crt 2>/dev/null &&
			cert-to-efi-sig-list -g 5de15de1-0000-4000-8000-5de15de15de1 $key.crt $key.esl || fail "the key $key cannot be made"
	done
	sign-efi-sig-list -k PK.key -c PK.crt PK PK.esl PK.auth && sign-efi-sig-list -k PK.key -c PK.crt KEK KEK.esl KEK.auth &&
		sign-efi-sig-list -k KEK.key -c KEK.crt db db.esl db.auth || fail "the keys cannot be signed"
	for shim in /boot/efi/EFI/BOOT/BOOTAA64.EFI /boot/efi/EFI/debian/shimaa64.efi; do
		sbsign --key db.key --cert db.crt --output $shim $shim || fail "shim cannot be signed"
	done
	for key in db KEK PK; do
		efi-updatevar -f $key.auth $key || fail "the firmware does not take the key $key"
	done
	restart
}

# By install.md. DKMS built the modules before openssl was installed.
module_is_refused() {
	systemctl is-system-running --wait || true
	failed=$(systemctl --failed --no-legend --plain | cut -d ' ' -f 1)
	[ "$failed" = systemd-modules-load.service ] || fail "these units have failed: $failed"
	mokutil --sb-state | grep 'SecureBoot enabled' || fail "Secure Boot is off: $(mokutil --sb-state)"
	grep -F '[integrity]' /sys/kernel/security/lockdown || fail "lockdown is not in integrity mode: $(cat /sys/kernel/security/lockdown)"
	! modprobe sdei_nmi 2>/tmp/said || fail "the kernel loads an unsigned module"
	grep 'Key was rejected by service' /tmp/said || fail "modprobe says '$(cat /tmp/said)', which install.md does not mention"
	sed -i "s/VERSION/$(dpkg-query -W -f '${Version}' sdei-nmi-dkms)/" install.md
	documented 'Secure Boot' 2 || fail "DKMS cannot build the driver again"
	modinfo -F signer sdei_nmi | grep . || fail "DKMS has not signed the module"
	! modprobe sdei_nmi || fail "the kernel loads a module with a key that it does not know"
	mark 'dies reboot: Restarting system'
	# The password, twice.
	printf 'lab-lab-lab\nlab-lab-lab\n' | documented 'Secure Boot' 1 || fail "the key cannot be enrolled"
	sleep 600
}

# The key was confirmed on the console in the boot before this one.
module_is_trusted() {
	running
	mokutil --sb-state | grep 'SecureBoot enabled' || fail "Secure Boot is off: $(mokutil --sb-state)"
	serving
	"/lib/modules/$version/build/scripts/sign-file" sha256 /var/lib/dkms/mok.key /var/lib/dkms/mok.pub "wedge-$version.ko" || fail "the wedge module cannot be signed"
	wedged_cpu_is_shown
	grep '^pc: ' /sys/kernel/debug/sdei_nmi/stacks || fail "lockdown hides the stacks in debugfs"
}

purge() {
	documented Uninstall 1 || fail "the module does not unload"
	documented Uninstall 2 || fail "apt cannot purge the packages"
}

# merged: names files in /bin, /sbin and /lib by where they are, in /usr.
merged() {
	sed -E 's#^/(bin|sbin|lib)/#/usr/\1/#'
}

nothing_left() {
	[ -s $kept/before ] || fail "the packages have not been installed"
	# The folder belongs to the node exporter.
	rmdir ${metrics%/*} /var/lib/prometheus || fail "the service left its file"
	# No list names what the maintainer scripts of these packages of other tests have made.
	rm -f /usr/local/sbin/makedumpfile
	apt purge kdump-tools makedumpfile kexec-tools || fail "apt cannot purge the packages of other tests"
	files >/tmp/after
	[ -z "$(dkms status)" ] || fail "dkms still knows of: $(dkms status)"
	for module in $modules; do
		[ ! -d "/sys/module/$module" ] || fail "$module is still loaded"
	done
	! grep -rs sdei.nmi /lib/modules/*/modules.dep /var/lib/dpkg/status /var/lib/dpkg/info /etc || fail "files still mention the packages; see above"
	# What other packages, which were installed after the list was made, have brought.
	{ cat /var/lib/dpkg/info/*.list && find /boot /lib/modules /var/lib/kdump /var/crash /etc/sysctl.d 2>/dev/null; } | merged | sort -u >/tmp/others
	merged </tmp/after | sort | comm -13 $kept/before - | comm -23 - /tmp/others >/tmp/left
	! grep . /tmp/left || fail "these files are left"
}

# The tests in their order, by phase, with the seconds that each may take.
plan='install booted 300
install upgrades_release 4800
install install 2400
install built_by_dkms 120
install off_by_default 60
install autopkgtest_modules 120
install timer_writes_metrics 300
install timer_follows_package 600
install validates 180
install loads 60
install wedged_cpu_is_shown 60
install upgrades 60
install reboots_with_modules_load 120
upgrade serves_after_boot 300
upgrade kernel_upgrade 3000
kdump module_follows 300
kdump kdump_is_set_up 1200
crash crashes 300
dump dump_has_all_cpus 900
dump hibernates 600
dump secure_boot_is_set_up 900
secure module_is_refused 900
trusted module_is_trusted 600
trusted purge 600
trusted nothing_left 900'

if [ "${1:-}" = plan ]; then
	echo "$plan"
	exit
fi
if [ "${1:-}" = steps ]; then
	shift
	steps "$@"
	exit
fi
if [ "${1:-}" = one ]; then
	"$2"
	exit
fi

phase=$(cat phase)
echo "KTAP version 1" >&3
echo "1..$(echo "$plan" | grep -c "^$phase ")" >&3
number=0
echo "$plan" | sed -n "s/^$phase //p" | while read -r name seconds; do
	number=$((number + 1))
	mark "begin package.$name"
	timeout -s KILL "$seconds" sh /payload/main one "$name" >/tmp/output 2>&1 </dev/null 3>&-
	status=$?
	mark "end package.$name"
	sed 's/^/# /' /tmp/output >&3
	case $status in
	0) echo "ok $number package.$name" >&3 ;;
	77) echo "ok $number package.$name # SKIP make test-package has no FROM=" >&3 ;;
	137) echo "# did not end within $seconds s" >&3 && echo "not ok $number package.$name" >&3 ;;
	*) echo "not ok $number package.$name" >&3 ;;
	esac
done
