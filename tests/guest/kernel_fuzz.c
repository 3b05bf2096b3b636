/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzzer on the checking kernel: arguments seed=N calls=N.  It runs in
 * rounds; after each one all threads are deleted, and the kernel has as many
 * pages as before.
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "tests/guest/checkcall.h"
#include "tests/guest/fuzz/fuzz.h"

#define ROUND_CALLS 50000
#define WARM_UP_CALLS 2000
#define LINES 20 /* of progress */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static int fuzz_all(uint64_t seed, uint64_t calls)
{
	uint64_t step = calls / LINES + 1;
	uint64_t before, after, checks;

	fuzz_run(seed, WARM_UP_CALLS);
	if (!check_call(CHECK_CALL_NOW, 0, 0, &before))
		panic("this is not the checking kernel");
	for (uint64_t done = 0; done < calls;) {
		uint64_t n =
			fuzz_run(seed + done, least(calls - done, ROUND_CALLS));

		checks = check_call(CHECK_CALL_NOW, 0, 0, &after);
		if (after != before) {
			(void)check_call(CHECK_CALL_PRINT, 0, 0, &after);
			print("seed %lu, call %lu: %lu pages in use, "
			      "%lu before\n",
				seed, done + n, after, before);
			return 1;
		}
		if ((done + n) / step != done / step)
			print("seed %lu: %lu calls, %lu checks\n", seed,
				done + n, checks);
		done += n;
	}
	print("seed %lu: all calls made, %lu pages in use as before\n", seed,
		before);
	return 0;
}

int main(void)
{
	const struct boot_info *boot = root_boot_info();
	const char *args = boot ? boot->module[1].args : "";

	return fuzz_all(
		args_number(args, "seed", 1), args_number(args, "calls", 1000));
}
