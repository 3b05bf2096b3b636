/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test programs that report in TAP, on the host and in a guest.
 *
 *	TEST(last_byte_and_not_one_more)
 *	{
 *		CHECK_EQ(read_at(SIZE - 1), 1);
 *		REQUIRE(read_at(SIZE) == 0);
 *	}
 *
 *	TAP_MAIN(CASE(last_byte_and_not_one_more))
 *
 * A failed CHECK lets the test run on, a failed REQUIRE ends it.
 * Source: "Test Anything Protocol specification version 13".
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if __STDC_HOSTED__
#include <stdio.h>
#define tap_print(...) (void)printf(__VA_ARGS__)
#define tap_begin() (void)setvbuf(stdout, NULL, _IOLBF, 0)
#else
#include "servers/lib/libhurd/console.h"
#define tap_print(...) print(__VA_ARGS__)
#define tap_begin() (void)0
#endif

struct tap_case {
	const char *name;
	void (*run)(void);
};

/* What the running test has seen. */
struct tap_state {
	bool failed;
	const char *skipped; /* the reason, or NULL */
};

static struct tap_state tap_state;

#define TEST(name) static void name(void)
#define CASE(name)          \
	{                   \
#name, name \
	}

/** CHECK - @condition holds, else the test fails and runs on. */
#define CHECK(condition) \
	tap_check(!!(condition), #condition, __FILE__, __LINE__)

/** CHECK_EQ - two integers are equal; both are shown if they are not. */
#define CHECK_EQ(got, wanted)                                                  \
	tap_check_eq((uint64_t)(got), (uint64_t)(wanted), #got " == " #wanted, \
		__FILE__, __LINE__)

/** CHECK_STR - two strings are equal; both are shown if they are not. */
#define CHECK_STR(got, wanted) \
	tap_check_str((got), (wanted), #got, __FILE__, __LINE__)

/** REQUIRE - @condition holds, else the test fails and ends here. */
#define REQUIRE(condition)             \
	do {                           \
		if (!CHECK(condition)) \
			return;        \
	} while (0)

/** SKIP - end the test here, uncounted. @reason: a string that stays. */
#define SKIP(reason)                          \
	do {                                  \
		tap_state.skipped = (reason); \
		return;                       \
	} while (0)

#define TAP_UNUSED __attribute__((unused))

TAP_UNUSED static bool tap_check(
	bool holds, const char *text, const char *file, int line)
{
	if (holds)
		return true;
	tap_state.failed = true;
	tap_print("# %s:%d: not so: %s\n", file, line, text);
	return false;
}

TAP_UNUSED static bool tap_check_eq(uint64_t got, uint64_t wanted,
	const char *text, const char *file, int line)
{
	if (tap_check(got == wanted, text, file, line))
		return true;
	tap_print("# got 0x%llx, wanted 0x%llx\n", (unsigned long long)got,
		(unsigned long long)wanted);
	return false;
}

TAP_UNUSED static bool tap_check_str(const char *got, const char *wanted,
	const char *text, const char *file, int line)
{
	const char *g = got, *w = wanted;

	while (*g && *g == *w)
		g++, w++;
	if (tap_check(*g == *w, text, file, line))
		return true;
	tap_print("# got \"%s\"\n# wanted \"%s\"\n", got, wanted);
	return false;
}

/* The exit status: 0 if no test failed. */
static int tap_run(const struct tap_case *cases, unsigned nr)
{
	int status = 0;

	tap_begin();
	tap_print("TAP version 13\n1..%u\n", nr);
	for (unsigned i = 0; i < nr; i++) {
		tap_state = (struct tap_state){false, NULL};
		cases[i].run();
		if (tap_state.failed)
			status = 1;
		tap_print("%sok %u - %s", tap_state.failed ? "not " : "", i + 1,
			cases[i].name);
		if (tap_state.skipped && !tap_state.failed)
			tap_print(" # SKIP %s", tap_state.skipped);
		tap_print("\n");
	}
	return status;
}

#define TAP_MAIN(...)                                                    \
	int main(void)                                                   \
	{                                                                \
		static const struct tap_case cases[] = {__VA_ARGS__};    \
                                                                         \
		return tap_run(cases, sizeof(cases) / sizeof(cases[0])); \
	}

#endif
