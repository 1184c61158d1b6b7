// SPDX-License-Identifier: GPL-2.0
/*
 * as_user COMMAND...: runs COMMAND as the user and group 65534, without privileges. Exits with 125 or 126 if that fails.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <grp.h>
#include <unistd.h>

#define NOBODY	65534

int main(int argc, char **argv)
{
	if (argc < 2 || setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)) {
		fprintf(stderr, "as_user: %s\n", argc < 2 ? "no command was given" : strerror(errno));
		return 125;
	}
	execvp(argv[1], argv + 1);
	fprintf(stderr, "as_user: %s cannot be run: %s\n", argv[1], strerror(errno));
	return 126;
}
