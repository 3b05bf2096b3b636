/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Self-paging on the host: random programs against a model without frames.
 *
 * The machine is a table: which frame each page shows, with which rights, and
 * what was done to it.
 */
/* link: servers/lib/libhurd-mm/pages.c servers/lib/libhurd-mm/region.c */
/* link: servers/lib/libhurd-mm/slots.c servers/lib/libhurd-mm/policy.c */
/* link: servers/lib/libhurd-mm/request.c */
#include <stdlib.h>
#include <string.h>

#include "servers/lib/libhurd-mm/pages.h"
#include "servers/lib/libhurd-mm/region.h"
#include "servers/lib/libhurd-mm/request.h"
#include "servers/lib/libhurd-mm/space.h"
#include "tests/tap.h"

#define RW (FPAGE_R | FPAGE_W)
#define PAGES 400u /* of the area that random programs use */
#define SLOTS 600u
#define STEPS 400000
#define NO_FRAME UINT32_MAX

/* --- the machine --- */

struct view {
	uint32_t frame;
	uint64_t gpa;
	uint64_t rights; /* 0: the page shows nothing */
	uint64_t status;
};

static struct view view[MM_AREA_PAGES];
static uint64_t frame_memory[MM_FRAMES_MAX][MM_PAGE_SIZE / 8];
static bool frame_had[MM_FRAMES_MAX];
static uint32_t frames_to_have;
static uint64_t slot_memory[SLOTS][MM_PAGE_SIZE / 8];
static bool store_fails;

static uint32_t frames_had(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < MM_FRAMES_MAX; i++)
		n += frame_had[i];
	return n;
}

bool space_frames_get(uint32_t first, uint32_t nr, TAP_UNUSED bool extra)
{
	if (frames_had() + nr > frames_to_have)
		return false;
	for (uint32_t i = first; i < first + nr; i++) {
		CHECK(!frame_had[i]);
		frame_had[i] = true;
		memset(frame_memory[i], 0, MM_PAGE_SIZE);
	}
	return true;
}

bool space_frames_put(uint32_t first)
{
	for (uint32_t page = 0; page < MM_AREA_PAGES; page++)
		CHECK(!view[page].rights || view[page].gpa ||
			view[page].frame < first);
	for (uint32_t i = first; i < first + MM_CHUNK; i++) {
		CHECK(frame_had[i]);
		frame_had[i] = false;
	}
	return true;
}

void *space_frame(uint32_t frame)
{
	return frame_memory[frame];
}

bool space_map(uint32_t page, uint32_t frame, uint64_t rights)
{
	CHECK(frame_had[frame]);
	view[page].frame = frame;
	view[page].gpa = 0;
	view[page].rights = rights;
	return true;
}

bool space_map_window(uint32_t page, uint64_t gpa, uint64_t rights)
{
	view[page] = (struct view){NO_FRAME, gpa, rights, 0};
	return true;
}

uint64_t space_revoke(uint32_t page, uint64_t rights)
{
	uint64_t status = view[page].status;

	view[page].status = 0;
	view[page].rights &= ~rights;
	return status;
}

static bool store_read(uint32_t slot, void *frame)
{
	if (!store_fails)
		memcpy(frame, slot_memory[slot], MM_PAGE_SIZE);
	return !store_fails;
}

static bool store_write(uint32_t slot, const void *frame)
{
	if (!store_fails)
		memcpy(slot_memory[slot], frame, MM_PAGE_SIZE);
	return !store_fails;
}

static const struct mm_store store = {SLOTS, store_read, store_write};

static void machine_start(
	uint32_t frames, const struct mm_policy *policy, bool with_store)
{
	memset(view, 0, sizeof(view));
	memset(frame_had, 0, sizeof(frame_had));
	frames_to_have = 4 * MM_CHUNK;
	store_fails = false;
	region_reset();
	CHECK_EQ(pages_reset(&(struct mm_setup){
			 .frames = frames,
			 .policy = policy,
			 .store = with_store ? &store : NULL,
		 }),
		MM_OK);
}

/* --- a program --- */

/* What a thread that reads or writes a word of @page gets. */
static enum mm_error touch(uint32_t page, bool write, uint64_t *word)
{
	uint64_t access = write ? FPAGE_W : FPAGE_R;
	struct view *v = &view[page];

