/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A task that pages itself: libhurd-mm with a domain's frames, sigma0 and real
 * faults.  The backing store is memory of the task.
 */
#include <string.h>

#include "servers/lib/libhurd-mm/mm.h"
#include "servers/lib/libhurd-mm/policy.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/tap.h"

#define FRAMES MM_CHUNK
#define PAGES 200u
#define SLOTS 400u
#define RW (FPAGE_R | FPAGE_W)
#define WINDOW_FAR (WINDOW_GPA + UINT64_C(0x1800000)) /* behind the frames */

static uint8_t stored[SLOTS][MM_PAGE_SIZE];
static uint8_t stack[4096] __attribute__((aligned(16)));

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

static volatile uint64_t *word_of(void *region, unsigned page)
{
	return (volatile uint64_t *)((char *)region +
				     (size_t)page * MM_PAGE_SIZE);
}

static void *region_make(unsigned pages, uint64_t rights, unsigned group)
{
	void *region = NULL;

	CHECK_EQ(mm_map(&region, (size_t)pages * MM_PAGE_SIZE, rights, group),
		MM_OK);
	return region;
}

static void region_end(void *region, unsigned pages)
{
	CHECK_EQ(mm_unmap(region, (size_t)pages * MM_PAGE_SIZE), MM_OK);
}

static struct mm_stat stat_now(void)
{
	struct mm_stat stat = {0};

	CHECK_EQ(mm_stat(&stat), MM_OK);
	return stat;
}

TEST(it_starts)
{
	enum mm_error started;

	CHECK_EQ(mm_start(&(struct mm_setup){.frames = FRAMES + 1,
			 .gpa = WINDOW_GPA,
			 .policy = &mm_clock}),
		MM_EINVAL);
	started = mm_start(&(struct mm_setup){
		.frames = FRAMES,
		.gpa = WINDOW_GPA,
		.policy = &mm_clock,
		.store = &store,
	});
	CHECK_EQ(started, MM_OK);
	REQUIRE(started == MM_OK);
	CHECK_EQ(stat_now().frames, FRAMES);
}

TEST(pages_are_zero_and_keep_what_is_written)
{
	void *region = region_make(PAGES, RW, 0);

	for (unsigned i = 0; i < PAGES; i++) {
		CHECK_EQ(*word_of(region, i), 0);
		*word_of(region, i) = 1000 + i;
	}
	for (unsigned i = 0; i < PAGES; i++)
		CHECK_EQ(*word_of(region, i), 1000 + i);
	CHECK_EQ(stat_now().used, FRAMES);
	CHECK(stat_now().read >= PAGES - FRAMES);
	region_end(region, PAGES);
	CHECK_EQ(stat_now().used, 0);
}

TEST(clean_pages_are_not_written_again)
{
	void *region = region_make(PAGES, RW, 0);
	uint64_t sum = 0, written;

	for (unsigned i = 0; i < PAGES; i++)
		*word_of(region, i) = i;
	for (unsigned i = 0; i < PAGES; i++)
		sum += *word_of(region, i);
	written = stat_now().written;
	for (unsigned i = 0; i < PAGES; i++)
		sum += *word_of(region, i);
	CHECK_EQ(stat_now().written, written);
	CHECK_EQ(sum, PAGES * (PAGES - 1));
	region_end(region, PAGES);
}

TEST(locked_pages_do_not_fault)
{
	void *region = region_make(PAGES, RW, 0);
	uint64_t faults;

	CHECK_EQ(mm_lock(region, 16 * MM_PAGE_SIZE), MM_OK);
	for (unsigned i = 0; i < 16; i++)
		*word_of(region, i) = i;
	for (unsigned i = 16; i < PAGES; i++)
		*word_of(region, i) = i;
	faults = stat_now().faults;
	for (unsigned i = 0; i < 16; i++)
		CHECK_EQ(*word_of(region, i), i);
	CHECK_EQ(stat_now().faults, faults);
	CHECK_EQ(mm_unlock(region, 16 * MM_PAGE_SIZE), MM_OK);
	region_end(region, PAGES);
}

