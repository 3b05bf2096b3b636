/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/memory/service.c vmm/memory/job.c vmm/memory/operation.c vmm/memory/operation_copy.c vmm/memory/operation_frames.c vmm/memory/operation_lock.c vmm/memory/operation_map.c vmm/memory/operation_revoke.c vmm/memory/piece.c vmm/memory/accounts.c vmm/memory/control.c vmm/memory/policy.c vmm/memory/reclaim.c vmm/memory/window.c vmm/memory/window_fault.c vmm/memory/window_put.c vmm/memory/notice.c vmm/memory/dma.c vmm/memory/container.c vmm/memory/reference.c vmm/memory/account.c vmm/memory/frametable.c tests/unit/contenttag.c tests/unit/contentpool.c */
/*
 * Requests of several domains, sensible and wild: whatever they ask, each sees
 * through its windows what its containers hold now, and nothing else.
 *
 * Memslots and the memfd are arrays here: what a domain sees is a number.
 */
#include "vmm/memory/service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/tap.h"
#include "tests/unit/contentpool.h"
#include "tests/unit/slotview.h"
#include "vmm/abi/container.h"
#include "vmm/abi/vmmcall.h"
#include "vmm/memory/policy.h"

#define FAULTS 4711u
#define STEPS 100000u
#define DOMAINS 3u
#define NUMBERS 12u
#define DOMAIN_FRAMES 4096u
#define DOMAIN_RUNS 4096u

static struct memory_share each = {.ram = 8,
	.guaranteed = DOMAIN_FRAMES,
	.extra = 256,
	.runs = DOMAIN_RUNS,
	.share = 3,
	.may_control = true};
static struct memory_share all = {
	.guaranteed = DOMAINS * DOMAIN_FRAMES,
	.extra = 256,
	.runs = DOMAINS * DOMAIN_RUNS,
};

static struct view view[DOMAINS];
static struct guestmem mem[DOMAINS];
static struct memory memory;
static struct memory_domain *domain[DOMAINS];
static struct control_page page[DOMAINS];
static unsigned announced;
static unsigned mappings; /* of the host, made so far */
static struct {
	int irq;
	uint64_t frames, us;
	unsigned nr;
} asked;
static int notified; /* by reclaim_notify */
static uint64_t balloon_wanted;

int memslot_add(struct guestmem *gm, gpa_t gpa, uint64_t size)
{
	(void)gm;
	return gpa.addr == WINDOW_GPA && size == WINDOW_SIZE ? 0 : -1;
}

static struct view *view_of(const struct guestmem *gm)
{
	return &view[gm - mem];
}

uint64_t memslot_run(gpa_t gpa, struct frame_run run)
{
	(void)gpa;
	return run.count;
}

int memslot_put(
	struct guestmem *gm, gpa_t gpa, int fd, struct frame_run run, int prot)
{
	(void)fd;
	mappings++;
	view_put(view_of(gm), gpa, run, prot);
	return 0;
}

bool memslot_shows(
	const struct guestmem *gm, gpa_t gpa, struct frame_run run, int prot)
{
	return view_shows(view_of(gm), gpa, run, prot);
}

void memslot_drop(struct guestmem *gm, gpa_t gpa, uint64_t count)
{
	(void)gm;
	(void)gpa;
	(void)count;
}

int memslot_clear(struct guestmem *gm, gpa_t gpa, uint64_t count)
{
	mappings++;
	view_clear(view_of(gm), gpa, count);
	return 0;
}

void notice_announce(struct domain *owner)
{
	CHECK(!owner);
	announced++;
}

void reclaim_ask(struct domain *owner, int irq, uint64_t frames, uint64_t us)
{
	CHECK(!owner);
	asked.irq = irq;
	asked.frames = frames;
	asked.us = us;
	asked.nr++;
}

static bool is_there = true;

bool reclaim_is_there(const struct domain *owner)
{
	CHECK(!owner);
	return is_there;
}

void reclaim_notify(struct domain *owner, int irq)
{
	CHECK(!owner);
	notified = irq;
}

void reclaim_balloon(struct domain *owner, uint64_t pages)
{
	CHECK(!owner);
	balloon_wanted = pages;
}

uint64_t policy_faults(struct domain *owner)
{
	CHECK(!owner);
	return FAULTS;
}

uint64_t reclaim_left_us(const struct domain *owner)
{
	CHECK(!owner);
	return 77;
}

static void begin(void)
{
	int err;

	for (unsigned d = 0; d < DOMAINS; d++)
		page[d].notice_head = page[d].notice_tail =
			page[d].notice_lost = 0;

	CHECK_EQ(memory_init(&memory, NULL, &all), 0);
	for (unsigned d = 0; d < DOMAINS; d++) {
		domain[d] = memory_join(
			&memory, NULL, d, &mem[d], &page[d], &each, &err);
		CHECK(domain[d] != NULL);
	}
}

/* Requests of devices under way. */
static struct transfer {
	struct dma *of;
	struct iovec iov;
} transfer[8];

#define TRANSFERS (sizeof(transfer) / sizeof(transfer[0]))

static void transfer_end(struct transfer *t)
{
	if (t->of)
		dma_give_back(t->of, &t->iov);
	t->of = NULL;
}

/* Whoever leaves waits for the requests on what it has or had locked. */
static void leave(unsigned d)
{
	for (unsigned i = 0; memory_leave(domain[d]) != MEMORY_DONE; i++)
		transfer_end(&transfer[i % TRANSFERS]);
	domain[d] = NULL;
}

static void end(void)
{
	for (unsigned i = 0; i < TRANSFERS; i++)
		transfer_end(&transfer[i]);
	for (unsigned d = 0; d < DOMAINS; d++) {
		leave(d);
	}
	CHECK_EQ(memory.table.used, 0);
	CHECK_EQ(memory.absent.guaranteed.frames, all.guaranteed);
	CHECK_EQ(memory.absent.guaranteed.runs, all.runs);
	CHECK_EQ(memory.pool.committed, all.guaranteed);
	for (unsigned d = 0; d < DOMAINS; d++)
		for (uint64_t i = 0; i < PLACES; i++)
			CHECK(!view[d].frame[i]);
	memory_fini(&memory);
}

static bool any_job(void)
{
	for (unsigned d = 0; d < DOMAINS; d++)
		if (domain[d] && domain[d]->job.state != JOB_NONE)
			return true;
	return false;
}

/* Some windows show what is lent before their container has it, or let it be
 * written yet, or show nothing where a frame is about to go or has just come. */
static bool is_pending(const struct window *w, uint32_t shown, int prot)
{
	const struct memory_domain *busy = w->shared->busy;
	const struct job *job = busy ? &busy->job : NULL;

	if (!job || !job->pending)
		return false;
	if (job->label != CONTAINER_COPY &&
		job->label != CONTAINER_COPY_GATHER &&
		job->label != CONTAINER_COPY_SCATTER)
		return !shown;
	return shown > job->first && shown <= job->first + job->pending &&
	       (w->container == job->from || prot == PROT_READ);
}