	if (!(v->rights & access)) {
		enum mm_error error = pages_fault(page, access);

		if (error)
			return error;
		CHECK(v->rights & access);
	}
	if (v->frame == NO_FRAME)
		return MM_OK;
	v->status |= write ? FPAGE_WRITTEN : FPAGE_REFERENCED;

	uint64_t *memory = &frame_memory[v->frame][page % 512];

	if (write)
		*memory = *word;
	else
		*word = *memory;
	return MM_OK;
}

static enum mm_error range_request(
	enum request_op op, uint32_t page, uint32_t nr, uint64_t rights)
{
	return request_serve(&(struct request){
		.op = op,
		.address = MM_AREA_START + (uint64_t)page * MM_PAGE_SIZE,
		.size = (uint64_t)nr * MM_PAGE_SIZE,
		.rights = rights,
	});
}

static uint64_t read_word(uint32_t page)
{
	uint64_t word = 0;

	CHECK_EQ(touch(page, false, &word), MM_OK);
	return word;
}

static void write_word(uint32_t page, uint64_t word)
{
	CHECK_EQ(touch(page, true, &word), MM_OK);
}

static struct mm_stat stat_now(void)
{
	struct mm_stat stat;

	pages_stat(&stat);
	return stat;
}

/* --- single things --- */

TEST(more_pages_than_frames_keep_their_contents)
{
	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	for (uint32_t i = 0; i < 200; i++)
		write_word(i, 1000 + i);
	for (uint32_t i = 0; i < 200; i++)
		CHECK_EQ(read_word(i), 1000 + i);
	CHECK_EQ(stat_now().used, MM_CHUNK);
	CHECK(stat_now().written >= 200 - MM_CHUNK);
}

TEST(a_clean_page_is_not_written)
{
	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	for (uint32_t i = 0; i < 200; i++)
		CHECK_EQ(read_word(i), 0);
	CHECK_EQ(stat_now().written, 0);
	CHECK_EQ(stat_now().evicted, 200 - MM_CHUNK);
}

TEST(without_a_store_only_clean_pages_go)
{
	uint64_t word = 1;

	machine_start(MM_CHUNK, &mm_clock, false);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	for (uint32_t i = 0; i < MM_CHUNK; i++)
		write_word(i, i);
	CHECK_EQ(touch(100, true, &word), MM_ENOSPC);
	CHECK_EQ(range_request(REQUEST_UNMAP, 7, 1, 0), MM_OK);
	CHECK_EQ(touch(100, true, &word), MM_OK);
	for (uint32_t i = 0; i < MM_CHUNK; i++)
		if (i != 7)
			CHECK_EQ(read_word(i), i);
}

TEST(a_store_that_fails_loses_nothing)
{
	uint64_t word = 1;

	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	for (uint32_t i = 0; i < 100; i++)
		write_word(i, i);
	store_fails = true;
	CHECK_EQ(touch(150, true, &word), MM_EIO);
	store_fails = false;
	for (uint32_t i = 0; i < 100; i++)
		CHECK_EQ(read_word(i), i);
}

TEST(requests_are_refused_by_name)
{
	uint64_t word = 0;

	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(touch(3, false, &word), MM_ENOENT);
	CHECK_EQ(range_request(REQUEST_MAP, 3, 0, RW), MM_EINVAL);
	CHECK_EQ(range_request(REQUEST_MAP, 3, 1, 64), MM_EINVAL);
	CHECK_EQ(range_request(REQUEST_MAP, MM_AREA_PAGES - 1, 2, RW),
		MM_EINVAL);
	CHECK_EQ(range_request(REQUEST_MAP, 3, 2, FPAGE_R), MM_OK);
	CHECK_EQ(range_request(REQUEST_MAP, 4, 2, RW), MM_EEXIST);
	CHECK_EQ(touch(3, true, &word), MM_EACCESS);
	CHECK_EQ(range_request(REQUEST_PROTECT, 2, 2, RW), MM_ENOENT);
	CHECK_EQ(range_request(REQUEST_LOCK, 4, 2, 0), MM_ENOENT);
	CHECK_EQ(request_serve(&(struct request){
			 .op = REQUEST_MAP, .size = 5, .rights = RW}),
		MM_EINVAL);
	CHECK_EQ(request_serve(&(struct request){
			 .op = REQUEST_MAP, .size = MM_PAGE_SIZE, .group = 1}),
		MM_EINVAL);
	CHECK_EQ(request_serve(&(struct request){.op = 99}), MM_EINVAL);
	CHECK_EQ(request_serve(&(struct request){.op = REQUEST_SHRINK}),
		MM_ENOENT);
}

