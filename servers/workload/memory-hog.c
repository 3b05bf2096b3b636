/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory-hog: writes to every cache line of more memory than caches hold, page
 * by page in an order without locality, without end.
 */
#include <stdint.h>

#include "servers/lib/libhurd/task.h"
#include "servers/workload/report.h"

#define SIZE (UINT64_C(8) << 20)
#define PAGE 4096
#define LINE 64
#define STRIDE 769 /* pages; odd, so all pages get their turn */

static volatile uint8_t memory[SIZE] __attribute__((aligned(PAGE)));

static void page_write(uint64_t page)
{
	for (uint64_t at = 0; at < PAGE; at += LINE)
		memory[page * PAGE + at]++;
}

int main(void)
{
	const uint64_t pages = SIZE / PAGE;
	uint64_t page = 0;

	for (uint64_t i = 0; i < pages; i++)
		page_write(i);
	workload_begin();
	for (;;) {
		page_write(page);
		page = (page + STRIDE) % pages;
	}
}