/* One window shows what it should; returns how many frames it shows. */
static uint64_t check_window(unsigned d, const struct window *w)
{
	uint64_t place = (w->gpa.addr - WINDOW_GPA) / FRAME_SIZE;
	const struct reference *r = &domain[d]->holder.reference[w->ref];
	uint64_t shown = 0, count = w->count;

	/* Some piece of a revocation takes it out, if its reference is gone. */
	CHECK((r->of && r->serial == w->serial) || any_job());
	CHECK(!w->writable || !r->of || any_job() ||
		(r->rights & REFERENCE_WRITE));
	if (w == domain[d]->job.window && domain[d]->job.state == JOB_RUNS &&
		domain[d]->job.label == CONTAINER_MAP)
		count = domain[d]->job.at - w->start; /* so far */
	for (uint64_t i = 0; i < count; i++) {
		bool own = false;
		uint32_t frame =
			container_lookup(w->container, w->start + i, &own);

		if (is_pending(w, view[d].frame[place + i],
			    view[d].prot[place + i])) {
			shown += view[d].frame[place + i] != 0;
			continue;
		}
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

/* What a device can reach or is at work on is one container's, and its alone. */
static void check_pins(void)
{
	for (unsigned d = 0; d < DOMAINS; d++)
		for (unsigned i = 0; i < DMA_RUNS; i++) {
			const struct dma_run *r = &mem[d].dma.run[i];
			bool own, found = false;

			if (!r->container)
				continue;
			CHECK(container_is_pinned(r->container));
			for (uint32_t n = 0; n < r->count; n++)
				CHECK_EQ(memory.table.references[r->first + n],
					1);
			for (uint64_t n = 0; n < 2 * NUMBERS && !found; n++)
				found = container_lookup(r->container, n,
						&own) == r->first;
			CHECK(found);
		}
}

static unsigned any(unsigned below)
{
	return (unsigned)random() % below;
}

/* A small number that may mean something, or seldom any at all. */
static uint64_t any_word(void)
{
	static const uint64_t wild[] = {100, 500, UINT64_MAX, UINT64_C(1) << 63,
		CONTAINER_SIZE_MAX, CONTAINER_SIZE_MAX - 1, REFERENCES_MAX,
		UINT32_MAX, WINDOW_GPA, WINDOW_GPA + WINDOW_SIZE};

	return any(40) ? any(NUMBERS) : wild[any(10)];
}

static void any_request(unsigned d)
{
	uint64_t word[64] = {0}, label = CONTAINER_OP_FIRST + any(29);

	for (unsigned i = 1; i < 12; i++)
		word[i] = any_word();
	if (label == CONTAINER_MAP && any(20))
		word[5] = WINDOW_GPA + any(256) * FRAME_SIZE;
	if (label == CONTAINER_UNMAP && any(20))
		word[1] = WINDOW_GPA + any(256) * FRAME_SIZE;
	/* Containers live for a while. */
	if ((label == CONTAINER_DESTROY || label == CONTAINER_LOCK ||
		    label == CONTAINER_LOCK_PHYSICAL) &&
		any(6))
		return;
	memory_request(domain[d], domain[any(DOMAINS)], label, word);
}

/* A piece of the request under way, or a new one. */
static void go_on(unsigned d)
{
	uint64_t word[64];
	unsigned nr_words;

	if (domain[d]->job.state == JOB_NONE)
		any_request(d);
	if (domain[d]->job.state == JOB_NONE ||
		memory_step(domain[d]) != MEMORY_DONE)
		return;
	(void)memory_reply(domain[d], word, &nr_words);
	CHECK(nr_words >= 3 && nr_words <= 3 + 2 * CONTAINER_PHYSICAL_MAX);
}

/* A request of a device begins or ends. */
static void any_transfer(unsigned d)
{
	struct transfer *t = &transfer[any(TRANSFERS)];
	const struct dma_run *r = &mem[d].dma.run[any(4)];
	gpa_t at = {DMA_ADDRESS + r->first * FRAME_SIZE};

	if (t->of)
		transfer_end(t);
	else if (dma_take(&mem[d].dma, at, FRAME_SIZE, any(2), &t->iov) == 0)
		t->of = &mem[d].dma;
}

static void any_fault(unsigned d)
{
	gpa_t at = {WINDOW_GPA + any(256) * FRAME_SIZE};

	if (any(2))
		(void)windows_fault(domain[d]);
	else
		(void)window_fault(domain[d], at, any(2));
}

TEST(windows_show_what_containers_hold)
{
	begin();
	for (unsigned i = 0; i < STEPS && !tap_state.failed; i++) {
		unsigned d = any(DOMAINS);
		int err;

		if (any(1000) == 0) {
			leave(d);
			check_views();
			domain[d] = memory_join(&memory, NULL, d, &mem[d],
				&page[d], &each, &err);
			REQUIRE(domain[d] != NULL);
		} else if (any(6) == 0) {
			any_transfer(d);
		} else if (any(10) == 0 && domain[d]->job.state == JOB_NONE) {
			any_fault(d);
		} else {
			go_on(d);
		}
		if (i % 8 == 0)
			check_views();
		check_pins();
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
	memory_request(domain[d], domain[1], label, word);
	while (memory_step(domain[d]) != MEMORY_DONE)
		;
	error = memory_reply(domain[d], word, &nr_words);
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
	CHECK_EQ(got, CONTAINER_MAP_READ | CONTAINER_MAP_WRITE);
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

/* Domain 0's frame @number of @ref. */
static uint64_t *tag_of(uint64_t ref, uint64_t number)
{
	bool own;

	return &content_tags.tag[container_lookup(
		domain[0]->holder.reference[ref].of->container, number, &own)];
}

TEST(gather_and_scatter_take_frames_in_the_order_given)
{
	uint64_t from, to, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &from, 4, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &to, 5, 0), VMM_OK);
	*tag_of(from, 0) = 10;
	*tag_of(from, 3) = 13;
	CHECK_EQ(ASK(0, CONTAINER_COPY_GATHER, &got, from, to, 0, 3, 3, 0, 3),
		VMM_OK);
	CHECK_EQ(*tag_of(to, 0), 13);
	CHECK_EQ(*tag_of(to, 1), 10);
	CHECK_EQ(*tag_of(to, 2), 13);
	CHECK_EQ(ASK(0, CONTAINER_COPY_SCATTER, &got, from, 2, to, 2, 4, 3),
		VMM_OK);
	CHECK_EQ(*tag_of(to, 3), 13);
	CHECK_EQ(*tag_of(to, 4), 0);
	CHECK_EQ(got, 0);
	end();
}

TEST(copies_are_refused_and_say_what_is_missing)
{
	uint64_t from, to, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &from, 4, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &to, 3, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_COPY_GATHER, &got, from, to, 0, 2, 0, 9),
		VMM_ENOENT);
	CHECK_EQ(got, 9);
	CHECK_EQ(ASK(0, CONTAINER_COPY_GATHER, &got, from, to, 1, 3, 0, 1, 2),
		VMM_ENOMEM);
	CHECK_EQ(got, 3);
	CHECK_EQ(ASK(0, CONTAINER_COPY_GATHER, &got, to, to, 0, 1, 1),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_COPY_GATHER, &got, from, to, 0, 57),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_COPY_SCATTER, &got, from, 3, to, 2, 0, 1),
		VMM_ENOENT);
	CHECK_EQ(got, 4);
	CHECK_EQ(ASK(0, CONTAINER_COPY_SCATTER, &got, from, 0, to, 1,
			 UINT64_MAX),
		VMM_ENOMEM);
	CHECK_EQ(got, UINT64_MAX);
	CHECK_EQ(ASK(0, CONTAINER_COPY, &got, from, 0, from, 1, 2), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_COPY, &got, from, 2, to, 0, 3), VMM_ENOENT);
	CHECK_EQ(got, 4);
	end();
}

TEST(a_new_container_can_be_shared_at_once)
{
	uint64_t ref, there, got;
	const uint64_t with[MESSAGE_WORDS] = {0, 4, 0, 77};
	uint64_t word[MESSAGE_WORDS];
	unsigned nr_words;

	begin();
	memory_request(domain[0], domain[1], CONTAINER_CREATE_WITH, with);
	while (memory_step(domain[0]) != MEMORY_DONE)
		;
	CHECK_EQ(memory_reply(domain[0], word, &nr_words), VMM_OK);
	CHECK_EQ(nr_words, 4);
	ref = word[2];
	there = word[3];
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 0, 4, 3, WINDOW_GPA),
		VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_ALLOCATE, &got, there, 8, 1, 0), VMM_EACCESS);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_FROM, &got, ref, 0, 4, 0, 77), VMM_OK);
	/* Nobody is behind the portal: there is no container either. */
	memory_request(domain[0], NULL, CONTAINER_CREATE_WITH, with);
	while (memory_step(domain[0]) != MEMORY_DONE)
		;
	CHECK_EQ(memory_reply(domain[0], word, &nr_words), VMM_EINVAL);
	CHECK_EQ(word[2], 0);
	CHECK_EQ(domain[0]->holder.account.used.frames, 8);
	end();
}

