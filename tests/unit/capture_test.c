// SPDX-License-Identifier: GPL-2.0
/*
 * driver/capture_state.h, beyond driver/selftest/kunit.c: that each step is one operation, whoever
 * comes between; and that of any who race for a record one gets it, and no answer is lost or told
 * twice.
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

#include <linux/kernel.h>

#include "driver/selftest/capture_steps.h"

#define STEPS ARRAY_SIZE(capture_steps)

/*
 * Others come before the second and each later operation of a step, and change the record as the
 * table lets them. A step that is granted has to be one change, from a state that grants it; one
 * that is refused has to have met a state that refuses it.
 *
 * An order of events is a row of choices. Counting through the rows gives every order.
 */
#define CHOICES	8	/* what a step meets after that stays as it is */

static struct {
	const struct capture_step *mine;
	atomic_t *record;
	unsigned int operations, made, choice[CHOICES], of[CHOICES];
	int left_as;	/* after the step's latest operation */
	unsigned int changes;
	int from, to;	/* of the latest change */
	bool met_refusal, met_grant;
} between;

static unsigned int choose(unsigned int of)
{
	if (between.made == CHOICES)
		return 0;
	between.of[between.made] = of;
	return between.choice[between.made++];
}

static bool next_order(void)
{
	while (between.made--) {
		if (++between.choice[between.made] < between.of[between.made])
			return true;
		between.choice[between.made] = 0;
	}
	return false;
}

static bool may_come_between(const struct capture_step *other, int state)
{
	if (!other->from[state].granted || other->from[state].to == state)
		return false;
	/* One requester at a time, and one owner; but event 0 and the IPI may meet, and tellers. */
	if (other->party == between.mine->party)
		return other->party != CAPTURE_REQUESTER && !between.mine->owner;
	return true;
}

static int state_of(const atomic_t *record)
{
	return atomic_load(&record->counter);
}

static void meet_state(int state)
{
	if (between.mine->from[state].granted)
		between.met_grant = true;
	else
		between.met_refusal = true;
}

static void note_change(void)
{
	int now = state_of(between.record);

	if (now == between.left_as)
		return;
	between.changes++;
	between.from = between.left_as;
	between.to = now;
	between.left_as = now;
}

static void let_others_come_between(void)
{
	note_change();
	while (between.operations && !between.changes) {
		const struct capture_step *coming[STEPS];
		unsigned int n = 0, chosen;
		size_t i;

		for (i = 0; i < STEPS; i++)
			if (may_come_between(&capture_steps[i], between.left_as))
				coming[n++] = &capture_steps[i];
		chosen = choose(n + 1);
		if (!chosen)
			break;
		between.left_as = coming[chosen - 1]->from[between.left_as].to;
		atomic_store(&between.record->counter, between.left_as);
		meet_state(between.left_as);
	}
	between.operations++;
}

static const char *broken_between(const struct capture_step *mine, int from)
{
	atomic_t record = ATOMIC_INIT(from);
	bool granted;

	between.mine = mine;
	between.record = &record;
	between.left_as = from;
	between.operations = 0;
	between.made = 0;
	between.changes = 0;
	between.met_refusal = false;
	between.met_grant = false;
	meet_state(from);
	atomic_before = let_others_come_between;
	granted = mine->take(&record);
	atomic_before = NULL;
	note_change();

	if (between.changes > 1)
		return "changed the state more than once";
	if (between.changes)
		return !granted ? "changed the state and says it did not" :
		       !mine->from[between.from].granted ? "changed a state that is not its" :
		       mine->from[between.from].to != between.to ? "made a wrong state" : NULL;
	if (!granted)
		return between.met_refusal ? NULL : "was refused by states that all grant it";
	if (mine->take == capture_step_taken || mine->take == capture_step_late)
		return between.met_grant ? NULL : "was granted by states that all refuse it";
	return "changed nothing and says it did";
}