TEST(locked_pages_stay)
{
	uint64_t word = 1;

	machine_start(MM_CHUNK, &mm_mru, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	CHECK_EQ(range_request(REQUEST_LOCK, 0, MM_CHUNK - 1, 0), MM_OK);
	for (uint32_t i = 100; i < 200; i++)
		write_word(i, i);
	for (uint32_t i = 0; i < MM_CHUNK - 1; i++)
		CHECK(view[i].rights || touch(i, false, &word) == MM_OK);
	CHECK_EQ(stat_now().read, 0);
	CHECK_EQ(range_request(REQUEST_LOCK, 100, 1, 0), MM_OK);
	CHECK_EQ(touch(101, false, &word), MM_ENOMEM);
	/* What cannot be locked as a whole is not locked in part. */
	CHECK_EQ(range_request(REQUEST_LOCK, 99, 3, 0), MM_ENOMEM);
	CHECK_EQ(range_request(REQUEST_UNLOCK, 0, 1, 0), MM_OK);
	CHECK_EQ(touch(101, false, &word), MM_OK);
}

TEST(rights_follow_protect_and_writes_are_remembered)
{
	uint64_t word = 5;

	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 4, RW), MM_OK);
	write_word(1, 77);
	CHECK_EQ(range_request(REQUEST_PROTECT, 1, 1, FPAGE_R), MM_OK);
	CHECK_EQ(touch(1, true, &word), MM_EACCESS);
	CHECK_EQ(range_request(REQUEST_MAP, 10, 190, RW), MM_OK);
	for (uint32_t i = 10; i < 200; i++)
		write_word(i, i);
	CHECK_EQ(read_word(1), 77);
	CHECK_EQ(range_request(REQUEST_PROTECT, 0, 4, 0), MM_OK);
	CHECK_EQ(touch(1, false, &word), MM_EACCESS);
	CHECK_EQ(range_request(REQUEST_PROTECT, 0, 4, RW), MM_OK);
	CHECK_EQ(read_word(1), 77);
}

TEST(a_window_takes_no_frame_and_splits)
{
	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(request_serve(&(struct request){
			 .op = REQUEST_MAP_WINDOW,
			 .address = MM_AREA_START,
			 .size = 8 * MM_PAGE_SIZE,
			 .rights = RW,
			 .gpa = 0x100000,
		 }),
		MM_OK);
	CHECK_EQ(range_request(REQUEST_UNMAP, 2, 1, 0), MM_OK);
	(void)read_word(5);
	CHECK_EQ(view[5].gpa, 0x105000);
	CHECK_EQ(stat_now().used, 0);
	CHECK_EQ(touch(2, false, &(uint64_t){0}), MM_ENOENT);
}

TEST(a_group_with_a_limit_takes_nothing_from_others)
{
	unsigned group = 0;
	uint64_t before;

	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(pages_group_create(&mm_mru, 8, &group), MM_OK);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 50, RW), MM_OK);
	CHECK_EQ(request_serve(&(struct request){
			 .op = REQUEST_MAP,
			 .address = MM_AREA_START + 100 * MM_PAGE_SIZE,
			 .size = 300 * MM_PAGE_SIZE,
			 .rights = RW,
			 .group = group,
		 }),
		MM_OK);
	for (uint32_t i = 0; i < 50; i++)
		write_word(i, i);
	for (uint32_t i = 100; i < 400; i++)
		write_word(i, i);
	before = stat_now().faults;
	for (uint32_t i = 0; i < 50; i++)
		CHECK_EQ(read_word(i), i);
	CHECK_EQ(stat_now().faults, before);
	CHECK_EQ(stat_now().used, 58);
}