/* Both domains want all extra frames, a piece at a time. */
TEST(an_allocation_that_cannot_end_is_undone)
{
	uint64_t mine, theirs, got, used;
	uint64_t word[2][MESSAGE_WORDS] = {0};
	unsigned nr_words;

	begin();
	CHECK_EQ(
		ASK(0, CONTAINER_CREATE_WITH, &mine, DOMAIN_FRAMES, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &theirs, DOMAIN_FRAMES, 0),
		VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CREATE, &theirs, 0), VMM_OK);
	used = domain[0]->holder.account.used.frames;
	word[0][1] = mine;
	word[0][2] = DOMAIN_FRAMES;
	word[0][3] = 256;
	word[0][4] = CONTAINER_ALLOCATE_EXTRA;
	memory_request(domain[0], NULL, CONTAINER_ALLOCATE, word[0]);
	CHECK_EQ(memory_step(domain[0]), MEMORY_MORE);
	CHECK_EQ(memory_step(domain[0]), MEMORY_MORE);
	CHECK(domain[0]->holder.account.used.frames > used);
	CHECK_EQ(ASK(1, CONTAINER_ALLOCATE, &got, theirs, 0, 200,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	while (memory_step(domain[0]) != MEMORY_DONE)
		;
	CHECK_EQ(memory_reply(domain[0], word[0], &nr_words), VMM_ENOMEM);
	CHECK_EQ(word[0][2], 0);
	CHECK_EQ(domain[0]->holder.account.used.frames, used);
	end();
}

TEST(who_needs_a_container_helps_who_has_it)
{
	uint64_t ref, there, got;
	const uint64_t take[MESSAGE_WORDS] = {0, 1, 0, 4096, 0};
	uint64_t word[MESSAGE_WORDS];
	unsigned nr_words;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 4096, 0), VMM_OK);
	CHECK_EQ(ref, 1);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 3, 0), VMM_OK);
	memory_request(domain[0], NULL, CONTAINER_DEALLOCATE, take);
	CHECK_EQ(memory_step(domain[0]), MEMORY_MORE);
	CHECK_EQ(memory_step(domain[0]), MEMORY_MORE);
	/* The other one finds all of it done. */
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 4095, 1, 1, WINDOW_GPA),
		VMM_ENOENT);
	CHECK_EQ(memory_step(domain[0]), MEMORY_DONE);
	CHECK_EQ(memory_reply(domain[0], word, &nr_words), VMM_OK);
	CHECK_EQ(word[2], 4096);
	end();
}

/* The most host mappings that a step of it makes. */
static unsigned most_mappings(uint64_t label, const uint64_t *arg, unsigned nr)
{
	uint64_t word[MESSAGE_WORDS] = {0};
	unsigned nr_words, most = 0, before;
	bool done = false;

	for (unsigned i = 0; i < nr; i++)
		word[1 + i] = arg[i];
	memory_request(domain[0], NULL, label, word);
	while (!done) {
		before = mappings;
		done = memory_step(domain[0]) == MEMORY_DONE;
		if (mappings - before > most)
			most = mappings - before;
		check_views();
	}
	CHECK_EQ(memory_reply(domain[0], word, &nr_words), VMM_OK);
	return most;
}

#define MOST_MAPPINGS(label, ...)                             \
	most_mappings(label, (const uint64_t[]){__VA_ARGS__}, \
		sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

TEST(a_step_changes_two_windows_at_most)
{
	uint64_t from, to, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &from, 40, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &to, 40, 0), VMM_OK);
	for (unsigned i = 0; i < 2 * WINDOWS_OVERLAP_MAX; i++)
		CHECK_EQ(ASK(0, CONTAINER_MAP, &got, i % 2 ? from : to, 0, 40,
				 3, WINDOW_GPA + i * 40 * FRAME_SIZE),
			VMM_OK);
	CHECK_EQ(MOST_MAPPINGS(CONTAINER_COPY, from, 0, to, 0, 40), 2);
	CHECK_EQ(MOST_MAPPINGS(CONTAINER_DEALLOCATE, to, 0, 40, 0), 2);
	CHECK_EQ(MOST_MAPPINGS(CONTAINER_ALLOCATE, to, 0, 40, 0), 2);
	CHECK_EQ(MOST_MAPPINGS(CONTAINER_COPY_GATHER, from, to, 10, 3, 9, 8, 0),
		2);
	/* Frames that are shared, its own, and shared again. */
	CHECK_EQ(MOST_MAPPINGS(CONTAINER_ALLOCATE, to, 0, 40,
			 CONTAINER_ALLOCATE_SQUASH),
		2);
	CHECK_EQ(MOST_MAPPINGS(CONTAINER_CREATE_FROM, to, 0, 40, 0), 2);
	CHECK_EQ(MOST_MAPPINGS(CONTAINER_ALLOCATE, to, 0, 40,
			 CONTAINER_ALLOCATE_SQUASH),
		2);
	check_views();
	end();
}

/* Its window shows a hole meanwhile, of which nothing is to be told. */
TEST(who_touches_what_is_being_replaced_helps)
{
	uint64_t ref, there, got;
	unsigned faults = 0;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 1, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 1, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 0, 1, 1, WINDOW_GPA),
		VMM_OK);
	const uint64_t squash[MESSAGE_WORDS] = {
		0, ref, 0, 1, CONTAINER_ALLOCATE_SQUASH};

	memory_request(domain[0], NULL, CONTAINER_ALLOCATE, squash);
	while (view[1].frame[0])
		REQUIRE(memory_step(domain[0]) == MEMORY_MORE);
	for (; faults < 4 && !view[1].frame[0]; faults++)
		CHECK_EQ(faults % 2 ? windows_fault(domain[1])
				    : window_fault(domain[1],
					      (gpa_t){WINDOW_GPA}, false),
			FAULT_RESOLVED);
	CHECK(faults && view[1].frame[0]);
	CHECK(!domain[1]->notices.news);
	while (memory_step(domain[0]) != MEMORY_DONE)
		;
	check_views();
	end();
}

/* All frames are in use, by who is guaranteed them: what each domain has. */
#define FEW 40u
#define BEGIN_WITH_FEW(extra_frames)                  \
	const struct memory_share each_before = each; \
	const struct memory_share all_before = all;   \
	each.guaranteed = FEW;                        \
	each.extra = all.extra = (extra_frames);      \
	all.guaranteed = DOMAINS * (uint64_t)FEW;     \
	begin()
#define END_WITH_FEW()      \
	end();              \
	each = each_before; \
	all = all_before

TEST(a_copy_under_way_leaves_frames_for_who_writes_its_source)
{
	uint64_t from, to, there, got;
	uint64_t word[MESSAGE_WORDS];
	unsigned nr_words;

	BEGIN_WITH_FEW(0);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &from, 16, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &to, FEW - 16, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, from, 3, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 0, 16, 3, WINDOW_GPA),
		VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &got, FEW - TABLE_FRAMES, 0),
		VMM_OK);
	CHECK_EQ(ASK(2, CONTAINER_CREATE_WITH, &got, FEW, 0), VMM_OK);
	const uint64_t copy[MESSAGE_WORDS] = {0, from, 0, to, 0, 16};

	memory_request(domain[0], NULL, CONTAINER_COPY, copy);
	CHECK_EQ(memory_step(domain[0]), MEMORY_MORE);
	CHECK_EQ(memory_step(domain[0]), MEMORY_MORE);
	for (unsigned i = 0; i < 16; i++) {
		gpa_t at = {WINDOW_GPA + i * FRAME_SIZE};

		for (unsigned n = 0; n < 3 && !(view[1].prot[i] & PROT_WRITE);
			n++)
			CHECK_EQ(window_fault(domain[1], at, true),
				FAULT_RESOLVED);
		CHECK(view[1].prot[i] & PROT_WRITE);
		CHECK(view[1].frame[i] <= memory.table.count);
	}
	while (memory_step(domain[0]) != MEMORY_DONE)
		;
	CHECK_EQ(memory_reply(domain[0], word, &nr_words), VMM_OK);
	check_views();
	END_WITH_FEW();
}