static void each_step_is_one_operation_whoever_comes_between(void **state)
{
	const struct capture_step *step;
	unsigned int broken = 0;
	int from;

	(void)state;
	for (step = capture_steps; step < capture_steps + STEPS; step++)
		for (from = 0; from < CAPTURE_STATES; from++) {
			const char *rule = NULL;

			if (step->owner && !step->from[from].granted)
				continue;
			memset(&between, 0, sizeof(between));
			do {
				rule = broken_between(step, from);
			} while (!rule && next_order());
			if (rule)
				print_error("%s from %s %s; the last was %s\n",
					    step->name, capture_names[from], rule,
					    capture_names[between.left_as]);
			broken += !!rule;
		}
	assert_int_equal(broken, 0);
}

/*
 * Threads: the requester; two takers, which stand for event 0 and the IPI (on a real CPU one of
 * them interrupts the other); and two that tell. They go through the records of a batch side by
 * side: each waits for the others before each record, spinning, so that they are nanoseconds apart.
 * It does not wait for long: one that was preempted holds up nobody. And only at first it yields
 * then, which is for machines with fewer CPUs than racers; on a busy one each time costs much.
 */
#define ROUNDS	12800
#define BATCH	64
#define YIELD_MS 100	/* of which in so many the racers yield to each other a lot */
#define RACE_MS	200	/* enough, where ROUNDS are too many */
#define BOUND_MS 800	/* too long to wait until each outcome that is wanted came up */
#define HANG_MS	6000	/* too long for anything */
#define SPINS	400

/* Plain: only the state keeps the threads apart. */
struct content {
	unsigned int made, by, copy[16];
	bool unseen;
	unsigned int overwritten;
};

struct record {
	atomic_t state;
	struct content content;
	/* What became of the racers' steps; each is written by one of them. */
	bool began[2], told[2], forgot[2];
	bool asked, turned_away, cancelled, gave_up, left, read;
};

enum outcome {
	EVENT_0, IPI, READ, CANCELLED, GAVE_UP, LEFT, TURNED_AWAY, TOLD, SUPERSEDED, FORGOTTEN,
	OUTCOMES
};

enum racer { ASKS, TAKES_EVENT_0, TAKES_IPI, TELLS, TELLS_TOO, RACERS };

/*
 * A race: how each record is before it; what each racer does, whose calling thread is the
 * requester; what has to be so after it; and the outcomes (as bits) without which it was no race.
 */
struct plan {
	void (*before)(struct record *r);
	void (*racer[RACERS])(struct record *r, unsigned int turn);
	void (*after)(struct record *r);
	unsigned int wanted;
};

static struct race {
	const struct plan *plan;
	struct record batch[BATCH];
	unsigned int turn;	/* of the batch's first record */
	bool over;
	pthread_barrier_t begin, end;
	atomic_uint at[RACERS];
	atomic_uint broken;
	_Atomic(const char *) rule;	/* one that was broken */
	unsigned int tally[OUTCOMES];
	long long start;
} race;

static void must(bool kept, const char *rule)
{
	if (kept)
		return;
	atomic_fetch_add(&race.broken, 1);
	atomic_store(&race.rule, rule);
}

#define MUST(rule) must(rule, #rule)

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static bool passed(unsigned int ms)
{
	return now_ms() - race.start > ms;
}

/* A little earlier or later in each round, so that every order of the racers comes up. */
static void stagger(unsigned int pace)
{
	static _Thread_local volatile unsigned int nothing;

	for (pace %= 64; pace; pace--)
		nothing++;
}

static void fill(struct content *c, unsigned int by, unsigned int turn)
{
	size_t i;

	c->overwritten += c->unseen;
	c->unseen = true;
	c->made++;
	c->by = by;
	for (i = 0; i < ARRAY_SIZE(c->copy); i++) {
		c->copy[i] = c->made * 2 + by;
		if (i == 8)
			stagger(turn * 7);
		if (i == 8 && turn % 32 == 3)
			sched_yield();	/* to whom it would leave in the middle */
	}
}

/* Whole, and for the first time. */
static bool read_once(struct content *c)
{
	bool right = c->unseen;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(c->copy); i++)
		right &= c->copy[i] == c->made * 2 + c->by;
	c->unseen = false;
	return right;
}

