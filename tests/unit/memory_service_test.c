/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/service.c vmm/memory/window.c vmm/memory/notice.c vmm/memory/container.c vmm/memory/reference.c vmm/memory/account.c vmm/memory/frametable.c tests/unit/contenttag.c */
/*
 * Requests of several domains, sensible and wild: whatever they ask, each sees
 * through its windows what its containers hold now, and nothing else.
 *
 * Memslots and the memfd are arrays here: what a domain sees is a number.
 */
#include "vmm/memory/service.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "tests/tap.h"
#include "tests/unit/contenttag.h"
#include "vmm/abi/container.h"
#include "vmm/abi/vmmcall.h"

#define STEPS 100000u
#define DOMAINS 3u
#define PLACES (WINDOW_SIZE / FRAME_SIZE)
#define NUMBERS 12u

/* A domain's slot: what each of its frames shows. */
struct view {
	uint32_t frame[PLACES]; /* index in the memfd + 1; 0: nothing */
	int prot[PLACES];
};

static struct view view[DOMAINS];
static struct guestmem mem[DOMAINS];
static struct memory memory;
static struct memory_domain *domain[DOMAINS];
static struct control_page page[DOMAINS];
static unsigned announced;
static struct content tags;

int content_create(
	struct content **content, struct frame_pool *pool, uint64_t count)
{
	(void)pool;
	(void)count;
	*content = &tags;
	return 0;
}

void content_destroy(struct content *content)
{
	(void)content;
}

uint64_t content_index(const struct content *content, uint64_t frame)
{
	(void)content;
	return frame;
}

int content_fd(const struct content *content)
{
	(void)content;
	return 0;
}

int memslot_add(struct guestmem *gm, gpa_t gpa, uint64_t size)
{
	(void)gm;
	return gpa.addr == WINDOW_GPA && size == WINDOW_SIZE ? 0 : -1;
}

static struct view *view_of(const struct guestmem *gm)
{
	return &view[gm - mem];
}

int memslot_put(
	struct guestmem *gm, gpa_t gpa, int fd, struct frame_run run, int prot)
{
	uint64_t place = (gpa.addr - WINDOW_GPA) / FRAME_SIZE;

	(void)fd;
	for (uint64_t i = 0; i < run.count; i++) {
		view_of(gm)->frame[place + i] = (uint32_t)(run.first + i) + 1;
		view_of(gm)->prot[place + i] = prot;
	}
	return 0;
}

int memslot_clear(struct guestmem *gm, gpa_t gpa, uint64_t count)
{
	uint64_t place = (gpa.addr - WINDOW_GPA) / FRAME_SIZE;

	for (uint64_t i = 0; i < count; i++)
		view_of(gm)->frame[place + i] = 0;
	return 0;
}

void notice_announce(struct domain *owner)
{
	CHECK(!owner);
	announced++;
}

static void begin(void)
{
	int err;

	for (unsigned d = 0; d < DOMAINS; d++)
		page[d].notice_head = page[d].notice_tail = 0;

	CHECK_EQ(memory_init(&memory, NULL, DOMAINS), 0);
	for (unsigned d = 0; d < DOMAINS; d++) {
		domain[d] = memory_join(&memory, NULL, &mem[d], &page[d], &err);
		CHECK(domain[d] != NULL);
	}
}

static void end(void)
{
	for (unsigned d = 0; d < DOMAINS; d++) {
		if (domain[d])
			memory_leave(domain[d]);
		domain[d] = NULL;
	}
	CHECK_EQ(memory.table.used, 0);
	CHECK_EQ(memory.pool.guaranteed.frames, 0);
	CHECK_EQ(memory.pool.guaranteed.runs, 0);
	for (unsigned d = 0; d < DOMAINS; d++)
		for (uint64_t i = 0; i < PLACES; i++)
			CHECK(!view[d].frame[i]);
	memory_fini(&memory);
}

/* One window shows what it should; returns how many frames it shows. */
static uint64_t check_window(unsigned d, const struct window *w)
{
	uint64_t place = (w->gpa.addr - WINDOW_GPA) / FRAME_SIZE;
	const struct reference *r = &domain[d]->holder.reference[w->ref];
	uint64_t shown = 0;

	CHECK(r->of && r->serial == w->serial);
	CHECK(!w->writable || (r->rights & REFERENCE_WRITE));
	for (uint64_t i = 0; i < w->count; i++) {
		bool own = false;
		uint32_t frame =
			container_lookup(w->container, w->start + i, &own);

		CHECK_EQ(view[d].frame[place + i], frame + 1);
		if (frame == FRAME_NONE)
			continue;
		shown++;
		CHECK(!(view[d].prot[place + i] & PROT_WRITE) ||
			(own && w->writable));
	}
	return shown;
}

