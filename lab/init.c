// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's first process. It makes the usual file systems, opens the two channels to the host, runs /payload/main, and
 * meanwhile copies the kernel log to the host line by line.
 *
 * The order at the end is what makes a verdict mean something: /payload/main has ended, the whole kernel log has been
 * handed over, and only then does the line go out by which the host knows that the guest reached its end.
 *
 * The kernel's command line chooses by sdei_lab=shell a shell on the console instead of /payload/main.
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

/* Nothing is left to run: the host ends a guest that stays silent, and the console says why. */
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
		{ "proc", "/proc" },
		{ "sysfs", "/sys" },
		{ "tmpfs", "/tmp" },
		{ "debugfs", "/sys/kernel/debug" },
		{ "tracefs", "/sys/kernel/tracing" },
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		mkdir(mounts[i].where, 0755);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, 0, NULL) && errno != EBUSY)
			say("cannot mount %s: %s", mounts[i].where, strerror(errno));
	}
}

/* The kernel had no console device to give us when it started us. */
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

/* Ports are announced by the host one after the other, some time after the driver is there. */
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

/* Every write to a port is a way out of the guest and back, so that lines go out many at a time. */
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
 * One record of /dev/kmsg, "level,sequence,microseconds,flags;text\n key=value\n", goes out as the console would show it.
 * Bytes that the kernel escaped stay escaped.
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

/* Hands over what the log holds now. Records that were overwritten before we came are told, not hidden. */
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
		stop("cannot fork");
	if (child)
		return child;
	setsid();
	/* What the payload prints goes to the console; what it reports goes to descriptor 3. */
	dup2(result, 3);
	execl("/bin/busybox", "sh", "/payload/main", (char *)NULL);
	_exit(127);
}

static void run_shell(void)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		stop("cannot fork");
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
		stop("cannot open /dev/kmsg");
	child = run_payload(result);
	for (;;) {
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0 && ended != child)
			;
		if (ended == child)
			break;
		/* The bound is for the child's end, of which poll does not tell. */
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

int main(void)
{
	const char *mode = getenv("sdei_lab");
	int result, log;

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
		/* What is built in isn't there. */
		if (load_module("/modules/virtio_mmio.ko") && errno != ENOENT)
			say("cannot load virtio_mmio: %s", strerror(errno));
		if (load_module("/modules/virtio_console.ko") && errno != ENOENT)
			say("cannot load virtio_console: %s", strerror(errno));
		log = open_port("sdei-nmi.kmsg");
		result = open_port("sdei-nmi.result");
		if (result < 0 || log < 0)
			stop("no channel to the host");
		run_to_the_end(result, log);
	}
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