TEST(an_account_tells_ram_and_containers)
{
	uint64_t ref, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 5, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT, &got, 0), VMM_OK);
	CHECK_EQ(got, 8 + DOMAIN_FRAMES);
	CHECK_EQ(domain[0]->job.result[1], 8 + 5);
	end();
}

TEST(an_account_is_split_used_and_merged)
{
	uint64_t ref, part, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_SPLIT, &part, 0, 100, 10), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT, &got, 0), VMM_OK);
	CHECK_EQ(got, 8 + DOMAIN_FRAMES - 100);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT, &got, part), VMM_OK);
	CHECK_EQ(got, 100);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 101, 0, 0, part),
		VMM_EQUOTA);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 100, 0, 0, part), VMM_OK);
	CHECK_EQ(domain[0]->holder.account.used.frames, 0);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_MERGE, &got, 0, part), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_DESTROY, &got, ref), VMM_OK);
	/* An empty container may have frames again. */
	CHECK_EQ(ASK(0, CONTAINER_CREATE, &ref, part), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_MERGE, &got, 0, part), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_DESTROY, &got, ref), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_MERGE, &got, 0, part), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT, &got, part), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT, &got, 0), VMM_OK);
	CHECK_EQ(got, 8 + DOMAIN_FRAMES);
	end();
}

TEST(accounts_are_refused_by_name)
{
	uint64_t got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_SPLIT, &got, 0, DOMAIN_FRAMES + 1, 0),
		VMM_EQUOTA);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_SPLIT, &got, 3, 1, 0), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_MERGE, &got, 0, 0), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_MERGE, &got, 0, 1), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_CREATE, &got, 1), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &got, 1, 0, 0, 16), VMM_EINVAL);
	for (unsigned i = 1; i < ACCOUNTS_MAX; i++)
		CHECK_EQ(
			ASK(0, CONTAINER_ACCOUNT_SPLIT, &got, 0, 1, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_ACCOUNT_SPLIT, &got, 0, 1, 0), VMM_ENOSLOT);
	end();
}

TEST(who_has_control_moves_guarantees)
{
	uint64_t ref, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_MOVE, &got, 0, 1, 1, 0), VMM_EACCESS);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_READ, &got, 0), VMM_EACCESS);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL, &got, 0), VMM_OK);
	CHECK_EQ(ASK(2, CONTAINER_CONTROL, &got, 0), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_MOVE, &got, 2, 1, 96, 5), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_READ, &got, 1), VMM_OK);
	CHECK_EQ(got, 8 + DOMAIN_FRAMES + 96);
	CHECK_EQ(domain[0]->job.result[2], DOMAIN_RUNS + 5);
	CHECK_EQ(domain[0]->job.result[4], FAULTS);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_READ, &got, 7), VMM_ENOENT);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_MOVE, &got, 2, 7, 1, 0), VMM_ENOENT);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_MOVE, &got, 2, 2, 1, 0), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_MOVE, &got, 2, 1, DOMAIN_FRAMES, 0),
		VMM_EQUOTA);
	CHECK_EQ(ASK(2, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES - 96, 0),
		VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_MOVE, &got, 2, 1, 1, 0), VMM_EBUSY);
	/* To domain 1, which the tests' requests name, and from there on. */
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_PASS, &got, 0, 0, 5), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_PASS, &got, 0, 0, 5), VMM_EACCESS);
	CHECK_EQ(ASK(1, CONTAINER_CONTROL_MOVE, &got, 1, 2, 96, 5), VMM_OK);
	leave(1);
	CHECK_EQ(ASK(2, CONTAINER_CONTROL, &got, 0), VMM_OK);
	for (unsigned d = 0; d < DOMAINS; d += 2)
		leave(d);
	CHECK_EQ(memory.absent.guaranteed.frames, all.guaranteed);
	memory_fini(&memory);
}

TEST(page_tables_of_windows_are_charged)
{
	uint64_t ref, got;
	const uint64_t *used;

	begin();
	used = &domain[0]->holder.account.used.frames;
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 600, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 513, 1, WINDOW_GPA),
		VMM_OK);
	CHECK_EQ(*used, 600 + 2 * TABLE_FRAMES);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 513, 1, 1,
			 WINDOW_GPA + 600 * FRAME_SIZE),
		VMM_OK);
	CHECK_EQ(*used, 600 + 2 * TABLE_FRAMES);
	CHECK_EQ(ASK(0, CONTAINER_UNMAP, &got, WINDOW_GPA), VMM_OK);
	CHECK_EQ(*used, 600 + TABLE_FRAMES);
	CHECK_EQ(ASK(0, CONTAINER_UNMAP, &got, WINDOW_GPA + 600 * FRAME_SIZE),
		VMM_OK);
	CHECK_EQ(*used, 600);
	CHECK_EQ(ASK(0, CONTAINER_ALLOCATE, &got, ref, 600, DOMAIN_FRAMES - 600,
			 0),
		VMM_OK);
	domain[0]->holder.account.extra = TABLE_FRAMES - 1;
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 1, WINDOW_GPA),
		VMM_EQUOTA);
	CHECK_EQ(domain[0]->holder.account.used.runs, 0);
	domain[0]->holder.account.extra = TABLE_FRAMES;
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 1, WINDOW_GPA), VMM_OK);
	CHECK_EQ(*used, DOMAIN_FRAMES + TABLE_FRAMES);
	end();
}

/* Domain 1 has @extra frames beyond its guarantee, in one container. */
static uint64_t lend(uint64_t extra)
{
	uint64_t ref, got;

	memset(&asked, 0, sizeof(asked));
	CHECK_EQ(ASK(0, CONTAINER_CONTROL, &got, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, extra,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	return ref;
}

static void take_all(unsigned d, enum reclaim_step end)
{
	enum reclaim_step step;

	reclaim_expired(domain[d]);
	do
		step = reclaim_piece(domain[d]);
	while (step == RECLAIM_MORE);
	CHECK_EQ(step, end);
}

static uint64_t used_by(unsigned d)
{
	return domain[d]->holder.account.used.frames;
}

TEST(frames_are_asked_back_and_given_in_time)
{
	uint64_t ref, got;

	begin();
	ref = lend(200);
	CHECK_EQ(ASK(1, CONTAINER_NOTICE, &got, 5), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 80, 1000), VMM_OK);
	CHECK_EQ(got, 120);
	CHECK(asked.nr == 1 && asked.irq == 5 && asked.frames == 120 &&
		asked.us == 1000);
	CHECK_EQ(ASK(1, CONTAINER_ACCOUNT, &got, 0), VMM_OK);
	CHECK_EQ(domain[1]->job.result[4], 80);
	CHECK_EQ(domain[1]->job.result[5], 120);
	CHECK_EQ(domain[1]->job.result[6], 77);
	/* It gets no more, and nothing is taken before its time. */
	CHECK_EQ(ASK(1, CONTAINER_ALLOCATE, &got, ref, 300, 1,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_ENOMEM);
	CHECK_EQ(reclaim_piece(domain[1]), RECLAIM_DONE);
	CHECK_EQ(used_by(1), DOMAIN_FRAMES + 200);
	/* What it owes already is not asked for again. */
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 80, 1000), VMM_OK);
	CHECK_EQ(domain[1]->reclaim.asked, 120);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, ref, 0, 120, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_ACCOUNT, &got, 0), VMM_OK);
	CHECK_EQ(domain[1]->job.result[5], 0);
	CHECK_EQ(domain[1]->job.result[6], 0);
	take_all(1, RECLAIM_DONE);
	CHECK_EQ(used_by(1), DOMAIN_FRAMES + 80);
	CHECK_EQ(domain[1]->reclaim.forced, 0);
	end();
}

