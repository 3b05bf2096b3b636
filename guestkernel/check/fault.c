/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Errors put into the books, one of each kind, so that a test can see that
 * they are found.
 */
#include "guestkernel/check/check.h"
#include "guestkernel/mapdb.h"
#include "guestkernel/sched.h"
#include "guestkernel/timeout.h"
#include "guestkernel/x86/ptab.h"

static struct tcb *find(
	enum thread_state state, enum thread_queue queue, uint32_t flags)
{
	for (uint32_t n = 0; n <= THREAD_NUMBER_MAX; n++) {
		struct tcb *t = thread_slot(thread_id_global(n, 1).raw);

		if (t->id && t->state == state && t->queue == queue &&
			(t->flags & flags) == flags)
			return t;
	}
	return NULL;
}

static bool break_ready(uint64_t fault)
{
	struct tcb *t = find(THREAD_READY, QUEUE_READY, 0);

	if (fault == CHECK_FAULT_READY_ORDER) {
		ready_highest++;
		return true;
	}
	if (!t)
		return false;
	if (fault == CHECK_FAULT_LOST)
		ready_remove(t);
	else
		t->state = THREAD_NONE;
	return true;
}

static bool break_senders(uint64_t fault, struct tcb *self)
{
	struct tcb *s = find(THREAD_SENDING, QUEUE_NONE, 0);

	if (!s)
		return false;
	if (fault == CHECK_FAULT_TWO_QUEUES) {
		s->queue = QUEUE_READY;
	} else if (fault == CHECK_FAULT_SENDERS) {
		s->partner = s->partner == self ? s : self;
	} else {
		s->partner->state = THREAD_RECEIVING;
		s->partner->waits_for = s->id;
	}
	return true;
}

static bool break_timeouts(uint64_t fault)
{
	struct tcb *t = find(THREAD_RECEIVING, QUEUE_NONE, THREAD_TIMEOUT);

	if (!t)
		return false;
	if (fault == CHECK_FAULT_TIMEOUT_ORDER)
		t->deadline ^= UINT64_C(1) << 63;
	else
		*t->timeout_link = t->timeout_next;
	return true;
}

/* @m: in @self's space, derived from a mapping of another one. */
static bool break_mapping(uint64_t fault, struct tcb *self, struct mapping *m)
{
	uint64_t *pte = ptab_walk(self->space, mapping_address(m)).pte;

	if (fault == CHECK_FAULT_MAPPING_DEPTH) {
		m->word += 2;
	} else if (fault == CHECK_FAULT_MAPPING_PAGE) {
		*pte = 0; /* the processor still has it */
		--*pool_note(pte);
	} else {
		if (!m->next || mapping_depth(m->next) <= mapping_depth(m))
			return false;
		*pte &= ~PTE_WRITE;
	}
	return true;
}

static bool break_mappings(uint64_t fault, struct tcb *self)
{
	struct leaf leaf = ptab_walk(self->space, frame_of(self)->rsi);

	return leaf_is_mapped(leaf) &&
	       break_mapping(fault, self, *ptab_mapping(leaf.pte));
}

static bool break_pool(uint64_t fault)
{
	void *page = pool_alloc();

	if (page && fault == CHECK_FAULT_DOUBLE_FREE) {
		pool_free(page);
		pool_free(page);
	}
	return page != NULL;
}

bool check_fault(uint64_t fault, struct tcb *self)
{
	switch (fault) {
	case CHECK_FAULT_READY_ORDER:
	case CHECK_FAULT_READY_STATE:
	case CHECK_FAULT_LOST:
		return break_ready(fault);
	case CHECK_FAULT_TWO_QUEUES:
	case CHECK_FAULT_SENDERS:
	case CHECK_FAULT_WAKE_UP:
		return break_senders(fault, self);
	case CHECK_FAULT_TIMEOUT_ORDER:
	case CHECK_FAULT_TIMEOUT_LOST:
		return break_timeouts(fault);
	case CHECK_FAULT_THREAD_NUMBER:
		self->id += UINT64_C(1) << THREAD_SHIFT;
		return true;
	case CHECK_FAULT_SPACE_COUNT:
		self->space->nr_threads++;
		return true;
	case CHECK_FAULT_MAPPING_DEPTH:
	case CHECK_FAULT_MAPPING_PAGE:
	case CHECK_FAULT_RIGHTS:
		return break_mappings(fault, self);
	case CHECK_FAULT_LEAK:
	case CHECK_FAULT_DOUBLE_FREE:
		return break_pool(fault);
	default:
		return false;
	}
}
