/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/admission.c */
/*
 * Admission by demand bound.
 */
#include "vmm/admission.h"

#include <errno.h>

#include "tests/tap.h"

#define NR(tasks) (sizeof(tasks) / sizeof((tasks)[0]))

TEST(nothing_is_admitted)
{
	CHECK_EQ(admission_check(NULL, 0, NULL), 0);
}

TEST(all_of_the_time_can_be_sold)
{
	const struct admission_task tasks[] = {
		{10000, 50000, 50000}, {40000, 50000, 50000}};

	CHECK_EQ(admission_check(tasks, NR(tasks), NULL), 0);
}

TEST(no_microsecond_more_can_be_sold)
{
	const struct admission_task tasks[] = {
		{10000, 50000, 50000}, {40001, 50000, 50000}};
	struct admission_refusal refusal = {1, 1};

	CHECK_EQ(admission_check(tasks, NR(tasks), &refusal), (uint64_t)-EBUSY);
	CHECK_EQ(refusal.at_us, 0);
}

/* The host, a victim with an early deadline, an antagonist: 90 % are sold. */
TEST(early_deadline_beside_a_large_reservation_is_admitted)
{
	const struct admission_task tasks[] = {{500, 10000, 10000},
		{10000, 50000, 14000}, {32500, 50000, 50000}};

	CHECK_EQ(admission_check(tasks, NR(tasks), NULL), 0);
}

/* Little is sold in the long run, too much at one time. */
TEST(two_early_deadlines_that_collide_are_refused)
{
	const struct admission_task tasks[] = {
		{10000, 50000, 14000}, {5000, 50000, 14000}};
	struct admission_refusal refusal = {0, 0};

	CHECK_EQ(admission_check(tasks, NR(tasks), &refusal), (uint64_t)-EBUSY);
	CHECK_EQ(refusal.at_us, 14000);
	CHECK_EQ(refusal.demand_us, 15000);
}

TEST(context_without_a_reservation_asks_for_nothing)
{
	const struct admission_task tasks[] = {
		{50000, 50000, 50000}, {0, 50000, 14000}, {0, 0, 0}};

	CHECK_EQ(admission_check(tasks, NR(tasks), NULL), 0);
}

TEST(slice_beyond_its_deadline_is_invalid)
{
	const struct admission_task late = {15000, 50000, 14000};
	const struct admission_task later = {10000, 50000, 50001};

	CHECK_EQ(admission_check(&late, 1, NULL), (uint64_t)-EINVAL);
	CHECK_EQ(admission_check(&later, 1, NULL), (uint64_t)-EINVAL);
}

static uint64_t demand(
	const struct admission_task *task, unsigned nr, uint64_t t)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < nr; i++)
		for (uint64_t release = 0; release + task[i].deadline_us <= t;
			release += task[i].period_us)
			sum += task[i].slice_us;
	return sum;
}

/* The definition, point by point, on small random sets. */
TEST(verdict_is_that_of_the_definition)
{
	uint32_t state = 7;
	unsigned refused = 0;

	for (unsigned i = 0; i < 2000; i++) {
		static const uint32_t periods[] = {4, 6, 8, 12, 24};
		struct admission_task task[3];
		bool fits = true;

		for (unsigned j = 0; j < NR(task); j++) {
			state = state * 1664525 + 1013904223;

			uint32_t period = periods[(state >> 8) % 5];
			uint32_t slice = 1 + (state >> 16) % (period / 2);
			uint32_t room = period - slice + 1;

			task[j] = (struct admission_task){
				slice, period, slice + (state >> 24) % room};
		}
		/* 24 is a common multiple of the periods; no deadline is
		 * later, so two rounds show every excess. */
		for (uint64_t t = 1; t <= 48; t++)
			fits &= demand(task, NR(task), t) <= t;
		refused += !fits;
		CHECK_EQ(admission_check(task, NR(task), NULL) == 0, fits);
	}
	CHECK(refused > 100 && refused < 1900);
}

TAP_MAIN(CASE(nothing_is_admitted), CASE(all_of_the_time_can_be_sold),
	CASE(no_microsecond_more_can_be_sold),
	CASE(early_deadline_beside_a_large_reservation_is_admitted),
	CASE(two_early_deadlines_that_collide_are_refused),
	CASE(context_without_a_reservation_asks_for_nothing),
	CASE(slice_beyond_its_deadline_is_invalid),
	CASE(verdict_is_that_of_the_definition))
