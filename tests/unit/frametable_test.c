/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/container.c vmm/memory/account.c vmm/memory/frametable.c tests/unit/contenttag.c */
/*
 * Free frames: blocks of 2 MiB stay whole for requests that fill them, and none
 * is lost whatever order frames come and go in.
 */
#include "vmm/memory/frametable.h"

#include <stdlib.h>

#include "tests/tap.h"
#include "tests/unit/contenttag.h"
#include "vmm/memory/container.h"

#define BLOCK ((uint32_t)FRAMES_2M)
#define BLOCKS 4u
#define REST 100u
#define FRAMES (BLOCKS * BLOCK + REST)
#define STEPS 200000

static struct content content;
static struct frame_table table;
static struct account_pool pool;
static struct account account;

static void begin(void)
{
	const struct account_amount all = {FRAMES, 0};

	CHECK_EQ(frame_table_init(&table, FRAMES, &content), 0);
	pool = (struct account_pool){.total = all};
	account_open(&account, &pool);
	CHECK_EQ(account_admit(&account, all), 0);
}

static struct container *with(uint64_t start, uint64_t count)
{
	struct container *c = container_new(&table, &account);

	container_expect(c, start + count);
	CHECK_EQ(container_allocate(c, start, &count, 0), 0);
	return c;
}

static uint32_t place(const struct container *c, uint64_t number)
{
	bool writable;

	return container_lookup(c, number, &writable);
}

/* Its numbers [@group * BLOCK, + BLOCK) are an aligned run. */
static bool is_large(const struct container *c, uint64_t group)
{
	uint32_t first = place(c, group * BLOCK);

	for (uint32_t i = 0; i < BLOCK; i++)
		if (place(c, group * BLOCK + i) != first + i)
			return false;
	return first % BLOCK == 0;
}

TEST(a_large_request_gets_aligned_runs)
{
	begin();

	struct container *small = with(0, 3);
	struct container *large = with(0, 2 * FRAMES_2M + 7);

	CHECK(is_large(large, 0));
	CHECK(is_large(large, 1));
	/* One behind the other: one host mapping shows both. */
	CHECK_EQ(place(large, BLOCK), place(large, 0) + BLOCK);
	container_free(small);
	container_free(large);
	CHECK_EQ(table.used, 0);
	frame_table_fini(&table);
}

TEST(groups_lie_at_numbers_that_are_aligned)
{
	begin();

	struct container *c = with(100, 2 * FRAMES_2M);

	CHECK(is_large(c, 1));
	CHECK(!is_large(c, 0));
	CHECK(!is_large(c, 2));
	container_free(c);
	frame_table_fini(&table);
}

TEST(small_requests_leave_whole_blocks_alone)
{
	struct container *small[8], *large;

	begin();
	for (unsigned i = 0; i < 8; i++)
		small[i] = with(0, REST / 10);
	large = with(0, BLOCKS * FRAMES_2M);
	for (unsigned i = 0; i < BLOCKS; i++)
		CHECK(is_large(large, i));
	for (unsigned i = 0; i < 8; i++)
		container_free(small[i]);
	container_free(large);
	frame_table_fini(&table);
}

/* A request in pieces, with others in between. */
TEST(what_is_taken_meanwhile_comes_from_elsewhere)
{
	struct container *large, *other;
	uint64_t n;

	begin();
	large = container_new(&table, &account);
	other = with(0, 1);
	container_expect(large, BLOCK);
	for (uint64_t at = 0; at < BLOCK; at += 32) {
		n = 32;
		CHECK_EQ(container_allocate(large, at, &n, 0), 0);
		n = 2;
		CHECK_EQ(container_allocate(other, 1 + at / 16, &n, 0), 0);
	}
	CHECK(is_large(large, 0));
	container_free(large);
	container_free(other);
	frame_table_fini(&table);
}

TEST(what_is_asked_for_together_passes_over_small_holes)
{
	struct container *first, *second;
	uint64_t one = 1;

	begin();
	first = with(0, 32);
	CHECK_EQ(container_deallocate(first, 5, &one, 0), 0);
	second = with(0, 16);
	for (unsigned i = 1; i < 16; i++)
		CHECK_EQ(place(second, i), place(second, 0) + i);
	one = 1;
	container_expect(second, 0);
	CHECK_EQ(container_allocate(second, 100, &one, 0), 0);
	CHECK_EQ(place(second, 100), place(first, 4) + 1);
	container_free(first);
	container_free(second);
	frame_table_fini(&table);
}

TEST(without_whole_blocks_any_frames_will_do)
{
	struct container *c[BLOCKS + 1];
	uint64_t one = 1;

	begin();
	for (unsigned i = 0; i < BLOCKS; i++)
		c[i] = with(0, BLOCK);
	for (unsigned i = 0; i < BLOCKS; i++) {
		CHECK_EQ(container_deallocate(c[i], 5, &one, 0), 0);
		one = BLOCK / 4;
		CHECK_EQ(container_deallocate(c[i], 32, &one, 0), 0);
		one = 1;
	}
	c[BLOCKS] = with(0, BLOCK);
	CHECK(!is_large(c[BLOCKS], 0));
	for (unsigned i = 0; i <= BLOCKS; i++)
		container_free(c[i]);
	CHECK_EQ(table.used, 0);
	frame_table_fini(&table);
}

TEST(no_frame_is_lost_or_given_twice)
{
	static bool taken[FRAMES];
	uint32_t nr = 0;

	begin();
	srandom(1);
	for (unsigned i = 0; i < STEPS; i++) {
		uint32_t wanted = (uint32_t)random() % (FRAMES + 1);
		uint32_t frame;

		if (wanted < FRAMES && taken[wanted] && random() % 8) {
			frame_put(&table, wanted);
			taken[wanted] = false;
			nr--;
			continue;
		}
		if (wanted == FRAMES)
			wanted = FRAME_NONE;
		frame = frame_take(&table, wanted,
			random() % 2 ? FRAMES_2M : 1 + (uint64_t)random() % 64);
		CHECK(nr < FRAMES ? frame < FRAMES && !taken[frame]
				  : frame == FRAME_NONE);
		if (frame != FRAME_NONE) {
			taken[frame] = true;
			nr++;
		}
		CHECK_EQ(table.used, nr);
	}
	while (frame_take(&table, FRAME_NONE, 1) != FRAME_NONE)
		nr++;
	CHECK_EQ(nr, FRAMES);
	frame_table_fini(&table);
}

TAP_MAIN(CASE(a_large_request_gets_aligned_runs),
	CASE(groups_lie_at_numbers_that_are_aligned),
	CASE(small_requests_leave_whole_blocks_alone),
	CASE(what_is_taken_meanwhile_comes_from_elsewhere),
	CASE(what_is_asked_for_together_passes_over_small_holes),
	CASE(without_whole_blocks_any_frames_will_do),
	CASE(no_frame_is_lost_or_given_twice))
