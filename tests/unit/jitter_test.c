/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/report/jitter.c vmm/report/sample.c */
/*
 * From period samples to missed deadlines and jitter; the log they come from.
 */
#include "vmm/report/jitter.h"

#include <errno.h>
#include <string.h>

#include "tests/tap.h"

#define MS UINT64_C(1000000)

static const struct promise promise = {10 * MS, 50 * MS, 14 * MS};

/* Period @n, entered @late after its release, with all that it wanted. */
static struct period_sample sample_of(uint64_t n, uint64_t late)
{
	return (struct period_sample){
		.release_ns = n * promise.period_ns,
		.first_entry_ns = n * promise.period_ns + late,
		.received_by_deadline_ns = 9 * MS,
	};
}

TEST(regular_starts_have_no_jitter)
{
	struct period_sample sample[5];
	uint64_t scratch[5];
	struct jitter j;

	for (unsigned i = 0; i < 5; i++)
		sample[i] = sample_of(i + 1, 3 * MS);
	j = jitter_evaluate(sample, 5, &promise, scratch);
	CHECK_EQ(j.periods, 4);
	CHECK_EQ(j.missed, 0);
	CHECK_EQ(j.max_ns, 0);
}

TEST(jitter_is_the_distance_from_one_period_either_way)
{
	const struct period_sample sample[] = {sample_of(1, 0),
		sample_of(2, 4 * MS), sample_of(3, 0), sample_of(4, 1 * MS)};
	uint64_t scratch[4];
	struct jitter j = jitter_evaluate(sample, 4, &promise, scratch);

	CHECK_EQ(j.periods, 3);
	CHECK_EQ(j.p50_ns, 4 * MS);
	CHECK_EQ(j.p99_ns, 4 * MS);
	CHECK_EQ(j.max_ns, 4 * MS);
	CHECK_EQ(scratch[0], 1 * MS);
}

TEST(percentiles_are_of_the_nearest_rank)
{
	static struct period_sample sample[201];
	static uint64_t scratch[201];
	struct jitter j;

	/* 200 deviations: 198 of 1 us, one of 2 ms and back. */
	for (unsigned i = 0; i < 201; i++)
		sample[i] = sample_of(i + 1, i % 2 ? 1000 : 0);
	sample[100].first_entry_ns += 2 * MS;
	j = jitter_evaluate(sample, 201, &promise, scratch);
	CHECK_EQ(j.periods, 200);
	CHECK_EQ(j.p50_ns, 1000);
	CHECK_EQ(j.p99_ns, 1000);
	CHECK_EQ(j.max_ns, 2 * MS - 1000);
}

TEST(missed_is_ready_with_less_than_the_slice)
{
	struct period_sample sample[] = {sample_of(1, 0), sample_of(2, 0),
		sample_of(3, 0), sample_of(4, 0)};
	uint64_t scratch[4];
	struct jitter j;

	sample[0].ready_at_deadline = 1;       /* not judged */
	sample[1].ready_at_deadline = 1;       /* 9 of 10 ms: missed */
	sample[2].received_by_deadline_ns = 0; /* wanted nothing */
	sample[3].ready_at_deadline = 1;       /* had its slice */
	sample[3].received_by_deadline_ns = 10 * MS;
	j = jitter_evaluate(sample, 4, &promise, scratch);
	CHECK_EQ(j.missed, 1);
}

TEST(with_a_reservation_missed_is_what_the_executor_found)
{
	struct period_sample sample[] = {
		sample_of(1, 0), sample_of(2, 0), sample_of(3, 0)};
	uint64_t scratch[3];
	struct jitter j;

	sample[1].ready_at_deadline = 1; /* 9 of 10 ms: had slept */
	sample[1].guarantee = GUARANTEE_KEPT;
	sample[2].guarantee = GUARANTEE_BROKEN;
	j = jitter_evaluate(sample, 3, &promise, scratch);
	CHECK_EQ(j.missed, 1);
}

TEST(domain_that_was_not_entered_starts_at_its_deadline)
{
	struct period_sample sample[] = {sample_of(1, 0), sample_of(2, 0)};
	uint64_t scratch[2];
	struct jitter j;

	sample[1].first_entry_ns = 0;
	j = jitter_evaluate(sample, 2, &promise, scratch);
	CHECK_EQ(j.not_started, 1);
	CHECK_EQ(j.max_ns, 14 * MS);
}

static struct period_log log_of_samples;
static struct period_sample read_samples[PERIOD_LOG_SAMPLES];

static void add(uint64_t n)
{
	const struct period_sample sample = sample_of(n, 0);

	period_log_add(&log_of_samples, &sample);
}

TEST(samples_are_read_in_order_and_once)
{
	uint64_t next = 0;

	memset(&log_of_samples, 0, sizeof(log_of_samples));
	for (unsigned i = 0; i < 10; i++)
		add(i);
	CHECK_EQ(period_log_read(&log_of_samples, &next, read_samples, 4), 4);
	CHECK_EQ(next, 4);
	CHECK_EQ(period_log_read(&log_of_samples, &next, read_samples, 100), 6);
	CHECK_EQ(read_samples[0].release_ns, 4 * promise.period_ns);
	CHECK_EQ(read_samples[5].release_ns, 9 * promise.period_ns);
	CHECK_EQ(period_log_read(&log_of_samples, &next, read_samples, 100), 0);
}

TEST(overwritten_samples_are_noticed)
{
	uint64_t next = 0;

	memset(&log_of_samples, 0, sizeof(log_of_samples));
	for (unsigned i = 0; i < PERIOD_LOG_SAMPLES + 5; i++)
		add(i);
	CHECK_EQ(period_log_read(&log_of_samples, &next, read_samples, 10),
		(uint64_t)-EOVERFLOW);
	CHECK_EQ(next, 6);
	CHECK_EQ(period_log_read(&log_of_samples, &next, read_samples, 10), 10);
	CHECK_EQ(read_samples[0].release_ns, 6 * promise.period_ns);
}

TEST(figures_are_kept_until_there_is_no_room)
{
	struct measurement *m = measurement_map();

	REQUIRE(m != NULL);
	CHECK_EQ(measurement_figure_add(m, 3, "round\ntrip", 40, 7), 0);
	CHECK_STR(m->figure[0].name, "round?trip");
	CHECK_EQ(m->figure[0].value, 7);
	CHECK_EQ(m->figure[0].domain, 3);
	for (unsigned i = 1; i < MEASUREMENT_FIGURES_MAX; i++)
		CHECK_EQ(measurement_figure_add(m, 0, "x", 1, i), 0);
	CHECK_EQ(measurement_figure_add(m, 0, "x", 1, 0), (uint64_t)-ENOSPC);
	CHECK_EQ(m->nr_figures, MEASUREMENT_FIGURES_MAX);
	measurement_unmap(m);
}

TAP_MAIN(CASE(regular_starts_have_no_jitter),
	CASE(jitter_is_the_distance_from_one_period_either_way),
	CASE(percentiles_are_of_the_nearest_rank),
	CASE(missed_is_ready_with_less_than_the_slice),
	CASE(with_a_reservation_missed_is_what_the_executor_found),
	CASE(domain_that_was_not_entered_starts_at_its_deadline),
	CASE(samples_are_read_in_order_and_once),
	CASE(overwritten_samples_are_noticed),
	CASE(figures_are_kept_until_there_is_no_room))
