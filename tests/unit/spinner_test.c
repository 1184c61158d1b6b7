// SPDX-License-Identifier: GPL-2.0
/*
 * Tests tool/validate/spinner.c and registers_arm64.c: programs report no change if their registers
 * keep their values, and report a register that changes in the middle of a turn. A signal handler,
 * which the programs inherit, stands for the event that changes a register. The programs exist on
 * arm64 only; on other machines the test checks only that they do not start.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/validate/registers.h"
#include "tool/validate/spinner.h"

/* This process runs on CPU 0. On a machine with one CPU, the program on CPU 1 can't start. */
static const struct cpus two = { { 3 } };

static void one_cpu_is_too_few(void **state)
{
	struct cpus cpus = { { 4 } };
	char *why;

	(void)state;
	assert_null(spinners_start(&cpus, &why));
	assert_non_null(why);
	free(why);
}

#ifdef __aarch64__

#define SUB_9_OR_20(word) (((word) & 0xfffffc00) == 0xd1000400 && (((word) & 0x1f) == 9 || ((word) & 0x1f) == 20))
#define CBNZ(word) (((word) & 0xff000000) == 0xb5000000)

enum what { X7, X30, NZCV, V3, TPIDR, DEATH, END, HANG, WAIT, KILL };

static struct {
	enum what what;
	volatile sig_atomic_t done;
} *shared;
static pid_t us;

/*
 * V3 is the low part of Z3, so both records of the signal frame hold V3. Linux restores V3 from the
 * first record, QEMU from the other one.
 */
static void change_v3(ucontext_t *uc)
{
	char *at = (char *)uc->uc_mcontext.__reserved;

	for (struct _aarch64_ctx *head = (void *)at; head->magic; head = (void *)at) {
		struct fpsimd_context *simd = (void *)at;
		struct sve_context *sve = (void *)at;

		if (head->magic == FPSIMD_MAGIC)
			simd->vregs[3] ^= 1;
		else if (head->magic == SVE_MAGIC && head->size > sizeof(*sve))
			at[SVE_SIG_ZREG_OFFSET(sve->vl / 16, 3)] ^= 1;
		at += head->size;
	}
}

static void change(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	uint32_t word = *(uint32_t *)uc->uc_mcontext.pc;

	(void)number;
	(void)info;
	/* Change a register only in the loop, where the turn holds all registers. */
	if (getpid() == us || shared->done || !(SUB_9_OR_20(word) || CBNZ(word)))
		return;
	shared->done = 1;
	switch (shared->what) {
	case X7:
		uc->uc_mcontext.regs[7] ^= 0x10;
		break;
	case X30:
		uc->uc_mcontext.regs[30] = 0;
		break;
	case NZCV:
		uc->uc_mcontext.pstate ^= 1UL << 31;
		break;
	case V3:
		change_v3(uc);
		break;
	case TPIDR:
		asm volatile("msr tpidr_el0, xzr");
		break;
	case DEATH:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		break;
	case END:
		_exit(0);
	case HANG:
		for (volatile int i = 0;; i++)
			;
	case WAIT:
		for (;;)
			pause();
	case KILL:
		raise(SIGKILL);
	}
}

static struct spun spin(enum what what)
{
	const struct timespec time = { .tv_nsec = 3 * 1000 * 1000 };
	struct spinners *spinners;
	struct spun spun = { 0 };
	char *why;

	shared->what = what;
	shared->done = 0;
	spinners = spinners_start(&two, &why);
	if (!spinners)
		print_message("# %s\n", why);
	assert_non_null(spinners);
	for (int i = 0; i < 1000 && !shared->done; i++) {
		kill(0, SIGUSR1);
		nanosleep(&time, NULL);
	}
	assert_true(shared->done);
	spinners_stop(spinners, &spun);
	return spun;
}

static void assert_found(enum what what, const char *words)
{
	struct spun spun = spin(what);

	assert_non_null(spun.wrong);
	print_message("# %s; %s\n", spun.wrong, spun.note);
	assert_non_null(strstr(spun.wrong, words));
	free(spun.wrong);
	free(spun.note);
}

static void assert_unclear(enum what what, const char *words)
{
	struct spun spun = spin(what);

	assert_null(spun.wrong);
	assert_non_null(spun.unclear);
	assert_string_equal(spun.unclear, words);
	free(spun.unclear);
	free(spun.note);
}

static void what_is_left_alone_is_as_it_was(void **state)
{
	const struct timespec time = { .tv_nsec = 500 * 1000 * 1000 };
	struct spun spun = { 0 };
	struct spinners *spinners;
	cpu_set_t before, after;
	char *why;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	spinners = spinners_start(&two, &why);
	assert_non_null(spinners);
	nanosleep(&time, NULL);
	spinners_stop(spinners, &spun);
	print_message("# %s\n", spun.note);
	assert_null(spun.wrong);
	free(spun.note);
	assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
	assert_true(CPU_EQUAL(&before, &after));
}

static void a_changed_register_is_found(void **state)
{
	(void)state;
	assert_found(X7, "x7 of a program on CPU 1 was 0x");
	assert_found(X30, "x30 of a program on CPU 1 was 0x0 after an event and 0x");
	assert_found(NZCV, "NZCV of a program on CPU 1 was 0x");
	assert_found(V3, registers_sve_bytes() ? "z3.d[0] of a program on CPU 1 was 0x" : "v3.d[0] of a program on CPU 1 was 0x");
	assert_found(TPIDR, "TPIDR_EL0 of a program on CPU 1 was 0x0 after an event and 0x");
}

static void who_dies_or_stops_is_found(void **state)
{
	(void)state;
	assert_found(DEATH, "a program on CPU 1 was ended by signal 11");
	assert_found(END, "the program on CPU 1 ended by itself");
	assert_found(HANG, "the program on CPU 1 no longer finished its rounds");
}

static void what_others_do_is_no_fault(void **state)
{
	(void)state;
	assert_unclear(WAIT, "the program on CPU 1 did not get enough CPU time");
	assert_unclear(KILL, "another process killed the program on CPU 1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_cpu_is_too_few),
		cmocka_unit_test(what_is_left_alone_is_as_it_was),
		cmocka_unit_test(a_changed_register_is_found),
		cmocka_unit_test(who_dies_or_stops_is_found),
		cmocka_unit_test(what_others_do_is_no_fault),
	};
	const struct sigaction action = { .sa_sigaction = change, .sa_flags = SA_SIGINFO | SA_RESTART };

	/*
	 * A separate process group, so that kill(0, ...) reaches only the programs and this
	 * process.
	 */
	setpgid(0, 0);
	us = getpid();
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	sigaction(SIGUSR1, &action, NULL);
	return cmocka_run_group_tests_name("spinner", tests, NULL, NULL);
}

#else

static void there_are_none_elsewhere(void **state)
{
	char *why;

	(void)state;
	assert_null(spinners_start(&two, &why));
	assert_non_null(strstr(why, "arm64"));
	free(why);
	assert_int_equal(registers_sve_bytes(), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_cpu_is_too_few),
		cmocka_unit_test(there_are_none_elsewhere),
	};

	return cmocka_run_group_tests_name("spinner", tests, NULL, NULL);
}

#endif
