/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/caller.h"

#include "guestkernel/pool.h"
#include "guestkernel/remote.h"
#include "guestkernel/remote_string.h"
#include "guestkernel/x86/layout.h"

struct caller {
	struct tcb *thread; /* NULL: free, or its thread is gone */
	uint16_t next;	    /* free list or cancel list; 0 ends it */
	bool cancelling;    /* in the cancel list */
	bool is_done;	    /* the VMM answered while it was there */
};

#define PER_PAGE (PAGE_SIZE / sizeof(struct caller))
#define PAGES ((CALLER_SLOT_MAX + 1) / PER_PAGE)

static struct caller *pages[PAGES];
static uint16_t free_list;
static uint32_t fresh = CALLER_SLOT_MIN; /* never used from here on */
static uint16_t cancel_list;

static struct caller *caller_at(uint32_t slot)
{
	return &pages[slot / PER_PAGE][slot % PER_PAGE];
}

static uint16_t take_fresh(void)
{
	struct caller **page;

	if (fresh > CALLER_SLOT_MAX)
		return 0;
	page = &pages[fresh / PER_PAGE];
	if (!*page)
		*page = pool_alloc();
	return *page ? (uint16_t)fresh++ : 0;
}

static void free_slot(uint16_t slot)
{
	caller_at(slot)->thread = NULL;
	caller_at(slot)->next = free_list;
	free_list = slot;
}

bool caller_ensure(struct tcb *t)
{
	uint16_t slot = free_list;

	if (t->caller_slot)
		return true;
	if (slot)
		free_list = caller_at(slot)->next;
	else
		slot = take_fresh();
	if (!slot)
		return false;
	caller_at(slot)->thread = t;
	t->caller_slot = slot;
	return true;
}

struct tcb *caller_thread(uint32_t slot)
{
	return slot < CALLER_SLOT_MIN || slot >= fresh
		       ? NULL
		       : caller_at(slot)->thread;
}

/* The VMM has its call, be it that its strings meet a page fault here. */
static bool is_out(const struct tcb *t)
{
	return t->state == THREAD_REMOTE || remote_string_is(t);
}

struct tcb *caller_done(uint32_t slot)
{
	struct tcb *t;

	if (slot < CALLER_SLOT_MIN || slot >= fresh)
		return NULL;
	t = caller_thread(slot);
	if (t && is_out(t))
		return t;
	if (!t && caller_at(slot)->cancelling)
		caller_at(slot)->is_done = true;
	else if (!t)
		free_slot((uint16_t)slot);
	return NULL;
}

static void cancel(uint16_t slot)
{
	struct caller *c = caller_at(slot);

	if (c->cancelling)
		return;
	c->cancelling = true;
	c->is_done = false;
	c->next = cancel_list;
	cancel_list = slot;
	remote_work = true;
}

void caller_cancel(struct tcb *t)
{
	cancel(t->caller_slot);
}

void caller_thread_gone(struct tcb *t)
{
	uint16_t slot = t->caller_slot;

	if (!slot)
		return;
	caller_at(slot)->thread = NULL;
	t->caller_slot = 0;
	if (is_out(t))
		cancel(slot);
	else
		free_slot(slot);
}

/* The call may have ended before its cancellation was requested. */
bool caller_act(void)
{
	uint16_t slot = cancel_list;
	struct caller *c;

	if (!slot)
		return false;
	c = caller_at(slot);
	cancel_list = c->next;
	c->cancelling = false;
	if (c->is_done) {
		free_slot(slot);
	} else if (!c->thread || is_out(c->thread)) {
		CONTROL->action.caller_slot = slot;
		remote_leave(ACTION_CANCEL);
	}
	return true;
}
