/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scheduler on simulated time: whatever admission lets in is kept,
 * whatever the neighbours do.
 */
/* link: vmm/sched.c vmm/ownthread.c vmm/context.c vmm/refill.c vmm/loan.c vmm/timer.c vmm/clock.c vmm/admission.c */
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "vmm/admission.h"
#include "vmm/domain.h"
#include "vmm/executor.h"

#define DOMAINS 5
#define ROUNDS 300
#define PIECES 64u
#define MS UINT64_C(1000000) /* ticks: 1 GHz */

static struct executor ex;
static struct domain *domain[DOMAINS];
static struct period_log *log_of[DOMAINS];

void domain_raise(struct domain *d, unsigned irq)
{
	(void)irq;
	d->state = VCPU_RUNNING; /* the release wakes it */
}

bool domain_has_event(const struct domain *d)
{
	(void)d;
	return false;
}

bool domain_has_own_work(const struct domain *d)
{
	return d->own_work;
}

static void begin(void)
{
	memset(&ex, 0, sizeof(ex));
	clock_setup(1000000);
	context_init(&ex.host, &ex, NULL);
	context_reserve(&ex.host, MS / 2, 10 * MS, 10 * MS, 0);
	ex.nr_domains = DOMAINS;
	for (unsigned i = 0; i < DOMAINS; i++) {
		struct domain *d = calloc(1, sizeof(*d));

		d->ex = &ex;
		d->state = VCPU_RUNNING;
		d->period_irq = -1;
		TAILQ_INIT(&d->outgoing);
		TAILQ_INIT(&d->incoming);
		context_init(&d->ctx, &ex, d);
		log_of[i] = calloc(1, sizeof(*log_of[i]));
		d->ctx.log = log_of[i];
		ex.domain[i] = domain[i] = d;
	}
}

static void finish(void)
{
	for (unsigned i = 0; i < DOMAINS; i++) {
		free(domain[i]);
		free(log_of[i]);
	}
}

/* Domains below @restless come and go as they like. */
static void run_until(uint64_t end, unsigned restless)
{
	uint64_t now = ex.charged_until;

	while (now < end) {
		uint64_t until;

		timer_expire(&ex.timers, now, 100);
		executor_charge(&ex, now);
		ex.running = NULL;
		executor_choose(&ex, now);
		if (ex.current && ex.current->domain)
			ex.running = ex.current->domain;
		until = timer_next(&ex.timers);
		if (ex.slice_end < until)
			until = ex.slice_end;
		if (end < until)
			until = end;
		if (restless) {
			if (until - now > MS / 4)
				until = now + (uint64_t)rand() % (MS / 4) + 1;
			domain[(unsigned)rand() % restless]->state =
				rand() % 2 ? VCPU_RUNNING : VCPU_AT_ACTION;
		}
		executor_charge(&ex, until);
		now = until;
	}
}

static void reserve(unsigned i, uint64_t slice, uint64_t period, uint64_t dl)
{
	context_reserve(&domain[i]->ctx, slice, period, dl, 0);
}

TEST(the_example_of_the_lecture_starts_in_time_beside_a_hog)
{
	uint64_t last = 0;

	begin();
	reserve(0, 10 * MS, 50 * MS, 14 * MS);
	reserve(1, 65 * MS / 2, 50 * MS, 50 * MS);
	domain[0]->period_irq = 0;
	for (unsigned k = 0; k < 200; k++) {
		run_until((k + 1) * 50 * MS, 0);
		const struct period_sample *s = &log_of[0]->sample[k];

		CHECK_EQ(s->received_by_deadline_ns, 10 * MS);
		if (last)
			CHECK(s->first_entry_ns - last < 55 * MS &&
				s->first_entry_ns - last > 45 * MS);
		last = s->first_entry_ns;
	}
	finish();
}

TEST(slack_goes_by_weight)
{
	begin();
	domain[0]->ctx.slack = 3;
	domain[1]->ctx.slack = 1;
	for (unsigned i = 2; i < DOMAINS; i++)
		domain[i]->ctx.slack = 0;
	run_until(1000 * MS, 0);
	CHECK(domain[0]->ctx.own > 700 * MS && domain[0]->ctx.own < 725 * MS);
	CHECK(domain[1]->ctx.own > 230 * MS && domain[1]->ctx.own < 245 * MS);
	CHECK_EQ(domain[2]->ctx.own, 0);
	finish();
}

TEST(without_slack_a_reservation_is_a_limit)
{
	begin();
	for (unsigned i = 0; i < DOMAINS; i++)
		domain[i]->ctx.slack = 0;
	reserve(0, 2 * MS, 10 * MS, 10 * MS);
	run_until(1000 * MS, 0);
	CHECK_EQ(domain[0]->ctx.own, 200 * MS);
	finish();
}

