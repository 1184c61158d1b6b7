# SPDX-License-Identifier: GPL-2.0
#
#	In QEMU, with kernels and firmware that the lab fetches or builds:
#	  make demo             show a report without and with the driver
#	  make latency          find code that keeps interrupts off, as docs/latency.md does; rewrites its output in docs/results/
#	  make profile          profile code that has interrupts off, as docs/profiling.md does; rewrites its output in docs/results/
#	  make screens          draw what the tool shows on a terminal, for docs/usage.md; rewrites the pictures in docs/results/
#	  make shell            boot an interactive guest with the driver and a module that wedges CPUs
#	  make test             run the test suite; TESTS=REGEX selects tests (docs/testing.md)
#	  make test-all         run all tests, also those that need kernels built by the lab; TESTS=REGEX
#	  make validate         run sdei-nmi validate on all firmware, and the driver under all firmware faults;
#	                        VALIDATE=REGEX selects boots (sh tests/run.sh -s validate -n lists them)
#	  make kdump            crash guests with wedged CPUs and check their dumps; KDUMP=REGEX selects rows of tests/kdump/table
#	  make bench            measure the driver's cost; BENCH=REGEX selects rows of bench/boots, JOBS=N sets parallel guests
#	                        (without REGEX, validate, kdump and bench rewrite their pages in docs/results/)
#	  make test-package     test the Debian packages on the host, and install, use and purge them in a guest; with FROM=COMMIT it
#	                        upgrades the packages of that commit, while their driver is loaded
#
#	For a server:
#	  make, make tool       build sdei-nmi for this machine, into out/host/
#	  make static           build sdei-nmi for arm64 without shared libraries, into out/static/, to copy it to a server
#	  make check-tool       run the unit tests; needs cmocka and gcc's sanitizers, no QEMU, no root and no network
#	  make install          install sdei-nmi, its man pages, completion and schemas below PREFIX (/usr/local), and with unitdir=FOLDER
#	                        the systemd units that write metrics every minute
#	  make module           build both modules for the running kernel or for KDIR=FOLDER, into out/module/; MODULES=driver builds
#	                        only the driver, MODULES=validate only the checks of the firmware
#	  make module-install   install them for that kernel, into /lib/modules/RELEASE/updates; moduledir replaces /lib/modules
#	  make dkms-install     put the sources of both modules into /usr/src, for dkms install
#	  make uninstall        remove what make install, module-install and dkms-install installed
#	  make dist             make the source tarball, into out/dist/
#	  make package          build the Debian packages for arm64, and the tool's for amd64 on such a host, into out/package/
#	  make package-rpm      build the RPM packages for arm64, into out/package-rpm/
#	  make patch            print the patches, for git am, that build the driver into the kernel tree KERNEL=PATH; with
#	                        SERIES=validate those that then add the firmware checks; with SERIES=cure those that make the
#	                        kernel's own driver safe (Linux 7.3 and newer)
#
#	For a commit:
#	  make check            check the sources; CHECK=REGEX selects checks by name (scripts/check.sh)
#	  make test-trixie      run make demo and one test in a Debian 13 root on this host; needs root
#	  make clean            remove out/; the cache outside the checkout stays
#
#	KERNEL=NAME selects a row of kernels.list. DESTDIR applies to all install and uninstall targets; sbindir, datadir and mandir to
#	those of the tool, zsh_functions to its completion for zsh. textfile_dir is the folder in which the units write metrics. CC,
#	CPPFLAGS, CFLAGS, LDFLAGS, LDLIBS and PKG_CONFIG apply to the tool; LIBDW=yes fails without libdw, and LIBDW=no leaves it out.
#	CC, LLVM, ARCH and CROSS_COMPILE apply to the modules. V=1 prints every command. check, static, package and package-rpm, and
#	all of the first group, install missing Debian packages.

.DEFAULT_GOAL := tool

chosen := $(if $(KERNEL),-k $(KERNEL))
KERNEL ?= $(shell sed -n 's/^kernel_default=//p' lab/lib.sh)
KDIR ?= /lib/modules/$(shell uname -r)/build
V ?= 0
export V
quiet := $(if $(filter 1,$(V)),,@)

