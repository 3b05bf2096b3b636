/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pressure_greedy: uses all the extra frames that it gets as a cache, and gives
 * them back on notice, as libhurd-mm does by itself.
 *
 * Arguments: delay_ms=N
 */
#include "servers/lib/libhurd-mm/mm.h"
#include "servers/lib/libhurd-mm/policy.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "vmm/abi/container.h"

#define PAGES 2048u
#define NOTICE_IRQ 6u
#define PAUSE_US 5000u
#define PAGES_A_TURN 64u

int main(void)
{
	void *region = NULL;
	unsigned page = 0;
	uint64_t sum = 0;

	L4_Sleep(L4_TimePeriod(
		1000 * args_number(startup_page()->args, "delay_ms", 1)));
	if (mm_start(&(struct mm_setup){.frames = MM_CHUNK,
		    .gpa = WINDOW_GPA,
		    .policy = &mm_clock,
		    .notice = NOTICE_IRQ}) ||
		mm_map(&region, PAGES * MM_PAGE_SIZE, FPAGE_R, 0))
		panic("no frames");
	for (;;) {
		(void)mm_grow();
		for (unsigned i = 0; i < PAGES_A_TURN; i++) {
			sum += *((volatile uint8_t *)region +
				 page * MM_PAGE_SIZE);
			page = (page + 1) % PAGES;
		}
		if (sum)
			panic("a page that was never written is not zero");
		L4_Sleep(L4_TimePeriod(PAUSE_US));
	}
}