TEST(time_is_charged_exactly_once)
{
	uint64_t sum;

	begin();
	srand(2);
	reserve(0, 2 * MS, 10 * MS, 5 * MS);
	reserve(1, 3 * MS, 20 * MS, 20 * MS);
	run_until(1000 * MS, DOMAINS);
	sum = ex.idle + ex.host_time;
	for (unsigned i = 0; i < DOMAINS; i++)
		sum += domain[i]->ctx.own + domain[i]->ctx.lent +
		       domain[i]->ctx.for_others;
	CHECK_EQ(sum, ex.charged_until);
	finish();
}

/* What the host did not use of its time is not held against it. */
TEST(the_host_gets_its_share_after_a_long_idle_time)
{
	begin();
	for (unsigned i = 0; i < DOMAINS; i++)
		domain[i]->state = VCPU_AT_ACTION;
	run_until(200 * MS, 0);
	CHECK_EQ(ex.host_time, 0);
	domain[0]->state = VCPU_RUNNING;
	ex.decide = true;
	run_until(400 * MS, 0);
	CHECK(ex.host_time >= 19 * MS / 2);
	finish();
}

/* It asks for @ticks of CPU time; how long it takes to get them. */
static uint64_t response(struct domain *d, uint64_t ticks)
{
	uint64_t asked = ex.charged_until;
	uint64_t had = d->ctx.own;

	d->state = VCPU_RUNNING;
	while (d->ctx.own < had + ticks)
		run_until(ex.charged_until + had + ticks - d->ctx.own, 0);
	d->state = VCPU_AT_ACTION;
	run_until(ex.charged_until + 1, 0);
	return ex.charged_until - 1 - asked;
}

/* Twice in each period, wherever that is in it, beside one who takes all. */
TEST(a_sleeper_keeps_what_it_has_not_used)
{
	begin();
	srand(5);
	for (unsigned i = 2; i < DOMAINS; i++)
		domain[i]->state = VCPU_AT_ACTION;
	reserve(0, 3 * MS, 10 * MS, 4 * MS);
	reserve(1, 65 * MS / 2, 50 * MS, 50 * MS);
	domain[0]->state = VCPU_AT_ACTION;
	for (unsigned k = 0; k < 1000; k++) {
		run_until(k * 14 * MS + (uint64_t)rand() % (3 * MS) + 1, 0);
		CHECK_EQ(response(domain[0], MS), MS);
		run_until(
			k * 14 * MS + 5 * MS + (uint64_t)rand() % (3 * MS), 0);
		CHECK_EQ(response(domain[0], MS * 2), MS * 2);
	}
	CHECK_EQ(domain[0]->ctx.missed, 0);
	finish();
}

/* What it wants from the deadline on has not been withheld from it before. */
TEST(who_wakes_at_the_deadline_has_missed_nothing)
{
	begin();
	reserve(0, 3 * MS, 10 * MS, 4 * MS);
	domain[0]->state = VCPU_AT_ACTION;
	run_until(4 * MS, 0);
	domain[0]->state = VCPU_RUNNING;
	run_until(5 * MS, 0);
	CHECK_EQ(domain[0]->ctx.periods, 1);
	CHECK_EQ(domain[0]->ctx.missed, 0);
	finish();
}

/*
 * However it cuts its slice into pieces: what is used at the deadline at the
 * latest is there again one period after it was usable.
 */
TEST(between_deadline_and_next_release_is_no_more_than_a_slice)
{
	uint64_t used[PIECES] = {0};

	begin();
	srand(6);
	for (unsigned i = 0; i < DOMAINS; i++)
		domain[i]->ctx.slack = 0;
	reserve(0, 3 * MS, 10 * MS, 4 * MS);
	for (unsigned k = 0; k < 20000; k++) {
		run_until((k + 1) * 6 * MS / (PIECES - 1), 1);
		used[k % PIECES] = domain[0]->ctx.own;
		if (k + 1 >= PIECES)
			CHECK(used[k % PIECES] - used[(k + 1) % PIECES] <=
				3 * MS);
	}
	CHECK(domain[0]->ctx.own > 500 * MS);
	finish();
}