static void take(struct record *r, unsigned int by, unsigned int turn)
{
	if (!capture_begin(&r->state))
		return;
	r->began[by] = true;
	fill(&r->content, by, turn);
	capture_end(&r->state);
}

static void take_event_0(struct record *r, unsigned int turn)
{
	take(r, 0, turn);
}

static void take_ipi(struct record *r, unsigned int turn)
{
	take(r, 1, turn);
}

static bool tell(atomic_t *state, struct content *c)
{
	static _Thread_local unsigned int turn;

	if (!capture_tell(state))
		return false;
	MUST(read_once(c));
	if (turn++ % 32 == 0)
		sched_yield();	/* to whom it would turn away */
	capture_done(state);
	return true;
}

static void tell_late(struct record *r, unsigned int turn)
{
	(void)turn;
	r->told[0] = tell(&r->state, &r->content);
}

static void tell_or_forget(struct record *r, unsigned int turn)
{
	tell_late(r, turn);
	if (!r->told[0] && turn % 4 == 0)
		r->forgot[0] = capture_forget(&r->state);
}

static void tell_too(struct record *r, unsigned int turn)
{
	(void)turn;
	r->told[1] = tell(&r->state, &r->content);
}

static void forget(struct record *r, unsigned int turn)
{
	(void)turn;
	r->forgot[1] = capture_forget(&r->state);
}

static void read_taken(struct record *r)
{
	MUST(capture_taken(&r->state));
	MUST(read_once(&r->content));
	r->read = true;
	capture_done(&r->state);
}

static void wait_and_read(struct record *r, unsigned int turn)
{
	(void)turn;
	while (!capture_taken(&r->state) && !passed(HANG_MS))
		sched_yield();
	read_taken(r);
}

static void cancel_or_read(struct record *r, unsigned int turn)
{
	r->cancelled = capture_cancel(&r->state);
	if (!r->cancelled)
		wait_and_read(r, turn);
}

static void give_up_or_read(struct record *r, unsigned int turn)
{
	if (turn % 32 == 3)
		sched_yield();	/* to whom it could leave in the middle */
	r->gave_up = capture_give_up(&r->state);
	if (r->gave_up)
		return;
	stagger(turn * 29);
	r->left = capture_leave(&r->state);
	if (!r->left)
		read_taken(r);
}

static void leave_or_read(struct record *r, unsigned int turn)
{
	while (state_of(&r->state) == SDEI_NMI_CAPTURE_ASKED && !passed(HANG_MS))
		sched_yield();
	stagger(turn * 29);
	r->left = capture_leave(&r->state);
	if (!r->left)
		read_taken(r);
}

static void ask_and_give_up_or_read(struct record *r, unsigned int turn)
{
	r->asked = capture_ask(&r->state);
	r->turned_away = !r->asked;
	if (r->turned_away)
		return;
	stagger(turn * 53);
	if (turn % 32 == 1)
		sched_yield();
	give_up_or_read(r, turn);
}

static void ask_first(struct record *r)
{
	MUST(capture_ask(&r->state));
}

static void be_overdue(struct record *r)
{
	ask_first(r);
	MUST(capture_give_up(&r->state));
}

static void be_late(struct record *r)
{
	be_overdue(r);
	take(r, 0, 0);
	MUST(r->began[0]);
}

/* Relaxed: it is no more than a hint, and must not order what only the state may order. */
static unsigned int reached(unsigned int racer)
{
	return atomic_load_explicit(&race.at[racer], memory_order_relaxed);
}

static void run_racer(enum racer who)
{
	static const unsigned int pace[RACERS] = { 23, 11, 37, 43, 31 };
	unsigned int i, other, spins;

	for (i = 0; i < BATCH; i++) {
		unsigned int turn = race.turn + i;

		atomic_store_explicit(&race.at[who], i + 1, memory_order_relaxed);
		for (other = 0, spins = 0; other < RACERS && spins < SPINS; spins++)
			if (!race.plan->racer[other] || reached(other) > i)
				other++;
			else if (spins % 100 == 99 && !passed(YIELD_MS))
				sched_yield();
		stagger(turn * pace[who]);
		race.plan->racer[who](&race.batch[i], turn);
	}
}

