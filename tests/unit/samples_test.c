/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/report/samples.c */
/*
 * Lines of samples that a program prints.
 */
#include "vmm/report/samples.h"

#include <stdio.h>
#include <string.h>

#include "tests/tap.h"

static bool take(struct samples *samples, const char *line)
{
	return samples_take_line(samples, line, (unsigned)strlen(line));
}

/* As they are after the first line. */
static struct samples begun(void)
{
	struct samples samples = {0};

	CHECK(take(&samples, "v| hyperhurd: sample 1 2 3"));
	CHECK_EQ(samples.nr, 0);
	return samples;
}

TEST(the_first_line_is_from_before)
{
	struct samples samples = begun();

	CHECK(take(&samples, "v| hyperhurd: sample 10 20"));
	CHECK(take(&samples, "v| hyperhurd: sample 30"));
	REQUIRE(samples.nr == 3);
	CHECK_EQ(samples.sample[0].ns, 10);
	CHECK_EQ(samples.sample[2].ns, 30);
	samples_free(&samples);
	CHECK_EQ(samples.nr, 0);
}

TEST(what_is_measured_has_an_end_as_it_has_a_beginning)
{
	struct samples samples = begun();

	samples.tsc_khz = 2000000; /* 2 ticks a nanosecond */
	CHECK(take(&samples, "hyperhurd: sample 100@2198 100@2200 7"));
	CHECK(take(&samples, "hyperhurd: sample 300@4000 1@4002 1@9000"));
	samples_cut(&samples, 1000, 2000);
	REQUIRE(samples.nr == 3);
	CHECK_EQ(samples.sample[0].ended_at, 2200);
	CHECK_EQ(samples.sample[1].ns, 7);
	CHECK_EQ(samples.sample[2].ended_at, 4000);
	samples_free(&samples);
}

TEST(other_lines_are_none)
{
	struct samples samples = begun();

	CHECK(take(&samples, ""));
	CHECK(take(&samples, "v| victim: hyperhurd: ready"));
	CHECK(take(&samples, "v| hyperhurd: sample"));
	CHECK(take(&samples, "v| hyperhurd: sample "));
	CHECK_EQ(samples.nr, 0);
	samples_free(&samples);
}

TEST(what_is_no_number_ends_a_line)
{
	struct samples samples = begun();

	CHECK(take(&samples, "v| hyperhurd: sample 1 x 2"));
	CHECK(take(&samples, "v| hyperhurd: sample 3 4x 5"));
	CHECK(take(&samples, "v| hyperhurd: sample -1"));
	CHECK(take(&samples, "v| hyperhurd: sample 7  8"));
	REQUIRE(samples.nr == 3);
	CHECK_EQ(samples.sample[0].ns, 1);
	CHECK_EQ(samples.sample[1].ns, 3);
	CHECK_EQ(samples.sample[2].ns, 7);
	samples_free(&samples);
}

TEST(a_sample_may_say_when_it_ended)
{
	struct samples samples = begun();

	CHECK(take(&samples, "v| hyperhurd: sample 10@5000 20 30@7000"));
	REQUIRE(samples.nr == 3);
	CHECK_EQ(samples.sample[0].ns, 10);
	CHECK_EQ(samples.sample[0].ended_at, 5000);
	CHECK_EQ(samples.sample[1].ns, 20);
	CHECK_EQ(samples.sample[1].ended_at, 0);
	CHECK_EQ(samples.sample[2].ended_at, 7000);
	samples_free(&samples);
}

TEST(who_says_that_it_began_earlier_is_left_out)
{
	struct samples samples = begun();

	samples.not_before = 5000;
	samples.tsc_khz = 2000000; /* 2 ticks a nanosecond */
	CHECK(take(&samples, "v| hyperhurd: sample 10@4000 20@5039 30@5060"));
	CHECK(take(&samples, "v| hyperhurd: sample 40 50@7000 60@50"));
	REQUIRE(samples.nr == 3);
	CHECK_EQ(samples.sample[0].ns, 30);
	CHECK_EQ(samples.sample[1].ns, 40);
	CHECK_EQ(samples.sample[2].ns, 50);
	samples_free(&samples);
}

TEST(a_time_that_is_no_number_ends_a_line)
{
	struct samples samples = begun();

	CHECK(take(&samples, "v| hyperhurd: sample 1@ 2"));
	CHECK(take(&samples, "v| hyperhurd: sample 3@4x 5"));
	CHECK(take(&samples, "v| hyperhurd: sample 6@7@8 9"));
	CHECK(take(&samples, "v| hyperhurd: sample @9"));
	CHECK(take(&samples, "v| hyperhurd: sample 1@18446744073709551616"));
	CHECK(take(&samples, "v| hyperhurd: sample 2@"));
	CHECK_EQ(samples.nr, 0);
	samples_free(&samples);
}

TEST(numbers_fit_64_bits_or_end_the_line)
{
	struct samples samples = begun();

	CHECK(take(&samples, "hyperhurd: sample 18446744073709551615 5"));
	CHECK(take(&samples, "hyperhurd: sample 18446744073709551616 6"));
	REQUIRE(samples.nr == 2);
	CHECK_EQ(samples.sample[0].ns, UINT64_MAX);
	CHECK_EQ(samples.sample[1].ns, 5);
	samples_free(&samples);
}

TEST(the_line_is_not_read_beyond_its_end)
{
	struct samples samples = begun();
	const char line[] = "hyperhurd: sample 1234";

	CHECK(samples_take_line(&samples, line, sizeof(line) - 3));
	REQUIRE(samples.nr == 1);
	CHECK_EQ(samples.sample[0].ns, 12);
	samples_free(&samples);
}

TEST(there_is_a_limit)
{
	struct samples samples = begun();
	bool room = true;

	for (unsigned i = 0; i < SAMPLES_MAX; i++)
		room &= take(&samples, "hyperhurd: sample 1");
	CHECK(room);
	CHECK_EQ(samples.nr, SAMPLES_MAX);
	CHECK(!take(&samples, "hyperhurd: sample 1"));
	CHECK_EQ(samples.nr, SAMPLES_MAX);
	samples_free(&samples);
}

TAP_MAIN(CASE(the_first_line_is_from_before),
	CASE(what_is_measured_has_an_end_as_it_has_a_beginning),
	CASE(other_lines_are_none), CASE(what_is_no_number_ends_a_line),
	CASE(a_sample_may_say_when_it_ended),
	CASE(who_says_that_it_began_earlier_is_left_out),
	CASE(a_time_that_is_no_number_ends_a_line),
	CASE(numbers_fit_64_bits_or_end_the_line),
	CASE(the_line_is_not_read_beyond_its_end), CASE(there_is_a_limit))
