/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a page fault costs that the task's own pager resolves: of a page that
 * was never there, and of one that takes the frame of another.
 */
#include <string.h>

#include "servers/lib/libhurd-mm/mm.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

#define FRAMES (2 * MM_CHUNK)
#define PAGES (2 * FRAMES)
#define SLOTS PAGES

static uint8_t stored[SLOTS][MM_PAGE_SIZE];
static uint64_t ticks[FRAMES];

static bool store_read(uint32_t slot, void *frame)
{
	memcpy(frame, stored[slot], MM_PAGE_SIZE);
	return true;
}

static bool store_write(uint32_t slot, const void *frame)
{
	memcpy(stored[slot], frame, MM_PAGE_SIZE);
	return true;
}

static const struct mm_store store = {SLOTS, store_read, store_write};

/* The first access to each page of a half of the region; the median. */
static uint64_t touch(volatile uint8_t *region, uint64_t cost, bool write)
{
	for (unsigned i = 0; i < FRAMES; i++) {
		volatile uint8_t *byte = region + (size_t)i * MM_PAGE_SIZE;
		uint64_t start = bench_tsc();

		if (write)
			*byte = 1;
		else
			(void)*byte;
		ticks[i] = bench_tsc() - start - cost;
	}
	return bench_median(ticks, FRAMES);
}

int main(void)
{
	const size_t half = (size_t)FRAMES * MM_PAGE_SIZE;
	uint64_t cost = bench_tsc_cost();
	void *region = NULL;

	memset(stored, 0, sizeof(stored)); /* its memory is there */
	if (mm_start(&(struct mm_setup){
		    .frames = FRAMES,
		    .gpa = WINDOW_GPA,
		    .policy = &mm_clock,
		    .store = &store,
	    }) != MM_OK ||
		mm_map(&region, 2 * half, FPAGE_R | FPAGE_W, 0) != MM_OK)
		panic("no memory of its own");

	bench_record("mm-fault-new", "1", touch(region, cost, true));
	bench_record("mm-fault-evicting", "1",
		touch((uint8_t *)region + half, cost, false));
	bench_record("mm-fault-swapped", "1", touch(region, cost, false));
	return 0;
}