static void *run_batches(void *arg)
{
	const atomic_uint *at = arg;

	for (;;) {
		pthread_barrier_wait(&race.begin);
		if (race.over)
			return NULL;
		run_racer(at - race.at);
		pthread_barrier_wait(&race.end);
	}
}

/* Nobody has the record any more. Each answer was read, or told, or will be; or was overtaken. */
static void settle(struct record *r)
{
	unsigned int made = r->began[0] + r->began[1];
	unsigned int told = r->told[0] + r->told[1];
	int state = state_of(&r->state);
	unsigned int seen = r->read + told + (state == SDEI_NMI_CAPTURE_LATE);
	unsigned int superseded = made - seen;

	MUST(state == SDEI_NMI_CAPTURE_FREE || state == SDEI_NMI_CAPTURE_OVERDUE ||
	     state == SDEI_NMI_CAPTURE_LATE);
	MUST(r->content.made == made);
	MUST(seen <= made);
	MUST(superseded <= r->asked);
	MUST(r->content.overwritten <= superseded);
	if (race.plan->after)
		race.plan->after(r);
	if (state == SDEI_NMI_CAPTURE_LATE) {
		MUST(tell(&r->state, &r->content));
		MUST(!tell(&r->state, &r->content));
	}
	if (state == SDEI_NMI_CAPTURE_OVERDUE)
		MUST(capture_forget(&r->state));
	MUST(state_of(&r->state) == SDEI_NMI_CAPTURE_FREE);

	race.tally[EVENT_0] += r->began[0];
	race.tally[IPI] += r->began[1];
	race.tally[READ] += r->read;
	race.tally[CANCELLED] += r->cancelled;
	race.tally[GAVE_UP] += r->gave_up;
	race.tally[LEFT] += r->left;
	race.tally[TURNED_AWAY] += r->turned_away;
	race.tally[TOLD] += told;
	race.tally[SUPERSEDED] += superseded;
	race.tally[FORGOTTEN] += r->forgot[0] + r->forgot[1];
}

static unsigned int missing_outcomes(void)
{
	unsigned int missing = 0, i;

	for (i = 0; i < OUTCOMES; i++)
		if (race.plan->wanted & 1U << i && !race.tally[i])
			missing |= 1U << i;
	return missing;
}

static bool race_is_over(void)
{
	if (race.broken || passed(BOUND_MS))
		return true;
	return !missing_outcomes() && (race.turn >= ROUNDS || passed(RACE_MS));
}

static void print_tally(void)
{
	static const char *const outcomes[OUTCOMES] = {
		"event 0", "IPI", "read", "cancelled", "gave up", "left", "turned away", "told",
		"superseded", "forgotten",
	};
	unsigned int i;

	print_message("# %u rounds:", race.turn);
	for (i = 0; i < OUTCOMES; i++)
		if (race.tally[i])
			print_message(" %s %u", outcomes[i], race.tally[i]);
	print_message("\n");
}

/* On a machine so busy that the racers hardly met. Passed would say too much, failed as well. */
static void no_race(void)
{
	print_message("# too busy for a race: not every outcome that is wanted came up\n");
	skip();
}