TEST(what_is_not_given_in_time_is_taken_from_the_end)
{
	uint64_t ref, got;

	begin();
	ref = lend(200);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, ref, 100, 100, 3, WINDOW_GPA),
		VMM_OK);
	CHECK_EQ(
		ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 100 + TABLE_FRAMES, 0),
		VMM_OK);
	CHECK_EQ(got, 100);
	CHECK(asked.us == 0);
	announced = 0;
	take_all(1, RECLAIM_DONE);
	CHECK_EQ(domain[1]->reclaim.forced, 100);
	CHECK_EQ(account_excess(&domain[1]->holder.account), 0);
	CHECK(announced > 0);
	for (unsigned i = 0; i < 100; i++)
		CHECK_EQ(view[1].frame[i], 0);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, ref, 0, 100, 1,
			 WINDOW_GPA + 200 * FRAME_SIZE),
		VMM_OK);
	end();
}

TEST(the_domain_says_where_frames_are_taken_first)
{
	uint64_t first, second, third, got;

	begin();
	second = lend(50);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &third, 50,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	first = 1;
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 90, 0), VMM_OK);
	take_all(1, RECLAIM_DONE); /* the youngest */
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, third, 39, 1, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, third, 39, 1, 0),
		VMM_ENOENT);
	CHECK_EQ(ASK(1, CONTAINER_RANK, &got, second, 1), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 79, 0), VMM_OK);
	take_all(1, RECLAIM_DONE);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, second, 40, 1, 0),
		VMM_ENOENT);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, second, 39, 1, 0), VMM_OK);
	/* Nothing comes from a locked container. */
	CHECK_EQ(ASK(1, CONTAINER_LOCK, &got, second, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_RANK, &got, first, 1), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 68, 0), VMM_OK);
	take_all(1, RECLAIM_DONE);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, first, DOMAIN_FRAMES - 11,
			 1, 0),
		VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, first, DOMAIN_FRAMES - 10,
			 1, 0),
		VMM_ENOENT);
	end();
}

TEST(who_keeps_all_frames_locked_is_found)
{
	uint64_t got;

	begin();
	(void)lend(200);
	CHECK_EQ(ASK(1, CONTAINER_LOCK, &got, 1, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_LOCK, &got, 2, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 0, 0), VMM_OK);
	take_all(1, RECLAIM_STUCK);
	CHECK_EQ(used_by(1), DOMAIN_FRAMES + 200);
	/* A new limit gives it time again. */
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 0, 5), VMM_OK);
	CHECK_EQ(reclaim_piece(domain[1]), RECLAIM_DONE);
	end();
}

TEST(who_asks_late_for_notices_gets_one_at_once)
{
	uint64_t got;

	begin();
	(void)lend(10);
	notified = RECLAIM_NO_IRQ;
	CHECK_EQ(ASK(1, CONTAINER_NOTICE, &got, 3), VMM_OK);
	CHECK_EQ(notified, RECLAIM_NO_IRQ);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 0, 9), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_NOTICE, &got, 4), VMM_OK);
	CHECK_EQ(notified, 4);
	notified = RECLAIM_NO_IRQ;
	CHECK_EQ(ASK(1, CONTAINER_NOTICE, &got, NOTIFICATIONS), VMM_OK);
	CHECK_EQ(notified, RECLAIM_NO_IRQ);
	CHECK_EQ(domain[1]->reclaim.irq, RECLAIM_NO_IRQ);
	end();
}

/* Others may have all that nobody is guaranteed, and nothing of it. */
TEST(a_restarted_domain_finds_its_guarantee)
{
	uint64_t ref, got;
	int err;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CONTROL, &got, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 1 << 20, 0), VMM_OK);
	leave(2);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES + 256,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_ALLOCATE, &got, ref, DOMAIN_FRAMES + 256, 1,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_ENOMEM);
	domain[2] =
		memory_join(&memory, NULL, 2, &mem[2], &page[2], &each, &err);
	REQUIRE(domain[2] != NULL);
	CHECK_EQ(ASK(2, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES, 0), VMM_OK);
	end();
}

TEST(limits_are_refused_by_name)
{
	uint64_t ref, weak, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 0, 0), VMM_EACCESS);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_BUFFER, &got, 0), VMM_EACCESS);
	domain[2]->may_control = false;
	CHECK_EQ(ASK(2, CONTAINER_CONTROL, &got, 0), VMM_EACCESS);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL, &got, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 7, 0, 0), VMM_ENOENT);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1,
			 (UINT64_C(1) << 28) + 1, 0),
		VMM_EINVAL);
	CHECK_EQ(
		ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 0, RECLAIM_US_MAX + 1),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_NOTICE, &got, NOTIFICATIONS + 1), VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 1, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &weak, ref, 3, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_RANK, &got, ref, CONTAINER_RANK_MAX + 1),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_RANK, &got, 9, 0), VMM_EBADREF);
	CHECK_EQ(ASK(1, CONTAINER_RANK, &got, weak, 0), VMM_EACCESS);
	/* 62 references, and the one with which it asks, are all. */
	for (unsigned i = 0; i < REFERENCES_MAX - 2; i++)
		CHECK_EQ(ASK(0, CONTAINER_CONTROL_BUFFER, &got, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_BUFFER, &got, 0), VMM_ENOSLOT);
	end();
}

TEST(the_policy_buffer_tells_of_all_accounts)
{
	const struct policy_domain *of = &content_buffer.domain[1];
	uint64_t ref, got;

	begin();
	ref = lend(200);
	memset(&content_buffer, 0xff, sizeof(content_buffer));
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_BUFFER, &got, 0), VMM_OK);
	CHECK_EQ(content_buffer.version, POLICY_ABI_VERSION);
	CHECK_EQ(content_buffer.total, DOMAINS * DOMAIN_FRAMES + 256);
	CHECK_EQ(content_buffer.guaranteed, DOMAINS * DOMAIN_FRAMES);
	CHECK(of->flags == POLICY_LIVE && of->share == 3);
	CHECK(of->guaranteed == DOMAIN_FRAMES &&
		of->used == of->guaranteed + 200);
	CHECK(of->lent == 200 && of->limit == 256 && !of->owed);
	CHECK(!of->refused && !of->forced && of->most == content_buffer.total);
	CHECK_EQ(ASK(1, CONTAINER_ALLOCATE, &got, ref, 500, 57,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_ENOMEM);
	CHECK(of->refused == 1 && of->wanted == 57);
	CHECK_EQ(ASK(1, CONTAINER_ALLOCATE, &got, ref, 500, 57,
			 CONTAINER_ALLOCATE_EXTRA | CONTAINER_ALLOCATE_PARTIAL),
		VMM_ENOMEM);
	CHECK(of->refused == 2 && of->wanted == 1 && of->lent == 256);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 250, 1), VMM_OK);
	CHECK(of->limit == 250 && of->owed == 6);
	take_all(1, RECLAIM_DONE);
	CHECK(of->forced == 6 && of->lent == 250 && !of->owed);
	leave(2);
	CHECK_EQ(content_buffer.domain[2].flags, 0);
	for (unsigned d = 0; d < 2; d++)
		leave(d);
	CHECK_EQ(memory.table.used, 0);
	memory_fini(&memory);
}