/* Beside one who takes all: 2 ms, 3 ms of sleep, and what it has then. */
TEST(sleep_counts_as_use_where_releases_are_the_clock)
{
	begin();
	for (unsigned i = 2; i < DOMAINS; i++)
		domain[i]->state = VCPU_AT_ACTION;
	context_reserve(&ex.host, 0, 0, 0, 0);
	reserve(0, 10 * MS, 50 * MS, 14 * MS);
	reserve(1, 65 * MS / 2, 50 * MS, 50 * MS);
	domain[0]->ctx.slack = 0;
	domain[0]->period_irq = 0;
	run_until(50 * MS, 0);
	for (unsigned k = 1; k < 20; k++) {
		uint64_t had = domain[0]->ctx.own;

		run_until(k * 50 * MS + 2 * MS, 0);
		CHECK_EQ(domain[0]->ctx.own - had, 2 * MS);
		domain[0]->state = VCPU_AT_ACTION;
		run_until(k * 50 * MS + 5 * MS, 0);
		domain[0]->state = VCPU_RUNNING;
		run_until(k * 50 * MS + 10 * MS, 0);
		CHECK_EQ(domain[0]->ctx.own - had, 7 * MS);
		run_until((k + 1) * 50 * MS, 0);
		CHECK_EQ(domain[0]->ctx.own - had, 7 * MS);
	}
	CHECK_EQ(domain[0]->ctx.missed, 0);
	finish();
}

TEST(a_sleeper_that_becomes_clocked_gets_nothing_twice)
{
	uint64_t had;

	begin();
	for (unsigned i = 0; i < DOMAINS; i++)
		domain[i]->ctx.slack = 0;
	reserve(0, 3 * MS, 10 * MS, 10 * MS);
	domain[0]->state = VCPU_AT_ACTION;
	run_until(8 * MS, 0);
	domain[0]->state = VCPU_RUNNING;
	run_until(9 * MS, 0);
	domain[0]->period_irq = 0;
	run_until(10 * MS, 0);
	had = domain[0]->ctx.own;
	CHECK_EQ(had, 2 * MS);
	run_until(20 * MS, 0);
	CHECK_EQ(domain[0]->ctx.own, had + 1 * MS);
	run_until(30 * MS, 0);
	CHECK_EQ(domain[0]->ctx.own, had + 4 * MS);
	finish();
}

static uint32_t pick(uint32_t low, uint32_t high)
{
	return low + (uint32_t)rand() % (high - low + 1);
}

/* Random reservations; those that are admitted must be kept. */
static bool reserve_randomly(unsigned nr)
{
	struct admission_task task[DOMAINS + 1] = {{500, 10000, 10000}};

	for (unsigned i = 0; i < nr; i++) {
		struct admission_task *t = &task[i + 1];

		t->period_us = pick(4, 60) * 1000;
		t->slice_us = pick(1, t->period_us / 3000) * 1000;
		t->deadline_us =
			pick(t->slice_us / 1000, t->period_us / 1000) * 1000;
	}
	if (admission_check(task, nr + 1, NULL))
		return false;
	for (unsigned i = 0; i < nr; i++)
		reserve(i, task[i + 1].slice_us * 1000,
			task[i + 1].period_us * 1000,
			task[i + 1].deadline_us * 1000);
	return true;
}

/*
 * Domain DOMAINS - 1 is always busy; the others come and go as they like, and
 * some are woken by their releases.
 */
TEST(what_is_admitted_is_kept_whatever_the_neighbours_do)
{
	unsigned admitted = 0;

	srand(3);
	for (unsigned round = 0; round < ROUNDS; round++) {
		const struct context *c;
		const struct period_log *log;

		begin();
		if (reserve_randomly(DOMAINS)) {
			admitted++;
			for (unsigned i = 0; i + 1 < DOMAINS; i++)
				domain[i]->period_irq = rand() % 3 ? -1 : 0;
			run_until(500 * MS, DOMAINS - 1);
		}
		for (unsigned i = 0; i < DOMAINS; i++)
			CHECK_EQ(domain[i]->ctx.missed, 0);
		c = &domain[DOMAINS - 1]->ctx;
		log = log_of[DOMAINS - 1];
		for (uint64_t k = 0; k < log->nr; k++)
			CHECK(log->sample[k].received_by_deadline_ns >=
				c->slice);
		finish();
	}
	CHECK(admitted > ROUNDS / 20);
}

TAP_MAIN(CASE(the_example_of_the_lecture_starts_in_time_beside_a_hog),
	CASE(slack_goes_by_weight),
	CASE(without_slack_a_reservation_is_a_limit),
	CASE(time_is_charged_exactly_once),
	CASE(the_host_gets_its_share_after_a_long_idle_time),
	CASE(a_sleeper_keeps_what_it_has_not_used),
	CASE(who_wakes_at_the_deadline_has_missed_nothing),
	CASE(between_deadline_and_next_release_is_no_more_than_a_slice),
	CASE(sleep_counts_as_use_where_releases_are_the_clock),
	CASE(a_sleeper_that_becomes_clocked_gets_nothing_twice),
	CASE(what_is_admitted_is_kept_whatever_the_neighbours_do))