static void run_race(const struct plan *plan)
{
	pthread_t thread[RACERS];
	unsigned int racers = 0, i;

	memset(&race, 0, sizeof(race));
	race.plan = plan;
	race.start = now_ms();
	for (i = 0; i < RACERS; i++)
		racers += !!plan->racer[i];
	pthread_barrier_init(&race.begin, NULL, racers);
	pthread_barrier_init(&race.end, NULL, racers);
	for (i = ASKS + 1; i < RACERS; i++)
		if (plan->racer[i])
			assert_int_equal(pthread_create(&thread[i], NULL, run_batches,
							&race.at[i]), 0);
	while (!race_is_over()) {
		memset(race.batch, 0, sizeof(race.batch));
		for (i = 0; i < RACERS; i++)
			atomic_store(&race.at[i], 0);
		for (i = 0; i < BATCH; i++)
			if (plan->before)
				plan->before(&race.batch[i]);
		pthread_barrier_wait(&race.begin);
		run_racer(ASKS);
		pthread_barrier_wait(&race.end);
		for (i = 0; i < BATCH; i++)
			settle(&race.batch[i]);
		race.turn += BATCH;
	}
	race.over = true;
	pthread_barrier_wait(&race.begin);
	for (i = ASKS + 1; i < RACERS; i++)
		if (plan->racer[i])
			pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&race.begin);
	pthread_barrier_destroy(&race.end);
	print_tally();
	if (race.broken)
		print_error("broken %u times: %s\n", race.broken, race.rule);
	assert_int_equal(race.broken, 0);
	if (race.turn >= ROUNDS)
		assert_int_equal(missing_outcomes(), 0);
	if (missing_outcomes())
		no_race();
}

static void once_and_read(struct record *r)
{
	MUST(r->began[0] + r->began[1] == 1);
	MUST(r->read);
}

static void one_of_two_takers_wins(void **state)
{
	static const struct plan plan = {
		.before = ask_first,
		.racer = { wait_and_read, take_event_0, take_ipi },
		.after = once_and_read,
		.wanted = 1 << EVENT_0 | 1 << IPI | 1 << READ,
	};

	(void)state;
	run_race(&plan);
}

static void once_or_cancelled(struct record *r)
{
	MUST(r->began[0] + r->began[1] + r->cancelled == 1);
	MUST(r->read != r->cancelled);
	MUST(state_of(&r->state) == SDEI_NMI_CAPTURE_FREE);
}

static void cancelling_or_one_of_two_takers_wins(void **state)
{
	static const struct plan plan = {
		.before = ask_first,
		.racer = { cancel_or_read, take_event_0, take_ipi },
		.after = once_or_cancelled,
		.wanted = 1 << EVENT_0 | 1 << IPI | 1 << READ | 1 << CANCELLED,
	};

	(void)state;
	run_race(&plan);
}

/* The target comes, early or late, and has its answer taken. */
static void once_in_time_or_late(struct record *r)
{
	MUST(r->began[0] + r->began[1] == 1);
	MUST(r->read + r->gave_up + r->left == 1);
	MUST(state_of(&r->state) == (r->read ? SDEI_NMI_CAPTURE_FREE : SDEI_NMI_CAPTURE_LATE));
}

static void giving_up_or_a_taker_wins(void **state)
{
	static const struct plan plan = {
		.before = ask_first,
		.racer = { give_up_or_read, take_event_0 },
		.after = once_in_time_or_late,
		.wanted = 1 << READ | 1 << GAVE_UP,
	};

	(void)state;
	run_race(&plan);
}

static void giving_up_or_one_of_two_takers_wins(void **state)
{
	static const struct plan plan = {
		.before = ask_first,
		.racer = { give_up_or_read, take_event_0, take_ipi },
		.after = once_in_time_or_late,
		.wanted = 1 << EVENT_0 | 1 << IPI | 1 << READ | 1 << GAVE_UP,
	};

	(void)state;
	run_race(&plan);
}

static void leaving_or_the_end_wins(void **state)
{
	static const struct plan plan = {
		.before = ask_first,
		.racer = { leave_or_read, take_event_0, take_ipi },
		.after = once_in_time_or_late,
		.wanted = 1 << READ | 1 << LEFT,
	};

	(void)state;
	run_race(&plan);
}

static void once_or_not_yet(struct record *r)
{
	unsigned int began = r->began[0] + r->began[1];

	MUST(r->asked);
	MUST(began <= 1);
	MUST(r->read + r->gave_up + r->left == 1);
	MUST(began || r->gave_up);
	MUST(state_of(&r->state) == (r->read ? SDEI_NMI_CAPTURE_FREE
				     : began ? SDEI_NMI_CAPTURE_LATE
					     : SDEI_NMI_CAPTURE_OVERDUE));
}

