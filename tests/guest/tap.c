/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Test results on the console.
 */
#include "tests/guest/tap.h"

#include "servers/lib/libhurd/console.h"

static bool case_failed;

bool tap_check(bool ok, const char *text, const char *file, int line)
{
	if (ok)
		return true;
	case_failed = true;
	print("# %s:%d: %s\n", file, line, text);
	return false;
}

bool tap_check_eq(uint64_t got, uint64_t want, const char *text,
	const char *file, int line)
{
	if (got == want)
		return true;
	case_failed = true;
	print("# %s:%d: %s: got %lx, want %lx\n", file, line, text, got, want);
	return false;
}

int tap_run(const struct tap_case *cases, unsigned nr_cases)
{
	int status = 0;

	print("TAP version 13\n1..%u\n", nr_cases);
	for (unsigned i = 0; i < nr_cases; i++) {
		case_failed = false;
		cases[i].run();
		if (case_failed)
			status = 1;
		print("%s %u - %s\n", case_failed ? "not ok" : "ok", i + 1,
			cases[i].name);
	}
	return status;
}