TEST(the_policy_buffer_goes_with_control)
{
	uint64_t ref, there, copy, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CONTROL, &got, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_BUFFER, &ref, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 1, WINDOW_GPA), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 3,
			 WINDOW_GPA + FRAME_SIZE),
		VMM_EACCESS);
	/* Whoever copied it, or sees it from elsewhere, hinders nobody. */
	CHECK_EQ(ASK(0, CONTAINER_CREATE_FROM, &copy, ref, 0, 1, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 1, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, there, 0, 1, 1, WINDOW_GPA),
		VMM_OK);
	CHECK(view[0].frame[0] && view[0].frame[0] == view[1].frame[0]);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_PASS, &got, 0, 0, 5), VMM_OK);
	CHECK(!view[0].frame[0] && !view[1].frame[0]);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 1, 1, WINDOW_GPA),
		VMM_EBADREF);
	CHECK_EQ(
		ASK(0, CONTAINER_MAP, &got, copy, 0, 1, 1, WINDOW_GPA), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CONTROL_BUFFER, &ref, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &got, ref, 0, 1, 1, WINDOW_GPA), VMM_OK);
	leave(1);
	domain[1] = domain[2];
	domain[2] = NULL;
	leave(1);
	leave(0);
	CHECK_EQ(memory.table.used, 0);
	memory_fini(&memory);
}

TEST(a_copy_of_the_policy_buffer_takes_no_frame_that_is_not_there)
{
	uint64_t ref, to, got;

	BEGIN_WITH_FEW(0);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL, &got, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_BUFFER, &ref, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &to, FEW, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &got, FEW, 0), VMM_OK);
	CHECK_EQ(ASK(2, CONTAINER_CREATE_WITH, &got, FEW, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_COPY, &got, ref, 0, to, 0, 1), VMM_OK);
	CHECK_EQ(memory.table.used, DOMAINS * FEW + 1);
	/* A domain may go in the midst of it, between lending and adopting. */
	const uint64_t copy[MESSAGE_WORDS] = {0, ref, 0, to, 1, 1};

	memory_request(domain[0], NULL, CONTAINER_COPY, copy);
	for (unsigned step = 0; step < 3; step++)
		CHECK_EQ(memory_step(domain[0]), MEMORY_MORE);
	leave(2);
	CHECK_EQ(content_buffer.domain[2].flags, 0);
	CHECK_EQ(memory_step(domain[0]), MEMORY_DONE);
	leave(0);
	leave(1);
	CHECK_EQ(memory.table.used, 0);
	memory_fini(&memory);
	each = each_before;
	all = all_before;
}

/* Domain 2 again, as a Linux domain with 100 frames that may be asked back. */
static int join_linux(void)
{
	const struct memory_share share = {
		.ram = 50, .balloon = 100, .extra = 100, .share = 1};
	int err = 0;

	domain[2] = memory_join(&memory, NULL, 2, &mem[2], NULL, &share, &err);
	return domain[2] ? 0 : err;
}

static void begin_with_balloon(void)
{
	uint64_t got;

	all.extra += 100;
	begin();
	leave(2);
	REQUIRE(join_linux() == 0);
	balloon_wanted = 0;
	CHECK_EQ(ASK(0, CONTAINER_CONTROL, &got, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_BUFFER, &got, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 1000, 0), VMM_OK);
}

static void end_with_balloon(void)
{
	all.extra -= 100;
	end();
}

TEST(a_balloon_gives_its_frames_to_others)
{
	uint64_t ref, got;

	begin_with_balloon();
	CHECK_EQ(content_buffer.domain[2].flags, POLICY_LIVE | POLICY_BALLOON);
	CHECK(content_buffer.domain[2].most == 100 &&
		content_buffer.domain[2].lent == 100);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES + 257,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_ENOMEM);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 2, 30, 99), VMM_OK);
	CHECK_EQ(got, 70);
	CHECK_EQ(balloon_wanted, 70);
	/* It pays until it has done so. */
	reclaim_balloon_holds(domain[2], 69);
	CHECK_EQ(used_by(2), 31);
	reclaim_balloon_holds(domain[2], 70);
	CHECK_EQ(used_by(2), 30);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES + 256 + 70,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	/* What others have by now it gets when they give it back. */
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 2, 100, 0), VMM_OK);
	CHECK_EQ(balloon_wanted, 70);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, ref, 0, 20, 0), VMM_OK);
	CHECK_EQ(balloon_wanted, 50);
	CHECK_EQ(used_by(2), 50);
	reclaim_balloon_holds(domain[2], 60);
	CHECK_EQ(used_by(2), 50);
	end_with_balloon();
}

TEST(who_is_being_made_or_unmade_is_not_asked)
{
	uint64_t got;

	begin_with_balloon();
	is_there = false;
	asked.nr = 0;
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 2, 30, 99), VMM_OK);
	CHECK_EQ(balloon_wanted, 0);
	CHECK_EQ(asked.nr, 0);
	is_there = true;
	reclaim_changed(&memory);
	CHECK_EQ(balloon_wanted, 70);
	reclaim_balloon_holds(domain[2], 70);
	end_with_balloon();
}

TEST(a_balloon_that_does_not_grow_ends_its_domain)
{
	uint64_t got;

	begin_with_balloon();
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 2, 30, 99), VMM_OK);
	reclaim_balloon_holds(domain[2], 10);
	CHECK_EQ(reclaim_piece(domain[2]), RECLAIM_DONE);
	take_all(2, RECLAIM_STUCK);
	reclaim_balloon_holds(domain[2], 70);
	take_all(2, RECLAIM_DONE);
	end_with_balloon();
}

TEST(a_balloon_may_shrink_by_mistake_but_not_for_long)
{
	uint64_t got;

	begin_with_balloon();
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 2, 30, 99), VMM_OK);
	reclaim_balloon_holds(domain[2], UINT64_MAX);
	CHECK_EQ(used_by(2), 30);
	reclaim_balloon_holds(domain[2], 0);
	CHECK_EQ(used_by(2), 30);
	CHECK(asked.frames == 70 && asked.us == RECLAIM_BALLOON_US);
	CHECK_EQ(reclaim_piece(domain[2]), RECLAIM_DONE);
	asked.frames = 0;
	reclaim_balloon_holds(domain[2], 69);
	CHECK_EQ(asked.frames, 0); /* the time is running */
	reclaim_balloon_holds(domain[2], 70);
	take_all(2, RECLAIM_DONE);
	reclaim_balloon_holds(domain[2], 69);
	take_all(2, RECLAIM_STUCK);
	end_with_balloon();
}

TEST(ram_that_others_use_cannot_be_joined)
{
	uint64_t ref, got;

	begin_with_balloon();
	leave(2);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES + 257,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	CHECK_EQ(join_linux(), (uint64_t)-ENOMEM);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, ref, 0, 1, 0), VMM_OK);
	REQUIRE(join_linux() == 0);
	end_with_balloon();
}

TEST(who_comes_back_gets_its_ram_from_who_has_more_than_its_own)
{
	uint64_t ref, got;

	begin_with_balloon();
	leave(2);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &ref, DOMAIN_FRAMES + 300,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_OK);
	CHECK_EQ(reclaim_for_return(&memory, 100, 500), 44);
	CHECK(asked.frames == 44 && asked.us == 500);
	/* What was free is kept, also if a higher limit is set meanwhile. */
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 1000, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_CREATE_WITH, &got, 1,
			 CONTAINER_ALLOCATE_EXTRA),
		VMM_ENOMEM);
	CHECK_EQ(reclaim_for_return(&memory, 100, 200), 44);
	CHECK(asked.frames == 44 && asked.us == 200);
	CHECK_EQ(ASK(1, CONTAINER_DEALLOCATE, &got, ref, 0, 10, 0), VMM_OK);
	CHECK_EQ(reclaim_for_return(&memory, 100, 100), 34);
	take_all(1, RECLAIM_DONE);
	CHECK_EQ(reclaim_for_return(&memory, 100, 0), 0);
	REQUIRE(join_linux() == 0);
	CHECK_EQ(used_by(2), 100);
	CHECK_EQ(memory.returning.used.frames, 0);
	/* Who has no more than its own is asked for nothing. */
	CHECK_EQ(reclaim_for_return(&memory, 10, 0), 10);
	CHECK_EQ(account_excess(&domain[1]->holder.account), 0);
	end_with_balloon();
}