TEST(extra_frames_come_and_go_with_their_pages)
{
	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	CHECK_EQ(pages_grow(), MM_OK);
	CHECK_EQ(pages_grow(), MM_OK);
	for (uint32_t i = 0; i < 192; i++)
		write_word(i, i);
	CHECK_EQ(stat_now().written, 0);
	CHECK_EQ(range_request(REQUEST_LOCK, 0, 40, 0), MM_OK);
	CHECK_EQ(range_request(REQUEST_LOCK, 150, 4, 0), MM_OK);
	CHECK_EQ(pages_shrink(), MM_OK);
	CHECK_EQ(pages_shrink(), MM_OK);
	CHECK_EQ(stat_now().frames, MM_CHUNK);
	CHECK_EQ(pages_shrink(), MM_ENOENT);
	for (uint32_t i = 60; i < 150; i++)
		CHECK_EQ(read_word(i), i);

	uint64_t before = stat_now().read;

	for (uint32_t i = 150; i < 154; i++)
		CHECK_EQ(read_word(i), i);
	CHECK_EQ(stat_now().read, before); /* still locked */
}

TEST(frames_that_cannot_go_stay)
{
	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	CHECK_EQ(pages_grow(), MM_OK);
	CHECK_EQ(range_request(REQUEST_LOCK, 0, 100, 0), MM_OK);
	CHECK_EQ(pages_shrink(), MM_ENOMEM);
	CHECK_EQ(stat_now().frames, 2 * MM_CHUNK);
	CHECK_EQ(range_request(REQUEST_UNLOCK, 0, 100, 0), MM_OK);
	CHECK_EQ(pages_shrink(), MM_OK);
	frames_to_have = MM_CHUNK;
	CHECK_EQ(pages_grow(), MM_ENOMEM);
}

TEST(the_clock_gives_touched_pages_a_second_chance)
{
	machine_start(MM_CHUNK, &mm_clock, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	for (uint32_t i = 0; i < MM_CHUNK; i++)
		(void)read_word(i);
	(void)read_word(100); /* all were touched: page 0 goes */
	(void)read_word(5);
	(void)read_word(101); /* page 1 goes */
	CHECK(view[5].rights);
	for (uint32_t i = 102; i < 106; i++)
		(void)read_word(i); /* 2, 3, 4, 6 go; 5 was touched */
	CHECK(view[5].rights);
	CHECK(!view[6].rights);
}

/* --- random programs against the model --- */

struct model {
	bool exists, locked;
	uint64_t rights;
	uint64_t word;
};

static struct model model[PAGES];
static unsigned random_state;

static uint32_t any(uint32_t below)
{
	random_state = random_state * 1103515245u + 12345u;
	return (random_state >> 16) % below;
}

static uint32_t locked_pages(void)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < PAGES; i++)
		n += model[i].locked;
	return n;
}

static bool model_covers(uint32_t page, uint32_t nr)
{
	for (uint32_t i = page; i < page + nr; i++)
		if (!model[i].exists)
			return false;
	return true;
}

static void step_map(uint32_t page, uint32_t nr)
{
	static const uint64_t rights[] = {RW, RW, FPAGE_R, 0};
	uint64_t r = rights[any(4)];
	bool free = true;

	for (uint32_t i = page; i < page + nr; i++)
		free &= !model[i].exists;

	enum mm_error error = range_request(REQUEST_MAP, page, nr, r);

	if (!free)
		CHECK_EQ(error, MM_EEXIST);
	if (error)
		return;
	for (uint32_t i = page; i < page + nr; i++)
		model[i] = (struct model){true, false, r, 0};
}

static void step_unmap(uint32_t page, uint32_t nr)
{
	if (range_request(REQUEST_UNMAP, page, nr, 0))
		return; /* no region for the split */
	for (uint32_t i = page; i < page + nr; i++)
		model[i] = (struct model){0};
}

static void step_protect(uint32_t page, uint32_t nr)
{
	uint64_t r = any(2) ? RW : FPAGE_R;
	enum mm_error error = range_request(REQUEST_PROTECT, page, nr, r);

	if (!model_covers(page, nr))
		CHECK_EQ(error, MM_ENOENT);
	for (uint32_t i = page; !error && i < page + nr; i++)
		model[i].rights = r;
}

