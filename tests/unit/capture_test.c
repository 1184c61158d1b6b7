// SPDX-License-Identifier: GPL-2.0
/*
 * driver/capture.h: every step from every state, the refused ones too, and that of two who race for
 * a record one gets it.
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

#include "driver/capture.h"

#define FREE	CAPTURE_FREE
#define ASKED	CAPTURE_ASKED
#define TAKING	CAPTURE_TAKING
#define TAKEN	CAPTURE_TAKEN

static void every_step_from_every_state(void **state)
{
	static const struct {
		const char *name;
		bool (*step)(atomic_t *state);
		struct {
			bool done;
			int state;
		} from[4];
	} rows[] = {
		{ "ask", capture_ask, {
			[FREE] = { true, ASKED },
			[ASKED] = { true, ASKED },
			[TAKING] = { false, TAKING },
			[TAKEN] = { true, ASKED },
		} },
		{ "begin", capture_begin, {
			[FREE] = { false, FREE },
			[ASKED] = { true, TAKING },
			[TAKING] = { false, TAKING },
			[TAKEN] = { false, TAKEN },
		} },
		{ "give_up", capture_give_up, {
			[FREE] = { false, FREE },
			[ASKED] = { true, FREE },
			[TAKING] = { false, TAKING },
			[TAKEN] = { false, TAKEN },
		} },
	};
	size_t i;
	int from;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (from = FREE; from <= TAKEN; from++) {
			atomic_t record = ATOMIC_INIT(from);
			bool done = rows[i].step(&record);

			if (done != rows[i].from[from].done ||
			    atomic_read(&record) != rows[i].from[from].state)
				print_error("%s from state %d\n", rows[i].name, from);
			assert_int_equal(done, rows[i].from[from].done);
			assert_int_equal(atomic_read(&record), rows[i].from[from].state);
		}
}

static void a_record_can_be_read_when_taken_only(void **state)
{
	int from;

	(void)state;
	for (from = FREE; from <= TAKEN; from++) {
		atomic_t record = ATOMIC_INIT(from);

		assert_int_equal(capture_taken(&record), from == TAKEN);
		assert_int_equal(atomic_read(&record), from);
	}
}

static void a_new_record_is_free(void **state)
{
	atomic_t record;

	(void)state;
	memset(&record, 0, sizeof(record));
	assert_int_equal(atomic_read(&record), CAPTURE_FREE);
}

static void answered(void **state)
{
	atomic_t record = ATOMIC_INIT(CAPTURE_FREE);

	(void)state;
	assert_true(capture_ask(&record));
	assert_true(capture_begin(&record));
	assert_false(capture_taken(&record));
	capture_end(&record);
	assert_true(capture_taken(&record));
	assert_false(capture_begin(&record));
	capture_done(&record);
	assert_int_equal(atomic_read(&record), CAPTURE_FREE);
}

static void answered_after_giving_up(void **state)
{
	atomic_t record = ATOMIC_INIT(CAPTURE_FREE);

	(void)state;
	assert_true(capture_ask(&record));
	assert_true(capture_give_up(&record));
	assert_false(capture_begin(&record));
	assert_true(capture_ask(&record));
	assert_true(capture_begin(&record));
}

/* The requester went away in the middle of a capture; the next one has to wait for its end. */
static void busy_with_an_earlier_request(void **state)
{
	atomic_t record = ATOMIC_INIT(CAPTURE_FREE);

	(void)state;
	assert_true(capture_ask(&record));
	assert_true(capture_begin(&record));
	assert_false(capture_give_up(&record));
	assert_false(capture_ask(&record));
	capture_end(&record);
	assert_true(capture_ask(&record));
	assert_false(capture_taken(&record));
}

/* The rival of a step goes before the step's operation number rival.at, or after all of them. */
static struct {
	bool (*step)(atomic_t *state);
	atomic_t *record;
	unsigned int at;
	bool had_its_turn, won;
} rival;

static void let_rival_go_first(void)
{
	if (rival.had_its_turn || rival.at--)
		return;
	rival.had_its_turn = true;
	rival.won = rival.step(rival.record);
}

