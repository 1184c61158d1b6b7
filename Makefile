# SPDX-License-Identifier: GPL-2.0
#
#	make demo	shows what the driver is for, on a stock kernel and real firmware
#	make test	runs the whole suite; TESTS=REGEX chooses of tests/table, KERNEL=NAME the machines of one kernel
#	make test-all	the same, and what takes longer: kernels that the lab builds, and the callers on every kernel
#	make bench	measures what it costs, beside the kernel's own means, and writes docs/results/; BENCH=REGEX chooses of
#			bench/boots and writes nothing there, JOBS=N is how many guests at a time
#	make kdump	crashes guests with CPUs wedged, reads what their capture kernels saved, and writes docs/results/kdump.md; KDUMP=REGEX
#			chooses of tests/kdump/table and writes nothing there
#	make validate	runs sdei-nmi validate on each firmware that the lab builds, it and the driver under each fault of the one that
#			lies, and writes docs/results/validate.md; VALIDATE=REGEX chooses of the boots that sh tests/run.sh -s validate -n prints
#			and writes nothing there
#	make shell	an interactive guest with the driver and a way to wedge a CPU
#	make module	builds the driver and the checks of the firmware for the running kernel, or the one of KDIR=: out/module/
#	make package	builds the Debian packages, for arm64: out/package/
#	make test-package	installs, uses and purges them in an arm64 Debian that the lab boots
#	make test-trixie	runs make demo and a test of make test in a Debian 13 root, on this machine; takes root
#	make patch	prints the patches, for git am, that build the driver into the kernel tree KERNEL=PATH
#	make tool	builds sdei-nmi, the tool, for this machine: out/host/sdei-nmi
#	make install	installs the tool and the man pages below PREFIX (/usr/local), and below DESTDIR if there is one
#	make uninstall	removes them again
#	make install-dkms	puts the sources of both modules into /usr/src below DESTDIR, for dkms install; uninstall-dkms removes them
#	make check	checks the sources: shellcheck, sparse, W=1, checkpatch, the tool, the man pages; CHECK=REGEX chooses checks
#			by name
#	make clean	removes out/; the cache outside the tree stays
#
# KERNEL=NAME chooses a row of kernels.list. V=1 shows every command.

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
GUEST_BENCH := out/guest/bench/getppid
TOOL := $(wildcard tool/*.c tool/*/*.c)
PREFIX ?= /usr/local
version := $(shell cat VERSION)
tool_defines := -DTOOL_VERSION='"$(version)"'

help:
	@sed -n 's/^#\t//p' $(firstword $(MAKEFILE_LIST))

demo: lab
	$(quiet)sh lab/demo.sh $(KERNEL)

test: lab
	$(quiet)sh tests/run.sh $(chosen) '$(value TESTS)'

test-all: lab
	$(quiet)sh tests/run.sh -a $(chosen) '$(value TESTS)'

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

