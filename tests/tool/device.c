// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded (LD_PRELOAD), stands in for the module sdei_nmi_validate: opens, writes and reads of its device are answered from the
 * folder $DEVICE. What a command is answered is in the file of its name; a file that begins with "errno N" fails so, one that
 * begins with "wait" lasts until a signal comes, and one that is not there is EINVAL. What was written is in $DEVICE/log.
 *
 * If $MACHINE is set, files below /sys and /lib/modules are those of that tree. A program with --root does not change a machine, so this is how
 * changes are tested.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int device = -1;
static char reply[1 << 17];
static size_t length;

static const char *of_machine(const char *path, char buffer[512])
{
	if (!getenv("MACHINE") || (strncmp(path, "/sys/", 5) && strncmp(path, "/lib/modules/", 13)))
		return path;
	snprintf(buffer, 512, "%s%s", getenv("MACHINE"), path);
	return buffer;
}

int access(const char *path, int mode)
{
	int (*real)(const char *, int) = (int (*)(const char *, int))dlsym(RTLD_NEXT, "access");
	char buffer[512];

	return real(of_machine(path, buffer), mode);
}

DIR *opendir(const char *path)
{
	DIR *(*real)(const char *) = (DIR *(*)(const char *))dlsym(RTLD_NEXT, "opendir");
	char buffer[512];

	return real(of_machine(path, buffer));
}

int open(const char *path, int flags, ...)
{
	int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
	char buffer[512];
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
	va_end(args);
	if (getenv("STACKS_ERRNO") && strstr(path, "/debug/sdei_nmi/stacks")) {
		errno = atoi(getenv("STACKS_ERRNO"));
		return -1;
	}
	if (strcmp(path, "/dev/sdei_nmi_validate"))
		return real(of_machine(path, buffer), flags, mode);
	if (getenv("DEVICE_ERRNO")) {
		errno = atoi(getenv("DEVICE_ERRNO"));
		return -1;
	}
	device = real("/dev/null", flags);
	return device;
}

static void in_folder(char path[512], const char *name)
{
	snprintf(path, 512, "%s/%s", getenv("DEVICE"), name);
}

static ssize_t command(const char *text, size_t size)
{
	char name[256], path[512];
	FILE *file;

	snprintf(name, sizeof(name), "%.*s", (int)size, text);
	in_folder(path, "log");
	file = fopen(path, "a");
	if (file) {
		fprintf(file, "%s\n", name);
		fclose(file);
	}
	in_folder(path, name);
	file = fopen(path, "r");
	if (!file) {
		errno = EINVAL;
		return -1;
	}
	length = fread(reply, 1, sizeof(reply) - 1, file);
	reply[length] = '\0';
	fclose(file);
	if (!strncmp(reply, "errno ", 6)) {
		errno = atoi(reply + 6);
		return -1;
	}
	if (!strncmp(reply, "wait", 4)) {
		pause();
		errno = EINTR;
		return -1;
	}
	return (ssize_t)size;
}

ssize_t write(int fd, const void *from, size_t size)
{
	ssize_t (*real)(int, const void *, size_t) = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");

	return device >= 0 && fd == device ? command(from, size) : real(fd, from, size);
}

ssize_t pread(int fd, void *to, size_t size, off_t at)
{
	ssize_t (*real)(int, void *, size_t, off_t) = (ssize_t (*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");

	if (device < 0 || fd != device)
		return real(fd, to, size, at);
	if ((size_t)at >= length)
		return 0;
	/* In pieces, as a device may. */
	size = size > 100 ? 100 : size;
	size = size > length - (size_t)at ? length - (size_t)at : size;
	memcpy(to, reply + at, size);
	return (ssize_t)size;
}