static void check_views(void)
{
	for (unsigned d = 0; d < DOMAINS; d++) {
		uint64_t shown = 0, seen = 0, runs = 0;

		for (unsigned i = 0; domain[d] && i < WINDOWS_MAX; i++)
			if (domain[d]->window[i].count) {
				shown += check_window(d, &domain[d]->window[i]);
				runs += domain[d]->window[i].count;
			}
		for (uint64_t i = 0; i < PLACES; i++)
			seen += view[d].frame[i] != 0;
		CHECK_EQ(seen, shown);
		if (domain[d])
			CHECK_EQ(domain[d]->holder.account.used.runs, runs);
	}
}

static unsigned any(unsigned below)
{
	return (unsigned)random() % below;
}

/* A small number that may mean something, or seldom any at all. */
static uint64_t any_word(void)
{
	static const uint64_t wild[] = {UINT64_MAX, UINT64_C(1) << 63,
		CONTAINER_SIZE_MAX, CONTAINER_SIZE_MAX - 1, REFERENCES_MAX,
		UINT32_MAX, WINDOW_GPA, WINDOW_GPA + WINDOW_SIZE};

	return any(40) ? any(NUMBERS) : wild[any(8)];
}

static void any_request(unsigned d)
{
	uint64_t word[64] = {0}, label = CONTAINER_OP_FIRST + any(16);
	unsigned nr_words;

	for (unsigned i = 1; i < 12; i++)
		word[i] = any_word();
	if (label == CONTAINER_MAP && any(20))
		word[5] = WINDOW_GPA + any(256) * FRAME_SIZE;
	if (label == CONTAINER_UNMAP && any(20))
		word[1] = WINDOW_GPA + any(256) * FRAME_SIZE;
	/* Containers live for a while. */
	if ((label == CONTAINER_DESTROY || label == CONTAINER_LOCK) && any(6))
		return;
	(void)memory_answer(
		domain[d], domain[any(DOMAINS)], label, word, &nr_words);
	CHECK(nr_words == 3 || nr_words == 6);
}

TEST(windows_show_what_containers_hold)
{
	begin();
	for (unsigned i = 0; i < STEPS && !tap_state.failed; i++) {
		unsigned d = any(DOMAINS);
		int err;

		if (any(1000) == 0) {
			memory_leave(domain[d]);
			domain[d] = NULL;
			check_views();
			domain[d] = memory_join(
				&memory, NULL, &mem[d], &page[d], &err);
			REQUIRE(domain[d] != NULL);
		} else if (any(10) == 0) {
			(void)windows_fault(domain[d]);
		} else {
			any_request(d);
		}
		if (i % 8 == 0)
			check_views();
	}
	end();
}

static uint64_t request(unsigned d, uint64_t label, const uint64_t *arg,
	unsigned nr, uint64_t *result)
{
	uint64_t word[64] = {0};
	unsigned nr_words;
	uint64_t error;

	for (unsigned i = 0; i < nr; i++)
		word[1 + i] = arg[i];
	error = memory_answer(domain[d], domain[1], label, word, &nr_words);
	*result = word[2];
	return error;
}

#define ASK(d, label, result, ...)                         \
	request(d, label, (const uint64_t[]){__VA_ARGS__}, \
		sizeof((const uint64_t[]){__VA_ARGS__}) / 8, result)

TEST(host_mappings_end_with_their_guarantee)
{
	uint64_t ref = 0, got;

	begin();
	for (unsigned i = 0; i < DOMAIN_RUNS / 256; i++) {
		if (i % WINDOWS_OVERLAP_MAX == 0)
			CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 256, 0),
				VMM_OK);
		CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 256, 1,
				 WINDOW_GPA + i * 256 * FRAME_SIZE),
			VMM_OK);
	}
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 256, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 1,
			 WINDOW_GPA + DOMAIN_RUNS * FRAME_SIZE),
		VMM_ENOSPC_RUNS);
	end();
}

TEST(windows_are_limited_in_number)
{
	uint64_t ref, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 256, 0), VMM_OK);
	for (unsigned i = 0; i < WINDOWS_MAX; i++)
		CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, i, 1, 1,
				 WINDOW_GPA + i * FRAME_SIZE),
			VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, WINDOWS_MAX, 1, 1,
			 WINDOW_GPA + WINDOWS_MAX * FRAME_SIZE),
		VMM_ENOSLOT);
	end();
}

TEST(few_windows_show_the_same_frame)
{
	uint64_t ref, there, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 256, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 3, 0), VMM_OK);
	for (unsigned i = 0; i < WINDOWS_OVERLAP_MAX; i++)
		CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, i, 10, 1,
				 WINDOW_GPA + i * 10 * FRAME_SIZE),
			VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 9, 1, 1, WINDOW_GPA),
		VMM_ENOSLOT);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 20, 1, 1, WINDOW_GPA),
		VMM_OK);
	end();
}