module:
	@[ -e '$(KDIR)/Makefile' ] || \
		{ echo 'sdei-nmi: $(KDIR) is no kernel build folder; install that kernel'"'"'s headers, or set KDIR.' >&2; exit 1; }
	$(quiet)mkdir -p out/module && cp -rpu VERSION driver validate out/module/
	$(quiet)for folder in driver validate; do \
		$(MAKE) --no-print-directory -C '$(KDIR)' M="$(CURDIR)/out/module/$$folder" modules && cp -p out/module/$$folder/*.ko out/module/ || exit; \
	done
	@ls out/module/*.ko

package:
	$(quiet)sh packaging/build.sh

test-package: lab package
	$(quiet)sh packaging/test.sh $(KERNEL)

test-trixie:
	$(quiet)sh tests/host/trixie.sh

patch:
	@sh scripts/patch.sh '$(if $(chosen),$(value KERNEL))'

tool: out/host/sdei-nmi

install: tool
	$(quiet)install -D -m 755 out/host/sdei-nmi $(DESTDIR)$(PREFIX)/sbin/sdei-nmi
	$(quiet)install -D -m 644 tool/man/sdei-nmi.8 $(DESTDIR)$(PREFIX)/share/man/man8/sdei-nmi.8
	$(quiet)install -D -m 644 tool/man/sdei_nmi.4 $(DESTDIR)$(PREFIX)/share/man/man4/sdei_nmi.4
	$(quiet)install -D -m 644 tool/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/sdei-nmi

uninstall:
	$(quiet)rm -f $(DESTDIR)$(PREFIX)/sbin/sdei-nmi $(DESTDIR)$(PREFIX)/share/man/man8/sdei-nmi.8 \
		$(DESTDIR)$(PREFIX)/share/man/man4/sdei_nmi.4 $(DESTDIR)$(PREFIX)/share/bash-completion/completions/sdei-nmi

install-dkms: install-dkms-driver install-dkms-validate

install-dkms-driver: dkms_files := driver/*
install-dkms-driver: dkms_folder := $(DESTDIR)/usr/src/sdei-nmi-$(version)
install-dkms-validate: dkms_files := driver/*.h validate/*
install-dkms-validate: dkms_folder := $(DESTDIR)/usr/src/sdei-nmi-validate-$(version)
install-dkms-driver install-dkms-validate:
	$(quiet)rm -rf $(dkms_folder)
	$(quiet)install -d $(dkms_folder)
	$(quiet)cp -rp VERSION $(dkms_files) $(dkms_folder)/
	$(quiet)sed -i 's/#MODULE_VERSION#/$(version)/' $(dkms_folder)/dkms.conf

uninstall-dkms:
	$(quiet)rm -rf $(DESTDIR)/usr/src/sdei-nmi-$(version) $(DESTDIR)/usr/src/sdei-nmi-validate-$(version)

clean:
	$(quiet)rm -rf out

# Nothing is built before the host has what it takes, so the programs are made by a second make.
lab:
	$(quiet)sh lab/host.sh
	$(quiet)$(MAKE) --no-print-directory -s programs

programs: out/host/run out/host/verdict out/host/sdei-nmi out/guest/init out/guest/sdei-nmi $(GUEST_TESTS) $(GUEST_BENCH)

out/host/run: lab/run.c
out/host/verdict: lab/verdict.c lab/ktap.c lab/klog.c lab/text.c lab/ktap.h lab/klog.h lab/text.h

out/host/%:
	@mkdir -p $(@D)
	$(quiet)$(HOST_CC) $(HOST_CFLAGS) -o $@ $(filter %.c,$^)

out/host/sdei-nmi: $(TOOL) $(wildcard tool/*.h tool/*/*.h) VERSION
	@mkdir -p $(@D)
	@pkg-config --exists json-c || { echo "json-c or pkg-config is missing; install libjson-c-dev and pkg-config." >&2; exit 1; }
	$(quiet)$(HOST_CC) $(HOST_CFLAGS) $(tool_defines) $$(pkg-config --cflags json-c) -o $@ $(filter %.c,$^) $$(pkg-config --libs json-c)

# The lab's guest has no libraries.
out/guest/sdei-nmi: $(TOOL) $(wildcard tool/*.h tool/*/*.h) VERSION lab/tool.sh
	@mkdir -p $(@D)
	$(quiet)json=$$(sh lab/tool.sh) && \
		$(GUEST_CC) $(HOST_CFLAGS) $(tool_defines) -static -I"$$json/include" -o $@ $(filter %.c,$^) "$$json/libjson-c.a"

out/guest/init: lab/init.c
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) $(HOST_CFLAGS) -static -o $@ $<

out/guest/tests/%: tests/programs/%.c
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) $(HOST_CFLAGS) -static -o $@ $<

out/guest/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) $(HOST_CFLAGS) -static -o $@ $<

# Its own headers are in the source.
out/guest/tests/%: tests/programs/%.S
	@mkdir -p $(@D)
	$(quiet)$(GUEST_CC) -c -o $@.o $< && $(GUEST_OBJCOPY) -O binary $@.o $@ && chmod +x $@ && rm $@.o

.PHONY: help demo test test-all bench kdump validate shell check module package test-package test-trixie patch tool install uninstall \
	install-dkms install-dkms-driver install-dkms-validate uninstall-dkms clean lab programs
