/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/config/value.c */
/*
 * Times, sizes and names as people write them.
 */
#include "vmm/config/value.h"

#include <errno.h>

#include "tests/tap.h"

static uint32_t time_of(const char *text)
{
	uint32_t us = 4711;

	CHECK_EQ(value_time(text, &us), 0);
	return us;
}

TEST(times_are_whole_microseconds)
{
	CHECK_EQ(time_of("10ms"), 10000);
	CHECK_EQ(time_of("0.5ms"), 500);
	CHECK_EQ(time_of("32.5ms"), 32500);
	CHECK_EQ(time_of("0.001ms"), 1);
	CHECK_EQ(time_of("2s"), 2000000);
	CHECK_EQ(time_of("0.000001s"), 1);
	CHECK_EQ(time_of("250us"), 250);
	CHECK_EQ(time_of("250.000us"), 250);
	CHECK_EQ(time_of("0us"), 0);
	CHECK_EQ(time_of("3600s"), 3600000000u);
}

TEST(what_is_no_time_is_refused)
{
	static const char *const wrong[] = {"", "10", "ms", "10 ms", "-1ms",
		"+1ms", "1.ms", ".5ms", "1e3us", "10msx", "0.5us", "1.0000001s",
		"1.0000010s0", "1min", "0x10us", " 1us"};
	uint32_t us = 4711;

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		CHECK_EQ(value_time(wrong[i], &us), (uint64_t)-EINVAL);
	CHECK_EQ(value_time("3600.000001s", &us), (uint64_t)-ERANGE);
	CHECK_EQ(value_time("99999999999999999999s", &us), (uint64_t)-ERANGE);
	CHECK_EQ(us, 4711);
}

TEST(sizes_have_a_unit)
{
	uint64_t bytes = 0;

	CHECK_EQ(value_size("4MiB", &bytes), 0);
	CHECK_EQ(bytes, 4 << 20);
	CHECK_EQ(value_size("4", &bytes), (uint64_t)-EINVAL);
	CHECK_EQ(value_size("4MB", &bytes), (uint64_t)-EINVAL);
	CHECK_EQ(value_size("1024GiB", &bytes), (uint64_t)-ERANGE);
}

TEST(memory_is_in_kib_unless_it_says_otherwise)
{
	uint64_t bytes = 0;

	CHECK_EQ(value_memory("16384", NULL, &bytes), 0);
	CHECK_EQ(bytes, 16 << 20);
	CHECK_EQ(value_memory("16", "MiB", &bytes), 0);
	CHECK_EQ(bytes, 16 << 20);
	CHECK_EQ(value_memory("16", "M", &bytes), 0);
	CHECK_EQ(bytes, 16 << 20);
	CHECK_EQ(value_memory("16", "MB", &bytes), 0);
	CHECK_EQ(bytes, 16000000);
	CHECK_EQ(value_memory("16", "mib", &bytes), (uint64_t)-EINVAL);
	CHECK_EQ(value_memory("16x", "MiB", &bytes), (uint64_t)-EINVAL);
	CHECK_EQ(value_memory("2000", "GiB", &bytes), (uint64_t)-ERANGE);
}

TEST(numbers_have_an_upper_bound)
{
	uint32_t number = 4711;

	CHECK_EQ(value_number("63", 63, &number), 0);
	CHECK_EQ(number, 63);
	CHECK_EQ(value_number("64", 63, &number), (uint64_t)-ERANGE);
	CHECK_EQ(value_number("1-2", 63, &number), (uint64_t)-EINVAL);
	CHECK_EQ(value_number("", 63, &number), (uint64_t)-EINVAL);
	CHECK_EQ(number, 63);
}

TEST(names_are_short_and_plain)
{
	CHECK(value_is_name("shared-server_2.x"));
	CHECK(value_is_name("0123456789012345678901234567890"));
	CHECK(!value_is_name("01234567890123456789012345678901"));
	CHECK(!value_is_name(""));
	CHECK(!value_is_name("a b"));
	CHECK(!value_is_name("a/b"));
	CHECK(!value_is_name("\xc3\xa4"));
}

TEST(times_are_written_as_they_are_read)
{
	char buf[VALUE_TIME_TEXT];

	CHECK_STR(value_time_text(10000, buf), "10ms");
	CHECK_STR(value_time_text(32500, buf), "32.5ms");
	CHECK_STR(value_time_text(1, buf), "1us");
	CHECK_STR(value_time_text(0, buf), "0us");
	CHECK_STR(value_time_text(1001, buf), "1.001ms");
	CHECK_STR(value_time_text(100000, buf), "100ms");
	CHECK_STR(value_time_text(UINT64_MAX, buf), "18446744073709551.615ms");
}

TAP_MAIN(CASE(times_are_whole_microseconds), CASE(what_is_no_time_is_refused),
	CASE(sizes_have_a_unit),
	CASE(memory_is_in_kib_unless_it_says_otherwise),
	CASE(numbers_have_an_upper_bound), CASE(names_are_short_and_plain),
	CASE(times_are_written_as_they_are_read))
