/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A database-like program with less memory than data: its page faults with the
 * default policy, and with one of its own, which keeps scans from the index.
 */
#include "tests/bench/lookup.h"

#include "servers/lib/libhurd-mm/mm.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"

static const void *region_make(unsigned pages, unsigned group)
{
	void *region = NULL;

	if (mm_map(&region, (size_t)pages * MM_PAGE_SIZE, FPAGE_R, group) !=
		MM_OK)
		panic("no region");
	return region;
}

static uint64_t faults_now(void)
{
	struct mm_stat stat;

	if (mm_stat(&stat) != MM_OK)
		panic("the pager does not answer");
	return stat.faults;
}

/* @group: of the table; the index is in the default one. */
static void measure(const char *name, const char *faults, unsigned group)
{
	const void *table = region_make(LOOKUP_TABLE, group);
	const void *index = region_make(LOOKUP_INDEX, 0);
	uint64_t before = faults_now(), start = bench_tsc(), took;

	if (lookup_run(table, index) != 0)
		panic("pages are not zero");
	took = bench_tsc() - start;
	bench_record(faults, "1024", faults_now() - before);
	bench_record(name, "1024", took);
	if (mm_unmap((void *)(uintptr_t)table,
		    (size_t)LOOKUP_TABLE * MM_PAGE_SIZE) != MM_OK ||
		mm_unmap((void *)(uintptr_t)index,
			(size_t)LOOKUP_INDEX * MM_PAGE_SIZE) != MM_OK)
		panic("a region does not go");
}

int main(void)
{
	unsigned group;

	if (mm_start(&(struct mm_setup){
		    .frames = LOOKUP_FRAMES,
		    .gpa = WINDOW_GPA,
		    .policy = &mm_clock,
	    }) != MM_OK)
		panic("no memory of its own");
	measure("lookup", "lookup-faults", 0);
	if (mm_group_create(&mm_mru, LOOKUP_FRAMES - LOOKUP_INDEX, &group) !=
		MM_OK)
		panic("no group");
	measure("lookup-own", "lookup-own-faults", group);
	return 0;
}

_Static_assert(LOOKUP_FRAMES == 1024, "the name of the figure");
_Static_assert(LOOKUP_PAGE == MM_PAGE_SIZE, "a page is a page");
