/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/caller.h"

#include "guestkernel/remote.h"
#include "guestkernel/remote_string.h"
#include "guestkernel/set.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

#define WORDS (CALLER_SLOT_MAX / 64 + 1)

_Static_assert(CALLER_SLOT_MIN == 1, "0 is none");

/* Low halves of addresses of TCBs, which lie in the last 2 GiB; 0: none. */
static int32_t thread_of[CALLER_SLOT_MAX + 1];
static uint64_t unused[WORDS]; /* slots that have been in use */
static uint64_t to_cancel[WORDS];
static uint32_t last; /* slots behind it have never been used */

static uint32_t take(uint64_t *set)
{
	return set_take(set, last / 64 + 1);
}

bool caller_ensure(struct tcb *t)
{
	uint32_t slot = t->caller_slot;

	if (slot)
		return true;
	slot = take(unused);
	if (!slot) {
		if (last == CALLER_SLOT_MAX)
			return false;
		slot = ++last;
	}
	thread_of[slot] = (int32_t)(intptr_t)t;
	t->caller_slot = (uint16_t)slot;
	return true;
}

struct tcb *caller_thread(uint32_t slot)
{
	return (struct tcb *)(intptr_t)thread_of[slot];
}

struct tcb *caller_done(uint32_t slot)
{
	struct tcb *t = caller_thread(slot);

	bit_clear(to_cancel, slot);
	if (!t)
		bit_set(unused, slot);
	return t;
}

static void cancel(uint32_t slot)
{
	bit_set(to_cancel, slot);
	remote_work = true;
}

void caller_cancel(struct tcb *t)
{
	cancel(t->caller_slot);
}

void caller_thread_gone(struct tcb *t)
{
	uint32_t slot = t->caller_slot;

	thread_of[slot] = 0;
	/* The VMM may have its call, or strings of it. */
	if (t->state == THREAD_REMOTE || remote_string_is(t))
		cancel(slot);
	else
		bit_set(unused, slot);
}

bool caller_act(void)
{
	uint32_t slot = take(to_cancel);

	if (!slot)
		return false;
	CONTROL->action.caller_slot = slot;
	remote_leave(ACTION_CANCEL);
	return true;
}