HOST_CC ?= gcc
HOST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra
GUEST_CC := aarch64-linux-gnu-gcc
GUEST_OBJCOPY := aarch64-linux-gnu-objcopy
GUEST_TESTS := $(patsubst tests/programs/%,out/guest/tests/%,$(basename $(wildcard tests/programs/*)))
GUEST_BENCH := $(patsubst bench/%.c,out/guest/bench/%,bench/getppid.c bench/sampling.c)
TOOL := $(wildcard tool/*.c tool/*/*.c)
TOOL_HEADERS := $(wildcard tool/*.h tool/*/*.h)
TOOL_LIBRARIES := json-c ncursesw smartcols
CFLAGS ?= -O2 -g
LIBDW ?= auto
PKG_CONFIG ?= pkg-config
INSTALL ?= install
PREFIX ?= /usr/local
sbindir ?= $(PREFIX)/sbin
datadir ?= $(PREFIX)/share
mandir ?= $(datadir)/man
# Debian's own packages use vendor-completions.
zsh_functions ?= site-functions
unitdir ?=
moduledir ?= /lib/modules
MODULES ?= driver validate
# modprobe looks for modules only in /lib/modules, which is /usr/lib/modules on most distributions.
depmod = $(if $(DESTDIR)$(filter-out /lib/modules /usr/lib/modules,$(abspath $(moduledir))),:,depmod)
module_driver := sdei_nmi
module_validate := sdei_nmi_validate
textfile_dir ?= /var/lib/prometheus/node-exporter
# The kernel's make takes CC from its command line only. A kernel that clang built has flags that gcc does not know.
kernel_llvm = $(shell grep -qs '^CONFIG_CC_IS_CLANG=y' '$(KDIR)/.config' '$(KDIR)/include/config/auto.conf' && echo LLVM=1)
module_cc = $(if $(filter environment%,$(origin CC)),CC='$(CC)') $(if $(LLVM)$(filter-out default,$(origin CC)),,$(kernel_llvm))
version := $(shell cat VERSION)
tool_flags := -Itool -DTOOL_VERSION='"$(version)"'
# libdw is optional: without it, the tool has no source lines.
tool_lines := $(if $(filter yes,$(LIBDW)),libdw,$(if $(filter no,$(LIBDW)),,$(shell $(PKG_CONFIG) --exists libdw >/dev/null 2>&1 && echo libdw)))
tool_variables = $(foreach variable,CC CPPFLAGS CFLAGS LDFLAGS LDLIBS PKG_CONFIG tool_lines,$(variable)=$($(variable)))
# quoted TEXT: TEXT as one word for the shell.
quoted = '$(subst ','\'',$(1))'

help:
	@sed -n '3,/^$$/s/^#\t\{0,1\}//p' $(firstword $(MAKEFILE_LIST))

demo: lab
	$(quiet)sh lab/demo.sh $(KERNEL)

latency: lab
	$(quiet)sh lab/example.sh latency $(KERNEL)

profile: lab
	$(quiet)sh lab/example.sh profile $(KERNEL)

screens: lab
	$(quiet)sh lab/example.sh screens $(KERNEL)

test: regex lab
	$(quiet)sh tests/run.sh $(chosen) -- '$(value TESTS)'

test-all: regex lab
	$(quiet)sh tests/run.sh -a $(chosen) -- '$(value TESTS)'

# make drops blanks at the start of an argument's value, so TESTS=' stock' would choose too many tests.
regex:
	@! tr '\0' '\n' </proc/$$PPID/cmdline | grep -q '^TESTS=[[:blank:]]' || \
		{ echo "sdei-nmi: make drops the blank at the start of TESTS; write it as '[ ]'." >&2; exit 2; }

bench: lab
	$(quiet)sh lab/host.sh bench/host.packages
	$(quiet)sh bench/run.sh $(if $(JOBS),-j $(JOBS)) '$(value BENCH)'

kdump: lab
	$(quiet)sh tests/run.sh -s kdump $(if $(value KDUMP),-a '$(value KDUMP)',-w)

validate: lab
	$(quiet)sh tests/run.sh -s validate $(if $(value VALIDATE),'$(value VALIDATE)',-w)

shell: lab
	$(quiet)sh lab/shell.sh $(KERNEL)

check: lab
	$(quiet)sh scripts/check.sh $(KERNEL) '$(value CHECK)'

check-tool:
	$(quiet)$(MAKE) --no-print-directory -C tests/unit check

# Older kernels' make would take the objects that were built for another kernel.
module:
	@[ -e '$(KDIR)/Makefile' ] || \
		{ echo 'sdei-nmi: $(KDIR) is not a kernel build folder; install the headers of that kernel, or set KDIR (on x86-64, with ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-).' >&2; exit 1; }
	$(quiet)kernel="$(abspath $(KDIR)) $$(cat '$(KDIR)/include/config/kernel.release' 2>/dev/null)" && \
		{ [ "$$(cat out/module/.kernel 2>/dev/null)" = "$$kernel" ] || rm -rf out/module; } && \
		mkdir -p out/module && echo "$$kernel" >out/module/.kernel && cp -rpu VERSION driver validate out/module/
	$(quiet)for folder in $(MODULES); do \
		$(MAKE) --no-print-directory -C '$(KDIR)' M="$(CURDIR)/out/module/$$folder" $(module_cc) modules && cp -p out/module/$$folder/*.ko out/module/ || exit; \
	done
	@ls out/module/*.ko

# A distribution's headers name the release in this file; their make kernelrelease may print another one.
module-install: module
	$(quiet)release=$$(cat '$(KDIR)/include/config/kernel.release') && \
		$(INSTALL) -D -m 644 -t "$(DESTDIR)$(moduledir)/$$release/updates" $(foreach folder,$(MODULES),out/module/$(module_$(folder)).ko) && \
		$(depmod) "$$release"

dist:
	$(quiet)sh packaging/dist.sh

package:
	$(quiet)sh packaging/build.sh

package-rpm:
	$(quiet)sh packaging/rpm/build.sh

test-package: lab package
	$(quiet)sh tests/packaging/built.sh out/package
	$(quiet)sh packaging/test.sh $(KERNEL) $(FROM)

test-trixie:
	$(quiet)sh tests/host/trixie.sh

patch:
	@sh scripts/patch.sh '$(if $(chosen),$(value KERNEL))' '$(value SERIES)'

tool: out/host/sdei-nmi
	@ls $<

static:
	$(quiet)sh lab/host.sh lab/static.packages
	$(quiet)$(MAKE) --no-print-directory -s out/guest/sdei-nmi
	$(quiet)install -D -m 755 out/guest/sdei-nmi out/static/sdei-nmi

# Some characters have a meaning of their own in a unit or in the program of sed below.
install: tool
	@[ -z '$(unitdir)' ] || for folder in $(call quoted,$(sbindir)) $(call quoted,$(textfile_dir)); do \
		! printf '%s\n' "$$folder" | LC_ALL=C grep -qvx '/[A-Za-z0-9/._+-]*' || \
			{ printf "sdei-nmi: the systemd units of unitdir= cannot name the folder '%s'; choose a PREFIX, sbindir and textfile_dir that begin with / and have only letters, digits and /._+-\n" "$$folder" >&2; exit 1; }; \
	done
	$(quiet)$(INSTALL) -D -m 755 out/host/sdei-nmi "$(DESTDIR)$(sbindir)/sdei-nmi"
	$(quiet)$(INSTALL) -D -m 644 tool/man/sdei-nmi.8 "$(DESTDIR)$(mandir)/man8/sdei-nmi.8"
	$(quiet)$(INSTALL) -D -m 644 tool/man/sdei_nmi.4 "$(DESTDIR)$(mandir)/man4/sdei_nmi.4"
	$(quiet)$(INSTALL) -D -m 644 tool/completion.bash "$(DESTDIR)$(datadir)/bash-completion/completions/sdei-nmi"
	$(quiet)$(INSTALL) -D -m 644 tool/completion.zsh "$(DESTDIR)$(datadir)/zsh/$(zsh_functions)/_sdei-nmi"
	$(quiet)$(INSTALL) -D -m 644 tool/completion.fish "$(DESTDIR)$(datadir)/fish/vendor_completions.d/sdei-nmi.fish"
	$(quiet)$(INSTALL) -D -m 644 -t "$(DESTDIR)$(datadir)/sdei-nmi/schema" tool/schema/*.json
	$(quiet)[ -z '$(unitdir)' ] || for unit in service timer; do \
		$(INSTALL) -D -m 644 packaging/debian/sdei-nmi-tools.sdei-nmi-metrics.$$unit "$(DESTDIR)$(unitdir)/sdei-nmi-metrics.$$unit" && \
		sed -i 's,/usr/sbin/,$(sbindir)/,; s,/var/lib/prometheus/node-exporter,$(textfile_dir),' \
			"$(DESTDIR)$(unitdir)/sdei-nmi-metrics.$$unit" || exit; \
	done

dkms-install: dkms-install-driver dkms-install-validate

dkms-install-driver: dkms_files := driver/*
dkms-install-driver: dkms_folder := $(DESTDIR)/usr/src/sdei-nmi-$(version)
dkms-install-validate: dkms_files := driver/*.h driver/probes.mk validate/*
dkms-install-validate: dkms_folder := $(DESTDIR)/usr/src/sdei-nmi-validate-$(version)
# root builds these files, so they are not to belong to the owner of the checkout.
dkms-install-driver dkms-install-validate:
	$(quiet)rm -rf "$(dkms_folder)"
	$(quiet)$(INSTALL) -d "$(dkms_folder)"
	$(quiet)cp -rp VERSION $(dkms_files) "$(dkms_folder)/"
	$(quiet)[ "$$(id -u)" != 0 ] || chown -R 0:0 "$(dkms_folder)"
	$(quiet)sed -i 's/#MODULE_VERSION#/$(version)/' "$(dkms_folder)/dkms.conf"

systemctl = $(if $(DESTDIR),,$(if $(unitdir),[ ! -d /run/systemd/system ] || systemctl $(1) || :))
# Outdated metrics would look current, so they go with the timer. DKMS cannot forget a module whose sources are gone, so these stay
# until "dkms remove".
uninstall:
	$(quiet)rm -f "$(DESTDIR)$(sbindir)/sdei-nmi" "$(DESTDIR)$(mandir)/man8/sdei-nmi.8" "$(DESTDIR)$(mandir)/man4/sdei_nmi.4" \
		"$(DESTDIR)$(datadir)/bash-completion/completions/sdei-nmi" "$(DESTDIR)$(datadir)/zsh/$(zsh_functions)/_sdei-nmi" \
		"$(DESTDIR)$(datadir)/fish/vendor_completions.d/sdei-nmi.fish"
	$(quiet)rm -rf "$(DESTDIR)$(datadir)/sdei-nmi"
	$(quiet)$(call systemctl,stop sdei-nmi-metrics.timer sdei-nmi-metrics.service)
	$(quiet)[ -z '$(unitdir)' ] || rm -f "$(DESTDIR)$(unitdir)/sdei-nmi-metrics.service" "$(DESTDIR)$(unitdir)/sdei-nmi-metrics.timer" \
		"$(DESTDIR)/etc/systemd/system/timers.target.wants/sdei-nmi-metrics.timer" "$(DESTDIR)$(textfile_dir)/sdei_nmi.prom"
	$(quiet)$(call systemctl,daemon-reload)
	$(quiet)for updates in "$(DESTDIR)$(moduledir)"/*/updates; do \
		[ -e "$$updates/sdei_nmi.ko" ] || [ -e "$$updates/sdei_nmi_validate.ko" ] || continue; \
		rm -f "$$updates/sdei_nmi.ko" "$$updates/sdei_nmi_validate.ko" && $(depmod) "$$(basename "$${updates%/updates}")" || exit; \
	done
	$(quiet)status=0; for module in sdei-nmi sdei-nmi-validate; do \
		[ ! -e "$(DESTDIR)/var/lib/dkms/$$module/$(version)" ] || \
			{ echo "sdei-nmi: DKMS uses $(DESTDIR)/usr/src/$$module-$(version), so it stays; remove the package $$module-dkms, or run" \
			"'dkms remove $$module/$(version) --all' and this command again." >&2; status=1; continue; }; \
		rm -rf "$(DESTDIR)/usr/src/$$module-$(version)"; \
	done; exit $$status

clean:
	$(quiet)rm -rf out

# host.sh may install the compiler, so a second make builds the programs.
lab:
	$(quiet)sh lab/host.sh
	$(quiet)$(MAKE) --no-print-directory -s programs

programs: out/host/run out/host/verdict out/host/sdei-nmi out/guest/init out/guest/sdei-nmi $(GUEST_TESTS) $(GUEST_BENCH)

out/host/run: lab/run.c
out/host/verdict: lab/verdict.c lab/ktap.c lab/klog.c lab/text.c lab/ktap.h lab/klog.h lab/text.h

out/host/%:
	@mkdir -p $(@D)
	$(quiet)$(HOST_CC) $(HOST_CFLAGS) -o $@ $(filter %.c,$^)

# The tool is built anew if a variable that it is built with changes.
out/host/.variables: $(shell [ "$$(cat out/host/.variables 2>/dev/null)" = $(call quoted,$(tool_variables)) ] || echo force)
	@mkdir -p $(@D)
	@printf '%s\n' $(call quoted,$(tool_variables)) >$@

out/host/sdei-nmi: $(TOOL) $(TOOL_HEADERS) VERSION out/host/.variables
	@mkdir -p $(@D)
	@for library in $(TOOL_LIBRARIES) $(tool_lines); do \
		$(PKG_CONFIG) --exists $$library || \
			{ echo "sdei-nmi: '$(PKG_CONFIG)' finds no $$library; install pkg-config and the library's development files (docs/install.md names the packages)." >&2; exit 1; }; \
	done
	$(if $(tool_lines),,@echo "sdei-nmi: the tool is built without libdw, so it has no --lines." >&2)
	$(quiet)$(CC) -std=gnu11 -Wall -Wextra $(CPPFLAGS) $(CFLAGS) $(tool_flags) $(if $(tool_lines),-DTOOL_HAS_LIBDW) $$($(PKG_CONFIG) --cflags $(TOOL_LIBRARIES) $(tool_lines)) $(LDFLAGS) -o $@ $(filter %.c,$^) \
		$$($(PKG_CONFIG) --libs $(TOOL_LIBRARIES) $(tool_lines)) $(LDLIBS)

# The guest has no shared libraries.
out/guest/sdei-nmi: $(TOOL) $(TOOL_HEADERS) VERSION lab/tool.sh
	@mkdir -p $(@D)
	$(quiet)libraries=$$(sh lab/tool.sh) && \
		$(GUEST_CC) $(HOST_CFLAGS) $(tool_flags) -static -I"$$libraries/include" -I"$$libraries/include/json-c" -o $@ $(filter %.c,$^) \
			"$$libraries/libjson-c.a" "$$libraries/libncursesw.a" "$$libraries/libtinfo.a" "$$libraries/libsmartcols.a"

out/guest/init: lab/init.c
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) $(HOST_CFLAGS) -static -o $@ $<

out/guest/tests/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) $(HOST_CFLAGS) -static -o $@ $<

out/guest/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) $(HOST_CFLAGS) -static -o $@ $<

# The source contains the program's ELF headers, so no linker is needed.
out/guest/tests/%: tests/programs/%.S
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) -c -o $@.o $< && $(GUEST_OBJCOPY) -O binary $@.o $@ && chmod +x $@ && rm $@.o

.PHONY: help demo latency profile screens test test-all regex bench kdump validate shell check check-tool module module-install dist package package-rpm test-package \
	test-trixie patch tool static install uninstall dkms-install dkms-install-driver dkms-install-validate clean lab programs force