static void a_taker_that_comes_before_the_request_finds_nothing(void **state)
{
	static const struct plan plan = {
		.racer = { ask_and_give_up_or_read, take_event_0, take_ipi },
		.after = once_or_not_yet,
		.wanted = 1 << READ | 1 << GAVE_UP,
	};

	(void)state;
	run_race(&plan);
}

static void told_once_or_superseded(struct record *r)
{
	MUST(r->told[0] + r->told[1] <= 1);
	MUST(r->told[0] || r->told[1] || r->asked);
	MUST(!r->asked || r->gave_up);
	MUST(state_of(&r->state) == (r->asked ? SDEI_NMI_CAPTURE_OVERDUE : SDEI_NMI_CAPTURE_FREE));
}

static void a_late_answer_is_told_once_or_superseded(void **state)
{
	static const struct plan plan = {
		.before = be_late,
		.racer = {
			[ASKS] = ask_and_give_up_or_read,
			[TELLS] = tell_late,
			[TELLS_TOO] = tell_too,
		},
		.after = told_once_or_superseded,
		.wanted = 1 << TOLD | 1 << SUPERSEDED,
	};

	(void)state;
	run_race(&plan);
}

static void once_or_forgotten(struct record *r)
{
	MUST(r->began[0] + r->began[1] + r->forgot[1] == 1);
	MUST(state_of(&r->state) == (r->forgot[1] ? SDEI_NMI_CAPTURE_FREE : SDEI_NMI_CAPTURE_LATE));
}

static void forgetting_or_one_of_two_takers_wins(void **state)
{
	static const struct plan plan = {
		.before = be_overdue,
		.racer = { forget, take_event_0, take_ipi },
		.after = once_or_forgotten,
		.wanted = 1 << EVENT_0 | 1 << IPI | 1 << FORGOTTEN,
	};

	(void)state;
	run_race(&plan);
}

/* An answer is owed until it is taken or forgotten: who comes to take it is not turned away. */
static void nothing_is_lost(struct record *r)
{
	unsigned int made = r->began[0] + r->began[1];

	MUST(made || r->forgot[0]);
	MUST(made || r->asked);
	MUST(made < 2 || r->asked);
	MUST(r->forgot[0] <= 1U + r->asked);
	MUST(r->asked == r->read + r->gave_up + r->left);
}

static void all_meet_over_a_record_that_is_overdue(void **state)
{
	static const struct plan plan = {
		.before = be_overdue,
		.racer = {
			[ASKS] = ask_and_give_up_or_read,
			[TAKES_EVENT_0] = take_event_0,
			[TAKES_IPI] = take_ipi,
			[TELLS] = tell_or_forget,
			[TELLS_TOO] = tell_too,
		},
		.after = nothing_is_lost,
		.wanted = 1 << GAVE_UP | 1 << TOLD | 1 << SUPERSEDED | 1 << FORGOTTEN,
	};

	(void)state;
	run_race(&plan);
}

/*
 * One record, and everybody at it all the time. Its plain counters are right at the end only if
 * nobody ever shared it.
 */
static struct crowd {
	atomic_t state;
	struct content content;
	atomic_bool stop;
	unsigned int asked, cancelled, read, left;	/* the requester's */
	atomic_uint told;
	struct member {
		unsigned int by, began, forgot;
		pthread_t thread;
	} taker[2], teller[2];
} crowd;

/* Threads that yield to each other in turn would else go round in one order for ever. */
static unsigned int chance(unsigned int of)
{
	static _Thread_local unsigned int seed;

	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % of;
}

static void pause_by_chance(void)
{
	stagger(chance(64));
	if (!chance(4))
		sched_yield();
}

static void *take_all(void *arg)
{
	struct member *own = arg;

	while (!atomic_load(&crowd.stop)) {
		if (capture_begin(&crowd.state)) {
			own->began++;
			fill(&crowd.content, own->by, chance(64));
			capture_end(&crowd.state);
		}
		pause_by_chance();
	}
	return NULL;
}

