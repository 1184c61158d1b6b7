// SPDX-License-Identifier: GPL-2.0
/*
 * Tests driver/request.h beyond driver/selftest/kunit.c: no request is lost or served twice when
 * two steps meet, or while threads play the requesters and the CPU.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "driver/request.h"

/* A step returns the requests that it took from the word. */
static unsigned int step_post(atomic_t *word)
{
	request_post(word, SDEI_NMI_REQUEST_PROBE);
	return 0;
}

static unsigned int step_take(atomic_t *word)
{
	return request_take(word);
}

static unsigned int step_drop(atomic_t *word)
{
	return request_drop(word, SDEI_NMI_REQUEST_BACKTRACE) ? SDEI_NMI_REQUEST_BACKTRACE : 0;
}

/* The rival runs before operation number rival.at of the step, or after its last operation. */
static struct {
	unsigned int (*step)(atomic_t *word);
	atomic_t *word;
	unsigned int at, got;
	bool had_its_turn;
} rival;

static void let_rival_go_first(void)
{
	if (rival.had_its_turn || rival.at--)
		return;
	rival.had_its_turn = true;
	rival.got = rival.step(rival.word);
}

static void each_request_is_had_once_wherever_two_meet(void **state)
{
	static unsigned int (*const steps[])(atomic_t *word) = { step_post, step_take, step_drop };
	unsigned int mine, other, at;

	(void)state;
	for (mine = 0; mine < 3; mine++)
		for (other = 0; other < 3; other++)
			for (at = 0; at < 4; at++) {
				bool posted = steps[mine] == step_post ||
					      steps[other] == step_post;
				atomic_t word = ATOMIC_INIT(SDEI_NMI_REQUEST_BACKTRACE);
				unsigned int got, left;

				rival.step = steps[other];
				rival.word = &word;
				rival.at = at;
				rival.had_its_turn = false;
				atomic_before = let_rival_go_first;
				got = steps[mine](&word);
				atomic_before = NULL;
				if (!rival.had_its_turn)
					rival.got = rival.step(&word);
				left = request_take(&word);

				assert_int_equal(got & rival.got, 0);
				assert_int_equal((got | rival.got) & left, 0);
				assert_int_equal(got | rival.got | left,
						 SDEI_NMI_REQUEST_BACKTRACE |
						 (posted ? SDEI_NMI_REQUEST_PROBE : 0));
			}
}

/*
 * The tests with threads. A signal is one flag, because event 0 is either pending or not: signals
 * coalesce. Poster N has the bit 1 << N. Threads only count failed checks; run_posters() asserts
 * after it has joined all threads.
 */
#define POSTERS		8
#define ROUNDS		5000
#define BOUND_S		20

struct poster {
	unsigned int number;
	unsigned int asked;	/* not atomic: the word must order it for the taker */
	atomic_uint served;	/* the last round that the taker served */
	unsigned int taken, dropped;
	pthread_t thread;
};

static struct target {
	atomic_t word;
	atomic_bool pending, stop;
	atomic_uint takes[POSTERS];
	struct poster poster[POSTERS];
	atomic_uint lost, unasked, late;
	time_t deadline;
} target;

static time_t now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static enum sdei_nmi_request bit_of(const struct poster *p)
{
	return (enum sdei_nmi_request)(1U << p->number);
}

/* Relaxed, because the firmware call orders no other memory either. */
static void signal_target(void)
{
	atomic_store_explicit(&target.pending, true, memory_order_relaxed);
}

static bool late(void)
{
	if (now() < target.deadline)
		return false;
	atomic_fetch_add(&target.late, 1);
	return true;
}

static void deliver(void)
{
	unsigned int bits = request_take(&target.word), i;

	for (i = 0; i < POSTERS; i++) {
		struct poster *p = &target.poster[i];

		if (!(bits & bit_of(p)))
			continue;
		if (p->asked == atomic_load(&p->served))
			atomic_fetch_add(&target.unasked, 1);
		atomic_fetch_add(&target.takes[i], 1);
		atomic_store(&p->served, p->asked);
	}
	if (bits >> POSTERS)
		atomic_fetch_add(&target.unasked, 1);
}

