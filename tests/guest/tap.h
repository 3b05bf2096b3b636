/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests that run in a domain: cases in one program, results as TAP on the
 * domain's console, exit status 0 if all passed and 1 if not.
 */
#ifndef TESTS_GUEST_TAP_H
#define TESTS_GUEST_TAP_H

#include <stdbool.h>
#include <stdint.h>

#include "servers/lib/libhurd/task.h"

struct tap_case {
	const char *name;
	void (*run)(void);
};

/** tap_run - run the cases, print the results; returns the exit status. */
int tap_run(const struct tap_case *cases, unsigned nr_cases);

/** tap_check - note a failure if @ok is false; returns @ok. */
bool tap_check(bool ok, const char *text, const char *file, int line);

/** tap_check_eq - note a failure if the values differ. */
bool tap_check_eq(uint64_t got, uint64_t want, const char *text,
	const char *file, int line);

#define TEST(name) static void name(void)
#define CASE(name)          \
	{                   \
#name, name \
	}

/* A case ends with its first failure. */
#define CHECK(condition)                                                   \
	do {                                                               \
		if (!tap_check(condition, #condition, __FILE__, __LINE__)) \
			return;                                            \
	} while (0)

#define CHECK_EQ(got, want)                                          \
	do {                                                         \
		if (!tap_check_eq((uint64_t)(got), (uint64_t)(want), \
			    #got " == " #want, __FILE__, __LINE__))  \
			return;                                      \
	} while (0)

#define TAP_MAIN(...)                                                    \
	int main(void)                                                   \
	{                                                                \
		static const struct tap_case cases[] = {__VA_ARGS__};    \
                                                                         \
		return tap_run(cases, sizeof(cases) / sizeof(cases[0])); \
	}

#endif
