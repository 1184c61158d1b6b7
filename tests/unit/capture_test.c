// SPDX-License-Identifier: GPL-2.0
/*
 * Tests driver/capture_state.h beyond driver/selftest/kunit.c: each step is one atomic change, even
 * if other parties change the record during the step; exactly one party wins a race for a record;
 * and no answer is lost or reported twice.
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
 * Other parties run before the second and each later operation of a step, and change the record as
 * the table allows. A granted step must be one change, from a state that grants the step. A refused
 * step must have met a state that refuses the step.
 *
 * A sequence of choices is one order of events. The test counts through all sequences.
 */
#define CHOICES	8	/* after this many choices no other party runs */

static struct {
	const struct capture_step *mine;
	atomic_t *record;
	unsigned int operations, made, choice[CHOICES], of[CHOICES];
	int left_as;	/* state after the latest operation or choice */
	unsigned int changes;
	int from, to;	/* the step's latest change */
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
	/* There is one requester and one owner at a time. Takers may meet, and so may tellers. */
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
 * The racing threads are the requester, two takers and two tellers. The takers stand for event 0
 * and the IPI; on a real CPU one of them interrupts the other. The threads go through the records
 * of a batch together. Before each record a thread spins until the others have reached the record,
 * so the threads are nanoseconds apart. The spin is bounded, so that a preempted thread delays no
 * other. During the first YIELD_MS the spin also yields, for hosts with fewer CPUs than threads;
 * after that it does not, because each yield is expensive on a busy host.
 */
#define ROUNDS	12800
#define BATCH	64
#define YIELD_MS 100	/* the racers yield while they wait only before this time */
#define RACE_MS	200	/* a race may end after this time, before ROUNDS */
#define BOUND_MS 800	/* a race ends after this time, even if outcomes are missing */
#define HANG_MS	6000	/* a wait for another thread ends after this time */
#define SPINS	400

/* Not atomic: only the state protects the content from data races. */
struct content {
	unsigned int made, by, copy[16];
	bool unseen;
	unsigned int overwritten;
};

struct record {
	atomic_t state;
	struct content content;
	/* The results of the racers' steps. Only one racer writes each field. */
	bool began[2], told[2], forgot[2];
	bool asked, turned_away, cancelled, gave_up, left, read;
};

enum outcome {
	EVENT_0, IPI, READ, CANCELLED, GAVE_UP, LEFT, TURNED_AWAY, TOLD, SUPERSEDED, FORGOTTEN,
	OUTCOMES
};

enum racer { ASKS, TAKES_EVENT_0, TAKES_IPI, TELLS, TELLS_TOO, RACERS };

/*
 * A race: before() sets up each record, racer[] holds the function of each thread, after() checks
 * the record, and wanted has the bit of each outcome that must come up at least once. The calling
 * thread is the requester, racer[ASKS].
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
	unsigned int turn;	/* number of the batch's first record */
	bool over;
	pthread_barrier_t begin, end;
	atomic_uint at[RACERS];
	atomic_uint broken;
	_Atomic(const char *) rule;	/* the rule that was broken last */
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

/* Delays each round by a different short time, so that every order of the racers comes up. */
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
			sched_yield();	/* lets the requester leave in the middle */
	}
}

/* Returns whether the content is complete and has not been read before. */
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
		sched_yield();	/* lets the requester ask, so that its request is turned away */
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
		sched_yield();	/* lets a taker begin before */
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

/* Relaxed, because this is only a hint: nothing except the state may order the racers' accesses. */
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

/* No racer owns the record now. Each answer was read or told, is still late, or was superseded. */
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

/* On a busy host the racers hardly meet. That proves nothing, so the test is skipped. */
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

/* A taker answers once, and the answer is either read in time or late. */
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

/* A request stays open until a taker answers it or it is forgotten. No taker is refused before. */
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
 * All threads use one record all the time. Its counters are not atomic, so they are right at the
 * end only if no two threads ever owned the record together.
 */
static struct crowd {
	atomic_t state;
	struct content content;
	atomic_bool stop;
	unsigned int asked, cancelled, read, left;	/* counted by the requester */
	atomic_uint told;
	struct member {
		unsigned int by, began, forgot;
		pthread_t thread;
	} taker[2], teller[2];
} crowd;

/* Without random pauses, threads that yield to each other would always run in the same order. */
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
	/* Tell or forget the last answer. A new request may have superseded unseen content. */
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
	/* The remaining requests were superseded before a taker came. */
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
