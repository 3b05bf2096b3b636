/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/portal.h"

#include "guestkernel/caller.h"
#include "guestkernel/remote.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

#define WORDS (PORTAL_SLOTS / 64)

struct portal {
	struct tcb *server;
	uint16_t next;	 /* of the same server: slot + 1; 0 ends the list */
	bool restricted; /* the VMM delivers from one caller only */
};

static struct portal portals[PORTAL_SLOTS];
static uint64_t to_accept[WORDS]; /* slots for ACTION_ACCEPT */
static uint64_t to_unbind[WORDS]; /* slots for ACTION_UNBIND */

static uint64_t bit_of(uint32_t slot)
{
	return UINT64_C(1) << slot % 64;
}

/* Does @t, as it waits now, wait for what comes through @slot? */
static bool waits_for_slot(const struct tcb *t, uint32_t slot)
{
	uint64_t from = t->waits_for;

	if (from == WAITS_ANY)
		return true;
	return (from & REMOTE_ID_BIT) && REMOTE_ID_SLOT(from) == slot;
}

/* The one caller that is acceptable, or 0 for all. */
static uint64_t only_from(const struct tcb *t)
{
	uint64_t from = t->waits_for;

	if (from == WAITS_ANY || !(from & REMOTE_ID_BIT) ||
		REMOTE_ID_VERSION(from) == 1)
		return 0;
	return from;
}

struct tcb *portal_server(uint32_t slot)
{
	return slot < PORTAL_SLOTS ? portals[slot].server : NULL;
}

/* The short way serves threads with one portal, open to all callers. */
static void note_only(struct tcb *t)
{
	uint32_t at = t->first_portal;

	t->only_portal = 0;
	if (at && !portals[at - 1].next && !portals[at - 1].restricted)
		t->only_portal = bit_of(at - 1);
}

static void unlink(struct tcb *t, uint32_t slot)
{
	uint16_t *link = &t->first_portal;

	while (*link != slot + 1)
		link = &portals[*link - 1].next;
	*link = portals[slot].next;
	portals[slot].server = NULL;
	bit_clear(CONTROL->accepting, slot);
	note_only(t);
	if (!t->first_portal)
		t->flags &= ~(uint32_t)THREAD_BOUND;
}

static void give_back(uint32_t slot)
{
	bit_set(to_unbind, slot);
	remote_work = true;
}

void portal_bind(uint32_t slot, struct tcb *t)
{
	if (portals[slot].server)
		unlink(portals[slot].server, slot);
	if (!t || (t->flags & THREAD_INTERRUPT) || !caller_ensure(t)) {
		give_back(slot);
		return;
	}
	bit_clear(to_unbind, slot);
	portals[slot].server = t;
	portals[slot].restricted = false;
	portals[slot].next = t->first_portal;
	t->first_portal = (uint16_t)(slot + 1);
	t->flags |= THREAD_BOUND;
	note_only(t);
	if (t->state == THREAD_RECEIVING)
		remote_start_accepting(t);
}

void portal_thread_gone(struct tcb *t)
{
	while (t->first_portal) {
		uint32_t slot = t->first_portal - 1u;

		unlink(t, slot);
		give_back(slot);
	}
}

bool portal_is_pending(const struct tcb *t)
{
	for (unsigned at = t->first_portal; at; at = portals[at - 1].next)
		if (bit_test(CONTROL->pending, at - 1))
			return true;
	return false;
}

/* For one caller only the VMM must be told first: see act_accept. */
void portal_accept(struct tcb *t)
{
	bool is_one = only_from(t) != 0;

	for (unsigned at = t->first_portal; at; at = portals[at - 1].next) {
		uint32_t slot = at - 1;

		if (!waits_for_slot(t, slot))
			continue;
		if (!is_one)
			bit_set(CONTROL->accepting, slot);
		if (is_one || portals[slot].restricted ||
			bit_test(CONTROL->pending, slot)) {
			bit_set(to_accept, slot);
			remote_work = true;
		}
	}
}

void portal_refuse(struct tcb *t)
{
	for (unsigned at = t->first_portal; at; at = portals[at - 1].next)
		bit_clear(CONTROL->accepting, at - 1);
}

struct tcb *portal_take_request(uint32_t slot, uint64_t from)
{
	struct tcb *t = portals[slot].server;

	if (!t || t->state != THREAD_RECEIVING || !waits_for_slot(t, slot))
		return NULL;
	if (only_from(t) && only_from(t) != from)
		return NULL;
	portals[slot].restricted = false;
	note_only(t);
	return t;
}

/* Take the lowest slot out of a set; false if it is empty. */
static bool take(uint64_t *set, uint32_t *slot)
{
	for (uint32_t w = 0; w < WORDS; w++) {
		if (!set[w])
			continue;
		*slot = w * 64 + (uint32_t)__builtin_ctzll(set[w]);
		set[w] &= set[w] - 1;
		return true;
	}
	return false;
}

static bool act_accept(void)
{
	uint32_t slot;

	while (take(to_accept, &slot)) {
		struct tcb *t = portals[slot].server;

		if (!t || t->state != THREAD_RECEIVING ||
			!waits_for_slot(t, slot))
			continue;
		portals[slot].restricted = only_from(t) != 0;
		note_only(t);
		CONTROL->action.slot = slot;
		CONTROL->action.to = only_from(t);
		bit_set(CONTROL->accepting, slot);
		remote_leave(ACTION_ACCEPT);
		return true;
	}
	return false;
}

bool portal_act(void)
{
	uint32_t slot;

	if (take(to_unbind, &slot)) {
		CONTROL->action.slot = slot;
		remote_leave(ACTION_UNBIND);
		return true;
	}
	return act_accept();
}