/* What holds whatever was asked for. */
static void check_limits(void)
{
	CHECK(memory.pool.committed <= memory.pool.total.frames);
	for (unsigned d = 0; d < DOMAINS; d++) {
		const struct account *a = &domain[d]->holder.account;
		uint64_t g = a->guaranteed.frames, u = a->used.frames;

		CHECK_EQ(account_room(a, false), g > u ? g - u : 0);
		CHECK(u <= g + a->extra + account_excess(a));
	}
}

static uint64_t nr_taken;

/* By force a domain comes down to what it may have, and no further. */
static void take_some(unsigned d)
{
	const struct account *a = &domain[d]->holder.account;
	uint64_t allowed = a->guaranteed.frames + a->extra;
	uint64_t forced = domain[d]->reclaim.forced;

	if (any(2))
		reclaim_expired(domain[d]);
	(void)reclaim_piece(domain[d]);
	if (domain[d]->reclaim.forced != forced)
		CHECK(a->used.frames >= allowed);
	nr_taken += domain[d]->reclaim.forced - forced;
}

static void any_limit(unsigned d)
{
	const uint64_t word[MESSAGE_WORDS] = {0, any(DOMAINS), any(30), any(2)};

	if (domain[d]->job.state == JOB_NONE) {
		memory_request(domain[d], NULL, CONTAINER_CONTROL_LIMIT, word);
		domain[d]->job.state = JOB_NONE;
	}
}

static void any_growth(unsigned d)
{
	const uint64_t word[MESSAGE_WORDS] = {
		0, 1 + any(24), CONTAINER_ALLOCATE_EXTRA};

	if (domain[d]->job.state == JOB_NONE)
		memory_request(domain[d], NULL, CONTAINER_CREATE_WITH, word);
}

TEST(limits_hold_whatever_is_asked)
{
	const struct memory_share each_before = each, all_before = all;
	int err;

	each.guaranteed = 40;
	each.extra = 20;
	all.guaranteed = DOMAINS * 40;
	all.extra = DOMAINS * 20;
	begin();
	for (unsigned i = 0; i < STEPS && !tap_state.failed; i++) {
		unsigned d = any(DOMAINS);

		if (any(2000) == 0) {
			leave(d);
			domain[d] = memory_join(&memory, NULL, d, &mem[d],
				&page[d], &each, &err);
			REQUIRE(domain[d] != NULL);
		} else if (any(8) == 0) {
			take_some(d);
		} else if (any(30) == 0) {
			any_limit(d);
		} else if (any(10) == 0 && domain[d]->job.state == JOB_NONE) {
			any_fault(d);
		} else if (any(10) == 0) {
			any_growth(d);
		} else {
			go_on(d);
		}
		check_limits();
		if (i % 16 == 0)
			check_views();
	}
	printf("# %lu frames taken\n", (unsigned long)nr_taken);
	CHECK(nr_taken > 1000);
	end();
	each = each_before;
	all = all_before;
}

TEST(frames_are_locked_for_devices)
{
	uint64_t ref, copy, there, got, other;
	const uint64_t *result;
	struct iovec iov;

	begin();
	result = domain[0]->job.result;
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 8, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE_FROM, &copy, ref, 0, 8, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 1, 5), VMM_OK);
	/* Frames of its own: not those that the copy stands on. */
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 2, 4, 3), VMM_OK);
	CHECK_EQ(got, 4);
	CHECK_EQ(result[2], 4);
	CHECK_EQ(dma_take(&mem[0].dma, (gpa_t){result[1]}, 4 * FRAME_SIZE, true,
			 &iov),
		0);
	/* Nobody else uses it, and it itself takes nothing away from it. */
	CHECK_EQ(ASK(1, CONTAINER_MAP, &other, there, 0, 1, 1, WINDOW_GPA),
		VMM_EBUSY);
	CHECK_EQ(ASK(1, CONTAINER_LOCK_PHYSICAL, &other, there, 0, 1, 1),
		VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &other, ref, 0, 8, 3, WINDOW_GPA),
		VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_DEALLOCATE, &other, ref, 0, 1, 0), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_ALLOCATE, &other, ref, 0, 1, 2), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_COPY, &other, ref, 0, copy, 0, 1), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_COPY, &other, copy, 0, ref, 0, 1), VMM_EBUSY);
	CHECK_EQ(
		ASK(0, CONTAINER_CREATE_FROM, &other, ref, 0, 1, 0), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_REVOKE, &other, ref, 0), VMM_EBUSY);
	CHECK_EQ(ASK(0, CONTAINER_DESTROY, &other, ref), VMM_EBUSY);
	/* A device is at work: not yet. */
	CHECK_EQ(ASK(0, CONTAINER_UNLOCK, &other, ref), VMM_EBUSY);
	dma_give_back(&mem[0].dma, &iov);
	CHECK_EQ(ASK(0, CONTAINER_UNLOCK, &other, ref), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_UNLOCK, &other, ref), VMM_EINVAL);
	CHECK_EQ(dma_take(&mem[0].dma, (gpa_t){result[1]}, 1, true, &iov),
		-EFAULT);
	CHECK_EQ(ASK(1, CONTAINER_MAP, &other, there, 0, 1, 1, WINDOW_GPA),
		VMM_OK);
	end();
}

TEST(a_lock_for_devices_is_refused_by_name)
{
	uint64_t ref, there, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 600, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 1, 5), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, 63, 0, 1, 1),
		VMM_EBADREF);
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 0, 1, 0),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 0, 1, 4),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 0, 1, 1, 2),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 0, 0, 1),
		VMM_EINVAL);
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 599, 2, 1),
		VMM_ENOENT);
	CHECK_EQ(ASK(1, CONTAINER_LOCK_PHYSICAL, &got, there, 0, 1, 2),
		VMM_EACCESS);
	/* One piece of memory each, as long as there is room for them. */
	for (unsigned i = 0; i < DMA_RUNS; i++)
		CHECK_EQ(
			ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 2 * i, 1, 1),
			VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 0, 1, 1),
		VMM_ENOSLOT);
	CHECK_EQ(ASK(0, CONTAINER_UNLOCK, &got, ref), VMM_OK);
	end();
}

TEST(what_is_locked_for_devices_is_taken_when_they_are_done)
{
	uint64_t ref, there, got;
	struct iovec iov;

	begin();
	ref = lend(200);
	CHECK_EQ(ASK(1, CONTAINER_SHARE, &there, ref, 3, 5), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_LOCK, &got, 1, 0), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_LOCK_PHYSICAL, &got, there, 0, 200, 2),
		VMM_OK);
	CHECK_EQ(dma_take(&mem[1].dma, (gpa_t){domain[1]->job.result[1]}, 8,
			 true, &iov),
		0);
	CHECK_EQ(ASK(0, CONTAINER_CONTROL_LIMIT, &got, 1, 100, 0), VMM_OK);
	reclaim_expired(domain[1]);
	for (unsigned i = 0; i < 100; i++)
		CHECK_EQ(reclaim_piece(domain[1]), RECLAIM_WAITS);
	CHECK_EQ(domain[1]->reclaim.forced, 0);
	dma_give_back(&mem[1].dma, &iov);
	take_all(1, RECLAIM_DONE);
	CHECK_EQ(domain[1]->reclaim.forced, 100);
	CHECK_EQ(ASK(1, CONTAINER_UNLOCK, &got, there), VMM_EINVAL);
	end();
}

