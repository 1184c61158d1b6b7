// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's first process. It mounts the usual file systems, opens the two channels to the host, runs /payload/main, and
 * copies the kernel log to the host.
 *
 * The verdict relies on the order at the end: /payload/main ends, then init sends the rest of the kernel log, and only then
 * the end line, by which the host knows that the guest finished.
 *
 * With sdei_lab=shell on the kernel's command line, init runs a shell on the console instead of /payload/main.
 *
 * In a guest that runs a whole Debian, systemd starts this program as a service: it then only runs /payload/main and copies the
 * kernel log.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PORT_WAIT_MS	10000
#define END_LINE	"# sdei-nmi-lab: end\n"

static void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("sdei-nmi-lab: ", stdout);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
}

/* Reports an error on the console and ends the guest. Without the end line the host counts the run as failed. */
static void stop(const char *why)
{
	say("%s: %s", why, strerror(errno));
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void make_file_systems(void)
{
	static const struct {
		const char *type, *where;
	} mounts[] = {
		{ "devtmpfs", "/dev" },
		{ "tmpfs", "/dev/shm" },
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "tmpfs", "/tmp" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "tracefs", "/sys/kernel/tracing" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].where, 0755);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, NULL) && errno != EBUSY)
			say("can't mount %s: %s", mounts[i].where, strerror(errno));
	}
}

/* init starts without open descriptors, because the initramfs has no /dev/console. */
static void open_console(void)
{
	int fd = open("/dev/console", O_RDWR);

	if (fd < 0)
		return;
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static int load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	long err;

	if (fd < 0)
		return -1;
	err = syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return err && errno != EEXIST ? -1 : 0;
}

static int try_port(const char *name)
{
	struct dirent *entry;
	int fd = -1;
	DIR *dir = opendir("/sys/class/virtio-ports");

	if (!dir)
		return -1;
	while (fd < 0 && (entry = readdir(dir))) {
		char path[300], found[64] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(found, sizeof(found), file))
			found[strcspn(found, "\n")] = '\0';
		fclose(file);
		if (strcmp(found, name))
			continue;
		snprintf(path, sizeof(path), "/dev/%s", entry->d_name);
		fd = open(path, O_WRONLY | O_CLOEXEC);
	}
	closedir(dir);
	return fd;
}

/* The host announces the ports one after the other, some time after the driver is loaded. */
static int open_port(const char *name)
{
	struct timespec pause = { .tv_nsec = 5000000 };

	for (int waited = 0; waited < PORT_WAIT_MS; waited += 5) {
		int fd = try_port(name);

		if (fd >= 0)
			return fd;
		nanosleep(&pause, NULL);
	}
	errno = ETIMEDOUT;
	return -1;
}

static void write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n = write(fd, data, size);

		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			data += n;
			size -= n;
		}
	}
}

/* Each write to a port exits the guest, so many lines are sent at once. */
static char batch[32768];
static size_t batched;

static void flush(int port)
{
	write_all(port, batch, batched);
	batched = 0;
}

static void send(int port, const char *data, size_t size)
{
	if (batched + size > sizeof(batch))
		flush(port);
	memcpy(batch + batched, data, size);
	batched += size;
}

/*
 * Sends one record of /dev/kmsg, "level,sequence,microseconds,flags;text\n key=value\n", in the console's format. Bytes that
 * the kernel escaped stay escaped.
 */
static void send_record(int port, char *record)
{
	unsigned long long microseconds = 0;
	char *text = strchr(record, ';');
	char line[9000];
	int size;

	if (!text)
		return;
	*text++ = '\0';
	text[strcspn(text, "\n")] = '\0';
	sscanf(record, "%*u,%*u,%llu", &microseconds);
	size = snprintf(line, sizeof(line), "[%5llu.%06llu] %s\n", microseconds / 1000000, microseconds % 1000000, text);
	if (size >= (int)sizeof(line))
		size = sizeof(line) - 1;
	send(port, line, size);
}

/* Sends all new records. If the kernel overwrote records before they were read, a line reports this loss. */
static void send_log(int kmsg, int port)
{
	static char record[8193];

	for (;;) {
		ssize_t n = read(kmsg, record, sizeof(record) - 1);

		if (n < 0 && errno == EPIPE) {
			static const char lost[] = "sdei-nmi-lab: kernel log records were lost\n";

			send(port, lost, sizeof(lost) - 1);
			continue;
		}
		if (n <= 0)
			break;
		record[n] = '\0';
		send_record(port, record);
	}
	flush(port);
}

static pid_t run_payload(int result)
{
	pid_t child = fork();

	if (child < 0)
		stop("can't fork");
	if (child)
		return child;
	setsid();
	/* The payload's standard output is the console. Descriptor 3 is the result channel. */
	dup2(result, 3);
	execl("/bin/sh", "sh", "/payload/main", (char *)NULL);
	_exit(127);
}

static void run_shell(void)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		stop("can't fork");
	if (!child) {
		setsid();
		open_console();
		ioctl(0, TIOCSCTTY, 1);
		setenv("ENV", "/payload/shellrc", 1);
		execl("/bin/busybox", "sh", "-i", (char *)NULL);
		_exit(127);
	}
	while (waitpid(-1, &status, 0) != child)
		;
}

static void run_to_the_end(int result, int log)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct pollfd watch = { .fd = kmsg, .events = POLLIN };
	pid_t child, ended;
	int status;

	if (kmsg < 0)
		stop("can't open /dev/kmsg");
	child = run_payload(result);
	for (;;) {
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0 && ended != child)
			;
		if (ended == child)
			break;
		/* The timeout is short because poll() does not report the end of the child. */
		poll(&watch, 1, 20);
		send_log(kmsg, log);
	}
	send_log(kmsg, log);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		char line[80];

		snprintf(line, sizeof(line), "not ok 0 /payload/main ended with wait status 0x%x\n", status);
		write_all(result, line, strlen(line));
		stop("/payload/main failed");
	}
	write_all(result, END_LINE, strlen(END_LINE));
}

static void run_with_channels(void)
{
	int log = open_port("sdei-nmi.kmsg");
	int result = open_port("sdei-nmi.result");

	if (result < 0 || log < 0)
		stop("can't open the channels to the host");
	run_to_the_end(result, log);
	sync();
}

int main(void)
{
	const char *mode = getenv("sdei_lab");

	if (getpid() != 1) {
		run_with_channels();
		return 0;
	}
	umask(022);
	make_file_systems();
	open_console();
	setenv("PATH", "/bin:/payload", 1);
	setenv("HOME", "/", 1);
	if (!fork()) {
		execl("/bin/busybox", "busybox", "--install", "-s", "/bin", (char *)NULL);
		_exit(127);
	}
	wait(NULL);

	if (mode && !strcmp(mode, "shell")) {
		run_shell();
	} else {
		/* A driver that is built into the kernel has no file. */
		if (load_module("/modules/virtio_mmio.ko") && errno != ENOENT)
			say("can't load virtio_mmio: %s", strerror(errno));
		if (load_module("/modules/virtio_console.ko") && errno != ENOENT)
			say("can't load virtio_console: %s", strerror(errno));
		run_with_channels();
	}
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