static void one_of_two_wins_wherever_they_meet(void **state)
{
	static bool (*const steps[])(atomic_t *state) = { capture_begin, capture_give_up };
	unsigned int mine, other, at;

	(void)state;
	for (mine = 0; mine < 2; mine++)
		for (other = 0; other < 2; other++)
			for (at = 0; at < 4; at++) {
				atomic_t record = ATOMIC_INIT(CAPTURE_ASKED);
				bool won;

				rival.step = steps[other];
				rival.record = &record;
				rival.at = at;
				rival.had_its_turn = false;
				atomic_before = let_rival_go_first;
				won = steps[mine](&record);
				atomic_before = NULL;
				if (!rival.had_its_turn)
					rival.won = rival.step(&record);

				assert_int_equal(won + rival.won, 1);
				if (steps[won ? mine : other] == capture_begin)
					assert_int_equal(atomic_read(&record), CAPTURE_TAKING);
				else
					assert_int_equal(atomic_read(&record), CAPTURE_FREE);
			}
}

/*
 * Threads: a requester and two takers, which stand for event 0 and the IPI; on a real CPU one of
 * them interrupts the other. Racers meet before each round, spinning, so that they start within
 * nanoseconds: a check and a store that are not one operation are apart for no longer.
 */
#define ROUNDS	20000
#define BOUND_S	20

/* Plain: only the state keeps the threads apart. */
struct content {
	unsigned int round, by, copy[16];
};

static struct race {
	atomic_t state;
	struct content content;
	pthread_barrier_t begin, end;
	atomic_uint met;
	unsigned int racers;
	bool won[2], gave_up;
	unsigned int wrong;	/* the requester's tally of broken rules */
	time_t deadline;
} race;

static void fill(struct content *c, unsigned int round, unsigned int by)
{
	size_t i;

	c->round = round;
	c->by = by;
	for (i = 0; i < sizeof(c->copy) / sizeof(c->copy[0]); i++)
		c->copy[i] = round * 2 + by;
}

static bool whole(const struct content *c, unsigned int round)
{
	size_t i;

	for (i = 0; i < sizeof(c->copy) / sizeof(c->copy[0]); i++)
		if (c->copy[i] != round * 2 + c->by)
			return false;
	return c->round == round;
}

/* A little earlier or later in each round, so that every order of the racers comes up. */
static void stagger(unsigned int steps)
{
	static _Thread_local volatile unsigned int nothing;

	while (steps--)
		nothing++;
}

static void meet(unsigned int round)
{
	unsigned int spins;

	atomic_fetch_add(&race.met, 1);
	for (spins = 0; atomic_load(&race.met) < race.racers * (round + 1); spins++)
		if (spins > 1000)
			sched_yield();
}

static void take(unsigned int round, unsigned int by)
{
	meet(round);
	stagger(round * (by ? 37 : 11) % 64);
	race.won[by] = capture_begin(&race.state);
	if (!race.won[by])
		return;
	fill(&race.content, round, by);
	capture_end(&race.state);
}

struct taker {
	unsigned int by;
	pthread_t thread;
};

static void *take_rounds(void *arg)
{
	const struct taker *taker = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&race.begin);
		take(round, taker->by);
		pthread_barrier_wait(&race.end);
	}
	return NULL;
}

static time_t now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void read_taken(unsigned int round)
{
	while (!capture_taken(&race.state)) {
		if (now() > race.deadline) {
			race.wrong++;
			return;
		}
		sched_yield();
	}
	race.wrong += !whole(&race.content, round);
	capture_done(&race.state);
}

static void wait_and_read(unsigned int round)
{
	read_taken(round);
}

static void give_up_or_read(unsigned int round)
{
	meet(round);
	stagger(round * 23 % 64);
	race.gave_up = capture_give_up(&race.state);
	if (!race.gave_up)
		read_taken(round);
}

/* Here the requester asks while the takers are at it already. */
static void ask_and_read(unsigned int round)
{
	meet(round);
	stagger(round * 23 % 64);
	race.wrong += !capture_ask(&race.state);
	sched_yield();
	race.gave_up = capture_give_up(&race.state);
	if (!race.gave_up)
		read_taken(round);
}