TEST(as_many_pieces_are_told_as_a_message_has)
{
	uint64_t ref, other, got;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE, &ref), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_CREATE, &other), VMM_OK);
	for (unsigned i = 0; i < 40; i++) {
		CHECK_EQ(
			ASK(0, CONTAINER_ALLOCATE, &got, ref, i, 1, 0), VMM_OK);
		CHECK_EQ(ASK(0, CONTAINER_ALLOCATE, &got, other, i, 1, 0),
			VMM_OK);
	}
	CHECK_EQ(ASK(0, CONTAINER_LOCK_PHYSICAL, &got, ref, 0, 40, 1), VMM_OK);
	CHECK_EQ(got, CONTAINER_PHYSICAL_MAX);
	CHECK_EQ(domain[0]->job.nr_results, 1 + 2 * CONTAINER_PHYSICAL_MAX);
	end();
}

TEST(a_lock_for_devices_unmaps_others_and_ends_with_who_has_it)
{
	uint64_t ref, there, got;
	struct iovec iov;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 4, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 3, 5), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 4, 3, WINDOW_GPA), VMM_OK);
	CHECK_EQ(ASK(1, CONTAINER_LOCK_PHYSICAL, &got, there, 0, 4, 2, 1),
		VMM_OK);
	CHECK_EQ(view[0].frame[0], 0);
	/* The container's domain goes, while a device writes to it. */
	CHECK_EQ(dma_take(&mem[1].dma, (gpa_t){domain[1]->job.result[1]}, 8,
			 true, &iov),
		0);
	CHECK_EQ(memory_leave(domain[0]), MEMORY_MORE);
	for (unsigned i = 0; i < 100; i++)
		CHECK_EQ(memory_leave(domain[0]), MEMORY_WAITS);
	CHECK_EQ(memory.table.used, 4);
	dma_give_back(&mem[1].dma, &iov);
	leave(0);
	CHECK_EQ(memory.table.used, 0);
	leave(1);
	leave(2);
	memory_fini(&memory);
}

/* Domain 1 ends, which stood between @ref of domain 0 and a device of domain 2:
 * that writes into frames 0 to 3 still, and it waits. */
static struct iovec end_beside_device(uint64_t ref)
{
	uint64_t there, got, word[MESSAGE_WORDS];
	struct iovec iov = {0};
	unsigned nr;

	CHECK_EQ(ASK(0, CONTAINER_SHARE, &there, ref, 3, 5), VMM_OK);
	memory_request(domain[1], domain[2], CONTAINER_SHARE,
		(const uint64_t[MESSAGE_WORDS]){0, there, 3, 5});
	CHECK_EQ(memory_step(domain[1]), MEMORY_DONE);
	CHECK_EQ(memory_reply(domain[1], word, &nr), VMM_OK);
	CHECK_EQ(ASK(2, CONTAINER_LOCK_PHYSICAL, &got, word[2], 0, 4, 2, 0),
		VMM_OK);
	CHECK_EQ(dma_take(&mem[2].dma, (gpa_t){domain[2]->job.result[1]}, 8,
			 true, &iov),
		0);
	while (memory_leave(domain[1]) != MEMORY_WAITS)
		;
	return iov;
}

TEST(who_needs_what_a_device_writes_into_is_told_to_wait)
{
	uint64_t ref, word[MESSAGE_WORDS];
	struct iovec iov;
	unsigned nr;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 4, 0), VMM_OK);
	iov = end_beside_device(ref);
	memory_request(domain[0], NULL, CONTAINER_MAP,
		(const uint64_t[MESSAGE_WORDS]){0, ref, 0, 4, 3, WINDOW_GPA});
	for (unsigned i = 0; i < 100; i++)
		CHECK_EQ(memory_step(domain[0]), MEMORY_WAITS);
	dma_give_back(&mem[2].dma, &iov);
	while (memory_step(domain[0]) != MEMORY_DONE)
		;
	CHECK_EQ(memory_reply(domain[0], word, &nr), VMM_OK);
	end();
}

/* Its kernel is told and its pager asks, which waits: the fault does not. */
TEST(a_hole_in_what_a_device_writes_into_is_told_at_once)
{
	gpa_t hole = {WINDOW_GPA + 4 * FRAME_SIZE};
	uint64_t ref, got;
	struct iovec iov;

	begin();
	CHECK_EQ(ASK(0, CONTAINER_CREATE_WITH, &ref, 8, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_MAP, &got, ref, 0, 8, 3, WINDOW_GPA), VMM_OK);
	/* Some are logical copies, which may be written. */
	CHECK_EQ(ASK(0, CONTAINER_CREATE_FROM, &got, ref, 5, 3, 0), VMM_OK);
	CHECK_EQ(ASK(0, CONTAINER_DEALLOCATE, &got, ref, 4, 1, 0), VMM_OK);
	iov = end_beside_device(ref);
	for (unsigned i = 0; i < 100; i++) {
		notices_are_read(0);
		notice_progress(domain[0]);
		CHECK_EQ(window_fault(domain[0], hole, i % 2), FAULT_TOLD);
	}
	while (windows_fault(domain[0]) == FAULT_RESOLVED)
		;
	CHECK(view[0].prot[5] & PROT_WRITE);
	CHECK_EQ(memory_leave(domain[1]), MEMORY_WAITS);
	dma_give_back(&mem[2].dma, &iov);
	check_views();
	end();
}

TAP_MAIN(CASE(frames_are_locked_for_devices),
	CASE(a_lock_for_devices_is_refused_by_name),
	CASE(what_is_locked_for_devices_is_taken_when_they_are_done),
	CASE(as_many_pieces_are_told_as_a_message_has),
	CASE(who_needs_what_a_device_writes_into_is_told_to_wait),
	CASE(a_hole_in_what_a_device_writes_into_is_told_at_once),
	CASE(a_lock_for_devices_unmaps_others_and_ends_with_who_has_it),
	CASE(page_tables_of_windows_are_charged),
	CASE(frames_are_asked_back_and_given_in_time),
	CASE(what_is_not_given_in_time_is_taken_from_the_end),
	CASE(the_domain_says_where_frames_are_taken_first),
	CASE(who_keeps_all_frames_locked_is_found),
	CASE(who_asks_late_for_notices_gets_one_at_once),
	CASE(a_restarted_domain_finds_its_guarantee),
	CASE(limits_are_refused_by_name),
	CASE(the_policy_buffer_tells_of_all_accounts),
	CASE(the_policy_buffer_goes_with_control),
	CASE(a_copy_of_the_policy_buffer_takes_no_frame_that_is_not_there),
	CASE(a_balloon_gives_its_frames_to_others),
	CASE(who_is_being_made_or_unmade_is_not_asked),
	CASE(a_balloon_that_does_not_grow_ends_its_domain),
	CASE(a_balloon_may_shrink_by_mistake_but_not_for_long),
	CASE(ram_that_others_use_cannot_be_joined),
	CASE(who_comes_back_gets_its_ram_from_who_has_more_than_its_own),
	CASE(limits_hold_whatever_is_asked),
	CASE(an_account_is_split_used_and_merged),
	CASE(accounts_are_refused_by_name),
	CASE(who_has_control_moves_guarantees),
	CASE(a_step_changes_two_windows_at_most),
	CASE(who_touches_what_is_being_replaced_helps),
	CASE(a_copy_under_way_leaves_frames_for_who_writes_its_source),
	CASE(an_account_tells_ram_and_containers),
	CASE(gather_and_scatter_take_frames_in_the_order_given),
	CASE(copies_are_refused_and_say_what_is_missing),
	CASE(a_new_container_can_be_shared_at_once),
	CASE(an_allocation_that_cannot_end_is_undone),
	CASE(who_needs_a_container_helps_who_has_it), CASE(what_goes_is_told),
	CASE(a_fault_is_answered_by_what_there_is_not),
	CASE(a_ring_that_is_not_read_loses_notices_and_says_so),
	CASE(a_domain_that_faults_in_vain_is_found),
	CASE(windows_show_what_containers_hold),
	CASE(host_mappings_end_with_their_guarantee),
	CASE(windows_are_limited_in_number),
	CASE(few_windows_show_the_same_frame),
	CASE(a_lock_takes_the_windows_of_others))
