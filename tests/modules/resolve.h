/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of kernel functions that modules are not given. For tests only.
 *
 * A kprobe that is registered and removed at once tells where
 * kallsyms_lookup_name() is; that one knows all others. Task context.
 */
#ifndef TESTS_RESOLVE_H
#define TESTS_RESOLVE_H

#include <linux/kprobes.h>
#include <linux/printk.h>

/**
 * resolve() - address of a kernel function by its name
 * @name: the function
 *
 * Return: the address, to be cast to the function's type, or 0 after a log
 * line if there is none.
 */
static inline unsigned long resolve(const char *name)
{
	static unsigned long (*lookup)(const char *name);
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long addr;
	int err;

	if (!lookup) {
		err = register_kprobe(&probe);
		if (err) {
			pr_err("no kprobe on kallsyms_lookup_name (%d); needs CONFIG_KPROBES\n",
			       err);
			return 0;
		}
		lookup = (unsigned long (*)(const char *))probe.addr;
		unregister_kprobe(&probe);
	}

	addr = lookup(name);
	if (!addr)
		pr_err("this kernel has no %s\n", name);
	return addr;
}

#endif
