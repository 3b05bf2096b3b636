/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The neighbour of domains that go wrong: for so many periods, "beat N", it
 * looks whether its releases come in time and a third domain answers.
 */
#include "tests/stubkernel/stub.h"

void beat(void)
{
	uint64_t count = number_behind(boot->module[1].args, 1);
	uint32_t slot = slot_of(BOOT_PORTAL_CLIENT);
	uint64_t last = 0, worst = 0, errors = 0;
	uint64_t period = ask_for_releases();

	for (uint64_t n = 0; n < count; n++) {
		uint64_t start;

		wait_for_release();
		start = rdtsc();
		if (n > 1 && start - last > period + worst)
			worst = start - last - period;
		last = start;
		errors += call_once(slot, n) != 0;
	}
	print("beats ");
	print_number(count);
	print(" late_us ");
	print_number(worst * 1000 / boot->tsc_khz);
	print(" errors ");
	print_number(errors);
	print("\n");
	stop(errors != 0);
}