TEST(a_lock_takes_the_windows_of_others)
{
	uint64_t ref, there, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 2, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 3, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 2, 3, WINDOW_GPA), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 0, 2, 3, WINDOW_GPA),
		VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_LOCK, &got, there, 1), VMM_OK);
	CHECK_EQ(view[0].frame[0], 0);
	CHECK(view[1].frame[0] != 0);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 2, 3, WINDOW_GPA),
		VMM_EBUSY);
	CHECK_EQ(ASK(1, CONTAINER_UNLOCK, &got, there), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 2, 3, WINDOW_GPA), VMM_OK);
	end();
}

static void notices_are_read(unsigned d)
{
	page[d].notice_tail = page[d].notice_head;
	page[d].notice_lost = 0;
}

static bool is_notice(
	uint64_t notice, uint64_t i, uint64_t count, uint64_t rights)
{
	return notice == (count << NOTICE_FRAMES_SHIFT |
				 (WINDOW_GPA + i * FRAME_SIZE) | rights);
}

TEST(what_goes_is_told)
{
	uint64_t ref, got;

	begin();
	announced = 0;
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 8, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 8, 3, WINDOW_GPA), VMM_OK);
	CHECK_EQ(page[0].notice_head, 0);
	CHECK_EQ(ASK(0, CONTAINER_DEALLOCATE, &got, ref, 2, 3, 0), VMM_OK);
	CHECK_EQ(page[0].notice_head, 1);
	CHECK(is_notice(page[0].notice[0], 2, 3, NOTICE_ALL));
	CHECK_EQ(ASK(0, CONTAINER_UNMAP, &got, WINDOW_GPA), VMM_OK);
	CHECK_EQ(page[0].notice_head, 2);
	CHECK(is_notice(page[0].notice[1], 0, 8, NOTICE_ALL));
	CHECK_EQ(page[1].notice_head, 0);
	CHECK_EQ(announced, 2);
	end();
}

TEST(a_fault_is_answered_by_what_there_is_not)
{
	uint64_t ref, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 8, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 8, 1,
			 WINDOW_GPA + 4 * FRAME_SIZE),
		VMM_OK);
	CHECK_EQ(windows_fault(domain[0]), FAULT_TOLD);
	CHECK_EQ(page[0].notice_head, 3);
	CHECK(is_notice(page[0].notice[0], 0, 4, NOTICE_ALL));
	CHECK(is_notice(page[0].notice[1], 4, 8, NOTICE_WRITE));
	CHECK(is_notice(page[0].notice[2], 12, PLACES - 12, NOTICE_ALL));
	end();
}

TEST(a_ring_that_is_not_read_loses_notices_and_says_so)
{
	uint64_t ref, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 1, 0), VMM_OK);
	for (unsigned i = 0; i <= NOTICES; i++) {
		CHECK_EQ(page[0].notice_lost, 0);
		CHECK_EQ(page[0].notice_head, i);
		CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 1, WINDOW_GPA),
			VMM_OK);
		CHECK_EQ(ASK(0, CONTAINER_UNMAP, &got, WINDOW_GPA), VMM_OK);
	}
	CHECK_EQ(page[0].notice_lost, 1);
	CHECK_EQ(page[0].notice_head, NOTICES);
	/* A tail that was never there is no room either. */
	page[0].notice_lost = 0;
	page[0].notice_tail = NOTICES + 1;
	CHECK_EQ(windows_fault(domain[0]), FAULT_TOLD);
	CHECK_EQ(windows_fault(domain[0]), FAULT_TOLD);
	CHECK_EQ(page[0].notice_lost, 1);
	CHECK_EQ(page[0].notice_head, NOTICES);
	end();
}

TEST(a_domain_that_faults_in_vain_is_found)
{
	uint64_t ref, got;

	begin();
	for (unsigned i = 0; i < NOTICE_FAULTS_MAX; i++) {
		CHECK_EQ(windows_fault(domain[0]), FAULT_TOLD);
		notices_are_read(0);
	}
	CHECK_EQ(windows_fault(domain[0]), FAULT_LOOP);
	notice_progress(domain[0]);
	CHECK_EQ(windows_fault(domain[0]), FAULT_TOLD);
	notices_are_read(0);
	/* What others take away is not held against it. */
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, 1, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 1, 0), VMM_OK);
	for (unsigned i = 0; i <= NOTICE_FAULTS_MAX; i++) {
		CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 1, WINDOW_GPA),
			VMM_OK);
		CHECK_EQ(ASK(0, CONTAINER_UNMAP, &got, WINDOW_GPA), VMM_OK);
		CHECK_EQ(windows_fault(domain[0]), FAULT_TOLD);
		notices_are_read(0);
	}
	end();
}

TAP_MAIN(CASE(what_goes_is_told),
	CASE(a_fault_is_answered_by_what_there_is_not),
	CASE(a_ring_that_is_not_read_loses_notices_and_says_so),
	CASE(a_domain_that_faults_in_vain_is_found),
	CASE(windows_show_what_containers_hold),
	CASE(host_mappings_end_with_their_guarantee),
	CASE(windows_are_limited_in_number),
	CASE(few_windows_show_the_same_frame),
	CASE(a_lock_takes_the_windows_of_others))
