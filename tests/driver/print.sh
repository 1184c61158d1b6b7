# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh

# A wedged CPU holds printk's lock. The driver tries to take it for SDEI_NMI_PRINT_LOCK_US, once each microsecond; then it tries once
# for each block that is left.
lock_awaited_once() {
	load
	load_wedge
	count_calls __printk_cpu_sync_try_get
	wedge printk 2
	before=$(calls)
	sysrq_l 0
	tries=$(($(calls) - before))
	release
	has_backtrace 0 1 2 3
	pc_in_wedge 2
	[ $tries -gt 9000 ] || fail "the lock was tried only $tries times: this test proves nothing here"
	[ $tries -lt 11000 ] || fail "the lock was tried $tries times, and 10000 are allowed to all blocks together"
}
