# SPDX-License-Identifier: GPL-2.0

TEST_PROGS := sdei_nmi.sh

include ../lib.mk