static void step_lock(uint32_t page, uint32_t nr)
{
	bool lock = any(3) == 0 && locked_pages() + nr < MM_CHUNK / 2;
	enum mm_error error = range_request(
		lock ? REQUEST_LOCK : REQUEST_UNLOCK, page, nr, 0);

	if (!model_covers(page, nr))
		CHECK_EQ(error, MM_ENOENT);
	for (uint32_t i = page; !error && i < page + nr; i++)
		model[i].locked = lock;
}

static void step_touch(uint32_t page, bool write)
{
	struct model *m = &model[page];
	uint64_t word = random_state;
	enum mm_error error = touch(page, write, &word);
	uint64_t access = write ? FPAGE_W : FPAGE_R;

	if (!m->exists)
		CHECK_EQ(error, MM_ENOENT);
	else if (!(m->rights & access))
		CHECK_EQ(error, MM_EACCESS);
	else if (error)
		CHECK(store_fails && error == MM_EIO);
	else if (write)
		m->word = word;
	else
		CHECK_EQ(word, m->word);
}

static void random_step(void)
{
	uint32_t page = any(PAGES);
	uint32_t nr = 1 + any(12);
	uint32_t kind = any(100);

	if (page + nr > PAGES)
		nr = PAGES - page;
	if (kind < 75)
		step_touch(page, kind < 40);
	else if (kind < 84)
		step_map(page, nr);
	else if (kind < 89)
		step_unmap(page, nr);
	else if (kind < 93)
		step_protect(page, nr);
	else if (kind < 97)
		step_lock(page, nr);
	else if (kind < 98)
		(void)pages_grow();
	else if (kind < 99)
		(void)pages_shrink();
	else
		store_fails = any(8) == 0;
}

static void random_program(const struct mm_policy *policy)
{
	random_state = 1;
	memset(model, 0, sizeof(model));
	machine_start(MM_CHUNK, policy, true);
	for (unsigned i = 0; i < STEPS && !tap_state.failed; i++) {
		random_step();
		CHECK(stat_now().used <= stat_now().frames);
		CHECK_EQ(stat_now().frames, frames_had());
	}
	store_fails = false;
	for (uint32_t i = 0; i < PAGES; i++)
		if (model[i].exists && (model[i].rights & FPAGE_R))
			CHECK_EQ(read_word(i), model[i].word);
	CHECK_EQ(range_request(REQUEST_UNMAP, 0, PAGES, 0), MM_OK);
	CHECK_EQ(stat_now().used, 0);
	CHECK(!region_next(0));
}

TEST(random_programs_with_the_clock)
{
	random_program(&mm_clock);
}

TEST(random_programs_with_lru)
{
	random_program(&mm_lru);
}

TEST(random_programs_with_mru)
{
	random_program(&mm_mru);
}

/* A policy that answers nonsense harms no page. */
static struct mm_frame *foolish_victim(struct mm_group *group)
{
	static struct mm_frame nobody;

	return any(3) ? mm_clock.victim(group) : any(2) ? &nobody : NULL;
}

TEST(a_foolish_policy_is_refused)
{
	static const struct mm_policy foolish = {"foolish", foolish_victim};
	uint64_t word = 9;

	machine_start(MM_CHUNK, &foolish, true);
	CHECK_EQ(range_request(REQUEST_MAP, 0, 200, RW), MM_OK);
	for (uint32_t i = 0; i < 200; i++) {
		enum mm_error error = touch(i, true, &word);

		CHECK(error == MM_OK || error == MM_ENOMEM);
	}
	CHECK_EQ(stat_now().used, MM_CHUNK);
}

TAP_MAIN(CASE(more_pages_than_frames_keep_their_contents),
	CASE(a_clean_page_is_not_written),
	CASE(without_a_store_only_clean_pages_go),
	CASE(a_store_that_fails_loses_nothing),
	CASE(requests_are_refused_by_name), CASE(locked_pages_stay),
	CASE(rights_follow_protect_and_writes_are_remembered),
	CASE(a_window_takes_no_frame_and_splits),
	CASE(a_group_with_a_limit_takes_nothing_from_others),
	CASE(extra_frames_come_and_go_with_their_pages),
	CASE(frames_that_cannot_go_stay),
	CASE(the_clock_gives_touched_pages_a_second_chance),
	CASE(random_programs_with_the_clock), CASE(random_programs_with_lru),
	CASE(random_programs_with_mru), CASE(a_foolish_policy_is_refused))
