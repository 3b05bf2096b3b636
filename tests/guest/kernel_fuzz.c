/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fuzzer on the checking kernel: arguments seed=N round=N calls=N, system
 * calls of the fuzzers as the kernel counts them.  After each round all threads
 * are deleted, and the kernel has as many pages as before.
 *
 * Its last line says why it ends: if there is none, another thread ended the
 * domain.
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/task.h"
#include "tests/guest/checkcall.h"
#include "tests/guest/fuzz/fuzz.h"

#define ROUND_CALLS 5000 /* that the fuzzers count themselves */
#define WARM_UP_CALLS 2000
#define LINES 20 /* of progress */

static int end(uint64_t seed, uint64_t round, const char *why)
{
	print("seed %lu, round %lu: end: %s\n", seed, round, why);
	return 1;
}

static int fuzz_all(uint64_t seed, uint64_t round, uint64_t calls)
{
	struct check_result begin, now = {0};
	uint64_t done = 0, printed = 0;

	if (fuzz_has_locked_bit((const uint8_t *)fuzz_code_begin,
		    (const uint8_t *)fuzz_code_end) ||
		fuzz_has_locked_bit((const uint8_t *)image_text_end,
			(const uint8_t *)image_end))
		return end(seed, round, "the emulator cannot run its code");
	fuzz_run(seed, WARM_UP_CALLS);
	begin = check_call(CHECK_CALL_NOW, 0, 0);
	if (!begin.value)
		return end(seed, round, "this is not the checking kernel");
	for (; done < calls; round++) {
		fuzz_run(seed << 32 | round, ROUND_CALLS);
		now = check_call(CHECK_CALL_NOW, 0, 0);
		done = now.calls - begin.calls;
		if (now.pages != begin.pages) {
			(void)check_call(CHECK_CALL_PRINT, 0, 0);
			print("%lu pages in use, %lu before\n", now.pages,
				begin.pages);
			return end(seed, round, "pages are missing");
		}
		if (done - printed < calls / LINES && done < calls)
			continue;
		printed = done;
		print("seed %lu, round %lu: %lu calls, %lu checks\n", seed,
			round, done, now.value);
	}
	print("seed %lu, round %lu: end: all calls made: %lu, %lu checks, "
	      "%lu pages in use as before\n",
		seed, round - 1, done, now.value, begin.pages);
	return 0;
}

int main(void)
{
	const struct boot_info *boot = root_boot_info();
	const char *args = boot ? boot->module[1].args : "";

	return fuzz_all(args_number(args, "seed", 1),
		args_number(args, "round", 1),
		args_number(args, "calls", 1000));
}
