/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame pool against a map of single frames, to the end of its book.
 */
/* link: vmm/memory/frame.c */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/tap.h"
#include "vmm/memory/frame.h"

#define FRAMES 4096
#define RUNS 64
#define STEPS 200000

static struct frame_pool *pool;

TEST(what_is_full_gives_no_more_and_takes_all_back)
{
	struct frame_run all;
	struct frame_run more;

	REQUIRE(frame_pool_create(&pool, FRAMES) == 0);
	CHECK_EQ(frame_alloc(pool, FRAMES, &all), 0);
	CHECK_EQ(frame_alloc(pool, 1, &more), -ENOMEM);
	frame_free(pool, all);
	CHECK_EQ(frame_pool_free(pool), FRAMES);
	frame_pool_destroy(pool);
}

TEST(long_runs_are_aligned)
{
	struct frame_run one;
	struct frame_run big;

	REQUIRE(frame_pool_create(&pool, FRAMES) == 0);
	CHECK_EQ(frame_alloc(pool, 1, &one), 0);
	CHECK_EQ(frame_alloc(pool, FRAMES_2M, &big), 0);
	CHECK_EQ(big.first % FRAMES_2M, 0);
	frame_pool_destroy(pool);
}

/* Every second run of a full book given back makes the most free runs. */
TEST(the_book_of_free_runs_never_overflows)
{
	static struct frame_run run[FRAMES];
	unsigned nr = 0;
	int err = 0;

	REQUIRE(frame_pool_create(&pool, FRAMES) == 0);
	while (nr < FRAMES && !(err = frame_alloc(pool, 1, &run[nr])))
		nr++;
	CHECK_EQ(err, -ENOSPC);
	for (unsigned i = 0; i < nr; i += 2)
		frame_free(pool, run[i]);
	for (unsigned i = 1; i < nr; i += 2)
		frame_free(pool, run[i]);
	CHECK_EQ(frame_pool_free(pool), FRAMES);
	frame_pool_destroy(pool);
}

static char used[FRAMES];

/* Returns false if a frame of the run is not in the state that is left. */
static bool mark(struct frame_run r, char from, char to)
{
	for (uint64_t f = r.first; f < r.first + r.count; f++) {
		if (f >= FRAMES || used[f] != from)
			return false;
		used[f] = to;
	}
	return true;
}

TEST(random_runs_never_overlap_and_none_is_lost)
{
	struct frame_run run[RUNS] = {{0, 0}};
	uint64_t in_use = 0;

	srand(4);
	memset(used, 0, sizeof(used));
	REQUIRE(frame_pool_create(&pool, FRAMES) == 0);
	for (unsigned i = 0; i < STEPS; i++) {
		struct frame_run *r = &run[rand() % RUNS];

		if (r->count) {
			REQUIRE(mark(*r, 1, 0));
			in_use -= r->count;
			frame_free(pool, *r);
			r->count = 0;
		} else if (!frame_alloc(pool,
				   1 + (unsigned)rand() %
						   ((unsigned)rand() % 700 + 1),
				   r)) {
			REQUIRE(mark(*r, 0, 1));
			in_use += r->count;
		}
		REQUIRE(frame_pool_free(pool) == FRAMES - in_use);
	}
	frame_pool_destroy(pool);
}

TAP_MAIN(CASE(what_is_full_gives_no_more_and_takes_all_back),
	CASE(long_runs_are_aligned),
	CASE(the_book_of_free_runs_never_overflows),
	CASE(random_runs_never_overlap_and_none_is_lost))
