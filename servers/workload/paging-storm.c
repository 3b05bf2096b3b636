/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * paging-storm: gives its pages back and touches them again, without end: a
 * page fault, an Ipc to the pager and a mapping each time.
 */
#include <stdint.h>

#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/space.h"
#include "servers/workload/report.h"

#define PAGE 4096
#define PAGES 64

static volatile uint8_t memory[PAGES * PAGE] __attribute__((aligned(PAGE)));

int main(void)
{
	workload_begin();
	for (uint64_t i = 0;; i = (i + 1) % PAGES) {
		(void)L4_FlushFpage(fpage_make((uint64_t)&memory[i * PAGE],
			FPAGE_LOG2_MIN, FPAGE_RIGHTS));
		memory[i * PAGE]++;
	}
}
