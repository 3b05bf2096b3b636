/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text in the servers' library: formatted output, program arguments.
 */
/* link: servers/lib/libc/format.c servers/lib/libhurd/args.c */
#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/args.h"
#include "tests/tap.h"

static char buf[64];

#define CHECK_FORMAT(wanted, ...)                      \
	do {                                           \
		format(buf, sizeof(buf), __VA_ARGS__); \
		CHECK_STR(buf, wanted);                \
	} while (0)

TEST(conversions_print_their_arguments)
{
	CHECK_FORMAT("a text, 100%", "%s, %u%%", "a text", 100u);
	CHECK_FORMAT("-5 5 x", "%d %d %c", -5, 5, 'x');
	CHECK_FORMAT("ffffffffffffffff", "%lx", ~0ul);
	CHECK_FORMAT("18446744073709551615", "%lu", ~0ul);
	CHECK_FORMAT("-9223372036854775808", "%ld", INT64_MIN);
	CHECK_FORMAT("0 0", "%x %lu", 0u, 0ul);
}

TEST(widths_pad_on_the_side_that_is_asked_for)
{
	CHECK_FORMAT("   42|42   |00042", "%5u|%-5u|%05u", 42u, 42u, 42u);
	CHECK_FORMAT("-0042|  -42", "%05d|%5d", -42, -42);
	CHECK_FORMAT("  ab|ab  |abcde", "%4s|%-4s|%4s", "ab", "ab", "abcde");
}

TEST(long_text_is_cut_and_terminated)
{
	char small[4];

	CHECK_EQ(format(small, sizeof(small), "%s", "abcdef"), 3);
	CHECK_STR(small, "abc");
	CHECK_EQ(format(small, sizeof(small), "%u", 123456u), 3);
	CHECK_STR(small, "123");
	CHECK_EQ(format(small, 1, "x"), 0);
	CHECK_STR(small, "");
}

TEST(arguments_are_found_by_name)
{
	const char *args = "portal=echo  calls=12 essential calls_us=7";

	CHECK(args_text(args, "portal", buf, sizeof(buf)));
	CHECK_STR(buf, "echo");
	CHECK_EQ(args_number(args, "calls", 5), 12);
	CHECK_EQ(args_number(args, "calls_us", 5), 7);
	CHECK_EQ(args_number(args, "call", 5), 5);
	CHECK(args_flag(args, "essential"));
	CHECK(!args_flag(args, "portal"));
	CHECK(!args_flag(args, "essentia"));
	CHECK(!args_flag("", "essential"));
}

TEST(bad_arguments_count_as_not_given)
{
	CHECK(!args_text("portal", "portal", buf, sizeof(buf)));
	CHECK_STR(buf, "");
	CHECK_EQ(args_number("calls=", "calls", 5), 5);
	CHECK_EQ(args_number("calls=1x", "calls", 5), 5);
	CHECK(args_text("portal=", "portal", buf, sizeof(buf)));
	CHECK_STR(buf, "");
}

TEST(a_long_value_is_cut_and_terminated)
{
	char small[4];

	CHECK(args_text("portal=abcdef", "portal", small, sizeof(small)));
	CHECK_STR(small, "abc");
}

TAP_MAIN(CASE(conversions_print_their_arguments),
	CASE(widths_pad_on_the_side_that_is_asked_for),
	CASE(long_text_is_cut_and_terminated),
	CASE(arguments_are_found_by_name),
	CASE(bad_arguments_count_as_not_given),
	CASE(a_long_value_is_cut_and_terminated))
