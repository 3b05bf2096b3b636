/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/portal.h"

#include "guestkernel/caller.h"
#include "guestkernel/remote.h"
#include "guestkernel/set.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

#define WORDS (PORTAL_SLOTS / 64)

_Static_assert(PORTAL_SLOT_VMM == 0, "no thread's: ends the lists of slots");

static struct tcb *server_of[PORTAL_SLOTS];
static uint16_t next_slot[PORTAL_SLOTS]; /* of the same server */
static uint64_t to_accept[WORDS];	 /* slots for ACTION_ACCEPT */
static uint64_t to_unbind[WORDS];	 /* slots for ACTION_UNBIND */

#define ANYBODY UINT64_C(0)
#define NOBODY UINT64_MAX

/* Who may come through @slot, as @t waits now: ANYBODY, NOBODY, a caller. */
static __attribute__((noinline)) uint64_t acceptable(
	const struct tcb *t, uint32_t slot)
{
	uint64_t from = t->waits_for;

	if (from == WAITS_ANY)
		return ANYBODY;
	if (!(from & REMOTE_ID_BIT) || REMOTE_ID_SLOT(from) != slot)
		return NOBODY;
	return REMOTE_ID_VERSION(from) == 1 ? ANYBODY : from;
}

struct tcb *portal_server(uint32_t slot)
{
	return server_of[slot];
}

bool portal_is_only(const struct tcb *t)
{
	return t->first_portal && !next_slot[t->first_portal];
}

static void unlink(struct tcb *t, uint32_t slot)
{
	uint16_t *link = &t->first_portal;

	while (*link != slot)
		link = &next_slot[*link];
	*link = next_slot[slot];
	server_of[slot] = NULL;
	bit_clear(CONTROL->accepting, slot);
	if (!t->first_portal)
		t->flags &= ~(uint32_t)THREAD_BOUND;
}

static void tell_later(uint64_t *set, uint32_t slot)
{
	bit_set(set, slot);
	remote_work = true;
}

void portal_bind(uint32_t slot, struct tcb *t)
{
	if (server_of[slot])
		unlink(server_of[slot], slot);
	if (!t || (t->flags & THREAD_INTERRUPT) || !caller_ensure(t)) {
		tell_later(to_unbind, slot);
		return;
	}
	bit_clear(to_unbind, slot);
	server_of[slot] = t;
	next_slot[slot] = t->first_portal;
	t->first_portal = (uint16_t)slot;
	t->flags |= THREAD_BOUND;
	portal_accept(t, true);
}

void portal_thread_gone(struct tcb *t)
{
	while (t->first_portal) {
		uint32_t slot = t->first_portal;

		unlink(t, slot);
		tell_later(to_unbind, slot);
	}
}

bool portal_is_pending(const struct tcb *t)
{
	for (uint32_t slot = t->first_portal; slot; slot = next_slot[slot])
		if (bit_test(CONTROL->pending, slot))
			return true;
	return false;
}

/* For one caller only, the VMM must be told first; and that it was so. */
void portal_accept(struct tcb *t, bool waits)
{
	for (uint32_t slot = t->first_portal; slot; slot = next_slot[slot]) {
		uint64_t from = acceptable(t, slot);

		if (from == NOBODY)
			continue;
		bit_clear(CONTROL->accepting, slot);
		if (from || (waits && bit_test(CONTROL->pending, slot)))
			tell_later(to_accept, slot);
		if (!from && waits)
			bit_set(CONTROL->accepting, slot);
	}
}

bool portal_act(void)
{
	uint32_t slot = set_take(to_unbind, WORDS);
	uint32_t action = ACTION_UNBIND;

	if (!slot) {
		const struct tcb *t;
		uint64_t from = NOBODY;

		action = ACTION_ACCEPT;
		slot = set_take(to_accept, WORDS);
		if (!slot)
			return false;
		t = server_of[slot];
		if (t)
			from = acceptable(t, slot);
		if (from != NOBODY)
			bit_set(CONTROL->accepting, slot);
		CONTROL->action.to = from == NOBODY ? ANYBODY : from;
	}
	CONTROL->action.slot = slot;
	remote_leave(action);
	return true;
}
