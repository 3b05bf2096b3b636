/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Token buckets on simulated time.  The property: what has passed in any time
 * t is no more than max(burst, the largest amount) + rate * t.
 */
/* link: virtio/limit.c */
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "virtio/limit.h"

#define NS_PER_S UINT64_C(1000000000)
#define PASSES 400u
#define ROUNDS 200u

static struct limit make(
	uint64_t rate, uint64_t burst, uint64_t peak, uint64_t peak_burst)
{
	const struct limit_rate bucket[LIMIT_BUCKETS] = {
		{rate, burst}, {peak, peak_burst}};
	struct limit l;

	limit_init(&l, bucket);
	return l;
}

/* Let @amount pass as soon as it may from @now on; returns when it did. */
static uint64_t pass(struct limit *l, uint64_t now, uint64_t amount)
{
	uint64_t when = limit_when(l, now, amount);

	limit_take(l, when, amount);
	return when;
}

TEST(without_a_rate_everything_passes_at_once)
{
	struct limit l = make(0, 0, 0, 0);

	for (unsigned i = 0; i < 1000; i++)
		CHECK_EQ(pass(&l, 7, UINT64_C(1) << 32), 7);
}

TEST(a_burst_passes_and_then_the_rate_holds)
{
	struct limit l = make(1000, 500, 0, 0);

	CHECK_EQ(pass(&l, NS_PER_S, 500), NS_PER_S);
	CHECK_EQ(pass(&l, NS_PER_S, 100), NS_PER_S + NS_PER_S / 10);
	CHECK_EQ(pass(&l, NS_PER_S, 1), NS_PER_S + NS_PER_S / 10 + 1000000);
}

TEST(a_pause_fills_no_more_than_the_burst)
{
	struct limit l = make(1000, 500, 0, 0);
	uint64_t late = 3600 * NS_PER_S;

	CHECK_EQ(pass(&l, 0, 500), 0);
	CHECK_EQ(pass(&l, late, 500), late);
	CHECK_EQ(pass(&l, late, 500), late + NS_PER_S / 2);
}

TEST(what_is_more_than_a_bucket_waits_for_a_full_one_and_is_paid_for)
{
	struct limit l = make(1000, 500, 0, 0);

	CHECK_EQ(pass(&l, 0, 1), 0);
	CHECK_EQ(pass(&l, 0, 2000), 1000000);
	CHECK_EQ(pass(&l, 0, 500), 1000000 + 2 * NS_PER_S);
}

TEST(the_peak_holds_within_a_burst)
{
	struct limit l = make(1000, 10000, 5000, 100);

	CHECK_EQ(pass(&l, 0, 100), 0);
	CHECK_EQ(pass(&l, 0, 100), NS_PER_S / 50);
}

TEST(the_largest_values_do_not_overflow)
{
	struct limit l = make(1, LIMIT_BURST_MAX, LIMIT_RATE_MAX, 1);

	CHECK_EQ(pass(&l, 0, UINT32_MAX), 0);
	CHECK(limit_when(&l, 0, UINT32_MAX) > 0);
}

struct passed {
	uint64_t at, amount;
};

/* In every window of what has passed, from one passing to another. */
static void check_windows(const struct passed *p, const struct limit_rate *b)
{
	for (unsigned i = 0; i < PASSES; i++) {
		uint64_t sum = 0, largest = b->burst;

		for (unsigned j = i; j < PASSES; j++) {
			uint64_t t = p[j].at - p[i].at;
			unsigned __int128 flow =
				(unsigned __int128)b->rate * t / NS_PER_S;

			sum += p[j].amount;
			if (p[j].amount > largest)
				largest = p[j].amount;
			REQUIRE(sum <= largest + (uint64_t)flow + 1);
		}
	}
}

TEST(no_window_has_more_than_burst_and_rate)
{
	static struct passed p[PASSES];

	srand(1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t rate = 1 + (uint64_t)rand() % 1000000;
		uint64_t burst = 1 + (uint64_t)rand() % 100000;
		struct limit l = make(rate, burst, rate * 4, 1 + burst / 8);
		uint64_t now = 0;

		for (unsigned i = 0; i < PASSES; i++) {
			uint64_t amount = 1 + (uint64_t)rand() % (2 * burst);

			if (rand() % 4 == 0)
				now += (uint64_t)rand() % NS_PER_S;
			now = pass(&l, now, amount);
			p[i] = (struct passed){now, amount};
		}
		check_windows(p, &l.bucket[0]);
		check_windows(p, &l.bucket[1]);
	}
}

TEST(who_always_has_something_gets_the_whole_rate)
{
	struct limit l = make(1250000, 125000, 0, 0);
	uint64_t now = 0, sum = 0;

	while (now < 10 * NS_PER_S) {
		now = pass(&l, now, 1514);
		sum += 1514;
	}
	CHECK(sum >= 12500000 && sum <= 12500000 + 125000 + 1514);
}

TAP_MAIN(CASE(without_a_rate_everything_passes_at_once),
	CASE(a_burst_passes_and_then_the_rate_holds),
	CASE(a_pause_fills_no_more_than_the_burst),
	CASE(what_is_more_than_a_bucket_waits_for_a_full_one_and_is_paid_for),
	CASE(the_peak_holds_within_a_burst),
	CASE(the_largest_values_do_not_overflow),
	CASE(no_window_has_more_than_burst_and_rate),
	CASE(who_always_has_something_gets_the_whole_rate))
