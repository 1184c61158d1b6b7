/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Addresses of kernel symbols that are not exported to modules. For tests only.
 *
 * A kprobe, registered and removed at once, yields the address of kallsyms_lookup_name(), which
 * looks up all other symbols.
 */
#ifndef TESTS_RESOLVE_H
#define TESTS_RESOLVE_H

#include <linux/kprobes.h>
#include <linux/printk.h>

/**
 * resolve() - look up the address of a kernel symbol
 * @name: the symbol
 *
 * The first call of a module waits for every CPU, because removing a kprobe does.
 *
 * Context: task; sleeps.
 * Return: the address, to be cast to the symbol's type. 0 if the kernel has no such symbol; one log
 * line says so.
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