static void *tell_all(void *arg)
{
	struct member *own = arg;

	while (!atomic_load(&crowd.stop)) {
		if (tell(&crowd.state, &crowd.content))
			atomic_fetch_add_explicit(&crowd.told, 1, memory_order_relaxed);
		else if (!chance(16))
			own->forgot += capture_forget(&crowd.state);
		pause_by_chance();
	}
	return NULL;
}

static void request_once(void)
{
	unsigned int polls = chance(8);

	pause_by_chance();
	if (!capture_ask(&crowd.state))
		return;
	crowd.asked++;
	while (!capture_taken(&crowd.state) && polls--)
		pause_by_chance();
	if (!chance(8) && capture_cancel(&crowd.state)) {
		crowd.cancelled++;
	} else if (!capture_give_up(&crowd.state)) {
		if (capture_leave(&crowd.state)) {
			crowd.left++;
			return;
		}
		MUST(capture_taken(&crowd.state));
		MUST(read_once(&crowd.content));
		crowd.read++;
		capture_done(&crowd.state);
	}
}

static bool enough(void)
{
	return passed(BOUND_MS) || (passed(RACE_MS) && crowd.read && crowd.told);
}

static void nobody_ever_shares_the_record(void **state)
{
	struct content *c = &crowd.content;
	unsigned int i, began, told, forgot, turn;

	(void)state;
	memset(&crowd, 0, sizeof(crowd));
	memset(&race, 0, sizeof(race));
	race.start = now_ms();
	for (i = 0; i < 2; i++) {
		crowd.taker[i].by = i;
		assert_int_equal(pthread_create(&crowd.taker[i].thread, NULL, take_all,
						&crowd.taker[i]), 0);
		assert_int_equal(pthread_create(&crowd.teller[i].thread, NULL, tell_all,
						&crowd.teller[i]), 0);
	}
	for (turn = 0; turn % BATCH || !enough(); turn++)
		request_once();
	atomic_store(&crowd.stop, true);
	for (i = 0; i < 2; i++) {
		pthread_join(crowd.taker[i].thread, NULL);
		pthread_join(crowd.teller[i].thread, NULL);
	}
	began = crowd.taker[0].began + crowd.taker[1].began;
	forgot = crowd.teller[0].forgot + crowd.teller[1].forgot;
	/* What nobody told any more; a new request may have come over what is unseen now. */
	told = crowd.told + tell(&crowd.state, c);
	forgot += capture_forget(&crowd.state);
	print_message("# asked %u, cancelled %u, read %u, left %u, ", crowd.asked, crowd.cancelled,
		      crowd.read, crowd.left);
	print_message("told %u, forgotten %u, overwritten %u\n", told, forgot, c->overwritten);
	if (race.broken)
		print_error("broken %u times: %s\n", race.broken, race.rule);
	assert_int_equal(race.broken, 0);
	assert_int_equal(state_of(&crowd.state), SDEI_NMI_CAPTURE_FREE);
	assert_int_equal(c->made, began);
	assert_int_equal(crowd.read + told + c->overwritten + c->unseen, began);
	/* The others were asked anew before anybody came. */
	assert_in_range(crowd.cancelled + crowd.read + told + forgot + c->overwritten + c->unseen,
			0, crowd.asked);
	if (!crowd.read || !crowd.told)
		no_race();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_step_is_one_operation_whoever_comes_between),
		cmocka_unit_test(one_of_two_takers_wins),
		cmocka_unit_test(cancelling_or_one_of_two_takers_wins),
		cmocka_unit_test(giving_up_or_a_taker_wins),
		cmocka_unit_test(giving_up_or_one_of_two_takers_wins),
		cmocka_unit_test(leaving_or_the_end_wins),
		cmocka_unit_test(a_taker_that_comes_before_the_request_finds_nothing),
		cmocka_unit_test(a_late_answer_is_told_once_or_superseded),
		cmocka_unit_test(forgetting_or_one_of_two_takers_wins),
		cmocka_unit_test(all_meet_over_a_record_that_is_overdue),
		cmocka_unit_test(nobody_ever_shares_the_record),
	};

	return cmocka_run_group_tests_name("capture", tests, NULL, NULL);
}
