// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel command line can contain passwords, addresses and names of hosts. Invariant: it is
 * shown only after cmdline_public(), which keeps the parameters of a fixed list.
 *
 * Parameters are split as the kernel splits them: a quoted value can contain spaces, and "--" ends
 * the kernel's parameters. In a name, '-' and '_' are the same.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/memory.h"
#include "machine/cmdline.h"

/* Parameters on which SDEI, NMIs, crashes or the CPUs depend. A dot at the end stands for any parameter of a module. */
static const char *const public[] = {
	"acpi", "cpuidle.off", "crashkernel", "irqchip.gicv3_pseudo_nmi", "isolcpus", "kpti", "kvm_arm.mode", "maxcpus", "nohz_full",
	"nokaslr", "nr_cpus", "sdei_nmi.",
};

/* Takes the next parameter off the rest. It includes its value and the quotes. */
bool cmdline_next(struct piece *rest, struct piece *parameter)
{
	bool quoted = false;
	size_t length = 0;

	*rest = text_trim(*rest);
	while (length < rest->length && (quoted || !isspace((unsigned char)rest->at[length])))
		quoted ^= rest->at[length++] == '"';
	*parameter = (struct piece){ rest->at, length };
	rest->at += length;
	rest->length -= length;
	return length && !text_is(*parameter, "--");
}

static char folded(char c)
{
	return c == '-' ? '_' : c;
}

/* Returns whether the parameter has this name, and separates its value, which is empty without '='. */
static bool is_named(struct piece parameter, const char *name, struct piece *value)
{
	size_t length = strlen(name), i;

	if (parameter.length < length)
		return false;
	for (i = 0; i < length; i++)
		if (folded(parameter.at[i]) != name[i])
			return false;
	if (name[length - 1] != '.' && i < parameter.length && parameter.at[i++] != '=')
		return false;
	*value = (struct piece){ parameter.at + i, parameter.length - i };
	return true;
}

/* Returns a parameter that is a boolean, read as the kernel's kstrtobool() reads it. The last one counts. */
bool cmdline_truth(struct piece cmdline, const char *name)
{
	struct piece parameter, value;
	bool truth = false;

	while (cmdline_next(&cmdline, &parameter)) {
		if (!is_named(parameter, name, &value) || !value.length)
			continue;
		if (value.at[0] == '"' && value.length > 1) {
			value.at++;
			value.length--;
		}
		switch (tolower((unsigned char)value.at[0])) {
		case 'y':
		case 't':
		case '1':
			truth = true;
			break;
		case 'n':
		case 'f':
		case '0':
			truth = false;
			break;
		case 'o':
			if (value.length > 1)
				truth = tolower((unsigned char)value.at[1]) == 'n';
			break;
		}
	}
	return truth;
}

/* Returns the parameters that may be shown, separated by spaces. */
char *cmdline_public(struct piece cmdline)
{
	char *shown = memory_format("%s", "");
	struct piece parameter, value;

	while (cmdline_next(&cmdline, &parameter))
		for (size_t i = 0; i < sizeof(public) / sizeof(public[0]); i++) {
			char *safe, *more;

			if (!is_named(parameter, public[i], &value))
				continue;
			safe = text_safe(parameter, TEXT_DOUBLE_BACKSLASH);
			more = memory_format("%s%s%s", shown, *shown ? " " : "", safe);
			free(safe);
			free(shown);
			shown = more;
			break;
		}
	return shown;
}