TEST(extra_frames_help_and_go_back)
{
	void *region = region_make(2 * FRAMES, RW, 0);
	uint64_t faults;

	CHECK_EQ(mm_grow(), MM_OK);
	for (unsigned i = 0; i < 2 * FRAMES; i++)
		*word_of(region, i) = i;
	faults = stat_now().faults;
	for (unsigned i = 0; i < 2 * FRAMES; i++)
		CHECK_EQ(*word_of(region, i), i);
	CHECK_EQ(stat_now().faults, faults);
	CHECK_EQ(mm_shrink(), MM_OK);
	CHECK_EQ(stat_now().frames, FRAMES);
	for (unsigned i = 0; i < 2 * FRAMES; i++)
		CHECK_EQ(*word_of(region, i), i);
	CHECK_EQ(mm_shrink(), MM_ENOENT);
	region_end(region, 2 * FRAMES);
}

/* Reads the index at random between scans; returns the faults of all that. */
static uint64_t scan_and_look_up(void *table, void *index)
{
	uint64_t before = stat_now().faults, state = 1, sum = 0;

	for (unsigned scan = 0; scan < 4; scan++)
		for (unsigned i = 0; i < PAGES; i++) {
			sum += *word_of(table, i);
			state = state * 6364136223846793005u + 1;
			sum += *word_of(index, (unsigned)(state >> 33) % 32);
		}
	CHECK_EQ(sum, 0);
	return stat_now().faults - before;
}

TEST(a_policy_of_its_own_beats_the_default)
{
	void *table = region_make(PAGES, FPAGE_R, 0);
	void *index = region_make(32, FPAGE_R, 0);
	uint64_t with_default = scan_and_look_up(table, index);
	unsigned group;

	region_end(table, PAGES);
	region_end(index, 32);
	CHECK_EQ(mm_group_create(&mm_mru, FRAMES - 32, &group), MM_OK);
	table = region_make(PAGES, FPAGE_R, group);
	index = region_make(32, FPAGE_R, 0);

	uint64_t with_own = scan_and_look_up(table, index);

	print("# faults: %lu with the clock, %lu with two groups\n",
		with_default, with_own);
	CHECK(with_own < with_default);
	region_end(table, PAGES);
	region_end(index, 32);
}

TEST(a_window_of_a_container_is_a_region)
{
	uint64_t ref = 0;
	void *region = NULL;

	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, 2, 0), VMM_OK);
	CHECK_EQ(container_map(ref, 0, 2,
			 CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, WINDOW_FAR,
			 NULL),
		VMM_OK);
	CHECK_EQ(mm_map_window(&region, 2 * MM_PAGE_SIZE, RW, WINDOW_FAR),
		MM_OK);
	*word_of(region, 1) = 42;
	CHECK_EQ(*(volatile uint64_t *)(WINDOW_FAR + MM_PAGE_SIZE), 42);
	region_end(region, 2);
	CHECK_EQ(container_unmap(WINDOW_FAR, 2), VMM_OK);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
}

static void *shared;
static volatile uint64_t seen;

static void second_thread(void *arg)
{
	mm_adopt();
	for (unsigned i = 0; i < PAGES; i++)
		*word_of(shared, i) += 1;
	seen = PAGES;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(*(thread_id_t *)arg);
}

TEST(two_threads_fault_in_turn)
{
	thread_id_t self = L4_MyGlobalId();
	thread_id_t other;

	shared = region_make(PAGES, RW, 0);
	other = thread_create(second_thread, &self, stack, sizeof(stack));
	REQUIRE(!thread_id_is_nil(other));
	for (unsigned i = PAGES; i-- > 0;)
		__atomic_add_fetch(word_of(shared, i), 1, __ATOMIC_RELAXED);
	CHECK(!msgtag_failed(
		L4_Receive_Timeout(other, L4_TimePeriod(2000000))));
	CHECK_EQ(seen, PAGES);
	for (unsigned i = 0; i < PAGES; i++)
		CHECK_EQ(*word_of(shared, i), 2);
	region_end(shared, PAGES);
}

TAP_MAIN(CASE(it_starts), CASE(pages_are_zero_and_keep_what_is_written),
	CASE(clean_pages_are_not_written_again),
	CASE(locked_pages_do_not_fault), CASE(extra_frames_help_and_go_back),
	CASE(a_policy_of_its_own_beats_the_default),
	CASE(a_window_of_a_container_is_a_region),
	CASE(two_threads_fault_in_turn))
