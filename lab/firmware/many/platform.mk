# SPDX-License-Identifier: GPL-2.0
# PLAT=qemu with up to 128 CPUs instead of 16.
MANY_DIR	:= $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST))))

include plat/qemu/qemu/platform.mk

PLAT_INCLUDES	:= -I$(MANY_DIR)/include $(PLAT_INCLUDES)
BL31_SOURCES	:= $(filter-out %/topology.c,$(BL31_SOURCES)) $(MANY_DIR)/many_topology.c $(MANY_DIR)/many_redistributors.c
BL31_LDFLAGS	+= -Wl,--wrap=gicv3_rdistif_base_addrs_probe