static struct tally {
	unsigned int first, second, both, neither;
	unsigned int gave_up;
} run_race(unsigned int takers, bool asked, void (*requester)(unsigned int round))
{
	struct taker taker[2] = { { .by = 0 }, { .by = 1 } };
	struct tally tally = { 0 };
	unsigned int round, i;

	memset(&race, 0, sizeof(race));
	race.racers = takers + (requester != wait_and_read);
	race.deadline = now() + BOUND_S;
	pthread_barrier_init(&race.begin, NULL, takers + 1);
	pthread_barrier_init(&race.end, NULL, takers + 1);
	for (i = 0; i < takers; i++)
		assert_int_equal(pthread_create(&taker[i].thread, NULL, take_rounds, &taker[i]), 0);
	for (round = 0; round < ROUNDS; round++) {
		race.won[0] = race.won[1] = race.gave_up = false;
		race.wrong += asked && !capture_ask(&race.state);
		pthread_barrier_wait(&race.begin);
		requester(round);
		pthread_barrier_wait(&race.end);

		tally.first += race.won[0] && !race.won[1];
		tally.second += race.won[1] && !race.won[0];
		tally.both += race.won[0] && race.won[1];
		tally.neither += !race.won[0] && !race.won[1];
		tally.gave_up += race.gave_up;
		/* Given up and taken, or neither of them. */
		race.wrong += (race.won[0] || race.won[1]) == race.gave_up;
		race.wrong += atomic_read(&race.state) != CAPTURE_FREE;
	}
	for (i = 0; i < takers; i++)
		pthread_join(taker[i].thread, NULL);
	pthread_barrier_destroy(&race.begin);
	pthread_barrier_destroy(&race.end);
	print_message("# first %u, second %u, both %u, neither %u, gave up %u\n", tally.first,
		      tally.second, tally.both, tally.neither, tally.gave_up);
	return tally;
}

static void one_of_two_takers_wins(void **state)
{
	struct tally tally;

	(void)state;
	tally = run_race(2, true, wait_and_read);
	assert_int_equal(race.wrong, 0);
	assert_int_equal(tally.both, 0);
	assert_int_equal(tally.neither, 0);
	assert_int_equal(tally.first + tally.second, ROUNDS);
	/* Or it was no race. */
	assert_int_not_equal(tally.first, 0);
	assert_int_not_equal(tally.second, 0);
}

static void giving_up_or_a_taker_wins(void **state)
{
	struct tally tally;

	(void)state;
	tally = run_race(1, true, give_up_or_read);
	assert_int_equal(race.wrong, 0);
	assert_int_equal(tally.first + tally.gave_up, ROUNDS);
	assert_int_equal(tally.neither, tally.gave_up);
	assert_int_not_equal(tally.first, 0);
	assert_int_not_equal(tally.gave_up, 0);
}

static void giving_up_or_one_of_two_takers_wins(void **state)
{
	struct tally tally;

	(void)state;
	tally = run_race(2, true, give_up_or_read);
	assert_int_equal(race.wrong, 0);
	assert_int_equal(tally.both, 0);
	assert_int_equal(tally.first + tally.second + tally.gave_up, ROUNDS);
	assert_int_not_equal(tally.first + tally.second, 0);
	assert_int_not_equal(tally.gave_up, 0);
}

static void a_taker_that_comes_before_the_request_finds_nothing(void **state)
{
	struct tally tally;

	(void)state;
	tally = run_race(2, false, ask_and_read);
	assert_int_equal(race.wrong, 0);
	assert_int_equal(tally.both, 0);
	assert_int_equal(tally.first + tally.second + tally.gave_up, ROUNDS);
	assert_int_not_equal(tally.first + tally.second, 0);
	assert_int_not_equal(tally.gave_up, 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_step_from_every_state),
		cmocka_unit_test(a_record_can_be_read_when_taken_only),
		cmocka_unit_test(a_new_record_is_free),
		cmocka_unit_test(answered),
		cmocka_unit_test(answered_after_giving_up),
		cmocka_unit_test(busy_with_an_earlier_request),
		cmocka_unit_test(one_of_two_wins_wherever_they_meet),
		cmocka_unit_test(one_of_two_takers_wins),
		cmocka_unit_test(giving_up_or_a_taker_wins),
		cmocka_unit_test(giving_up_or_one_of_two_takers_wins),
		cmocka_unit_test(a_taker_that_comes_before_the_request_finds_nothing),
	};

	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