/* The CPU: it waits until a signal is pending, and reads the word only then. */
static void *take_all(void *arg)
{
	while (!atomic_load(&target.stop)) {
		if (atomic_exchange_explicit(&target.pending, false, memory_order_relaxed))
			deliver();
		else
			sched_yield();
	}
	return arg;
}

/* Posts a request, signals, and waits until the CPU has served the request. */
static void *post_and_wait(void *arg)
{
	struct poster *p = arg;
	unsigned int round;

	for (round = 1; round <= ROUNDS; round++) {
		p->asked = round;
		request_post(&target.word, bit_of(p));
		atomic_thread_fence(memory_order_seq_cst);	/* stands for the driver's dsb */
		signal_target();
		while (atomic_load(&p->served) != round) {
			if (late()) {
				atomic_fetch_add(&target.lost, 1);
				return NULL;
			}
			sched_yield();
		}
	}
	return NULL;
}

/* Posts a request, signals, and drops the request. Exactly one side, poster or CPU, must get it. */
static void *post_and_drop(void *arg)
{
	struct poster *p = arg;
	unsigned int round;

	for (round = 1; round <= ROUNDS; round++) {
		p->asked = round;
		request_post(&target.word, bit_of(p));
		atomic_thread_fence(memory_order_seq_cst);
		signal_target();
		if (round % 2)
			sched_yield();
		if (request_drop(&target.word, bit_of(p))) {
			p->dropped++;
			continue;
		}
		p->taken++;
		while (atomic_load(&p->served) != round) {
			if (late()) {
				atomic_fetch_add(&target.lost, 1);
				return NULL;
			}
			sched_yield();
		}
	}
	return NULL;
}

/* Signals all the time without a request. */
static void *stray(void *arg)
{
	while (!atomic_load(&target.stop)) {
		signal_target();
		sched_yield();
	}
	return arg;
}

static void start(pthread_t *thread, void *(*run)(void *), void *arg)
{
	assert_int_equal(pthread_create(thread, NULL, run, arg), 0);
}

static void run_posters(void *(*run)(void *), bool with_strays)
{
	pthread_t taker, strays;
	unsigned int i;

	memset(&target, 0, sizeof(target));
	target.deadline = now() + BOUND_S;
	for (i = 0; i < POSTERS; i++)
		target.poster[i].number = i;
	start(&taker, take_all, NULL);
	if (with_strays)
		start(&strays, stray, NULL);
	for (i = 0; i < POSTERS; i++)
		start(&target.poster[i].thread, run, &target.poster[i]);
	for (i = 0; i < POSTERS; i++)
		pthread_join(target.poster[i].thread, NULL);
	atomic_store(&target.stop, true);
	pthread_join(taker, NULL);
	if (with_strays)
		pthread_join(strays, NULL);

	assert_int_equal(target.lost, 0);
	assert_int_equal(target.late, 0);
	assert_int_equal(target.unasked, 0);
	assert_false(request_waiting(&target.word));
}

static void no_request_is_lost_among_coalesced_signals(void **state)
{
	unsigned int i;

	(void)state;
	run_posters(post_and_wait, false);
	for (i = 0; i < POSTERS; i++)
		assert_int_equal(target.takes[i], ROUNDS);
}

static void no_request_is_lost_or_made_up_by_stray_signals(void **state)
{
	unsigned int i;

	(void)state;
	run_posters(post_and_wait, true);
	for (i = 0; i < POSTERS; i++)
		assert_int_equal(target.takes[i], ROUNDS);
}

static void a_request_is_served_or_taken_back(void **state)
{
	unsigned int i;

	(void)state;
	run_posters(post_and_drop, true);
	for (i = 0; i < POSTERS; i++) {
		const struct poster *p = &target.poster[i];

		assert_int_equal(p->taken + p->dropped, ROUNDS);
		assert_int_equal(target.takes[i], p->taken);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_request_is_had_once_wherever_two_meet),
		cmocka_unit_test(no_request_is_lost_among_coalesced_signals),
		cmocka_unit_test(no_request_is_lost_or_made_up_by_stray_signals),
		cmocka_unit_test(a_request_is_served_or_taken_back),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
