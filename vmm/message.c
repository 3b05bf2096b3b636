/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What crosses a portal: untyped words; thread items, which are translated;
 * string items, whose bytes follow (transfer.c).  Memory never does: map and
 * grant items are refused.
 */
#include "vmm/message.h"

#include <stdbool.h>

#include "vmm/domain.h"
#include "vmm/once.h"

static bool is_string(uint64_t word)
{
	return !(word & STRING_ITEM_BIT);
}

static bool is_thread(uint64_t word)
{
	return (word & THREAD_ITEM_TYPE_MASK) == THREAD_ITEM_TYPE;
}

static unsigned item_words(uint64_t word)
{
	return is_string(word) ? 1 + STRING_ITEM_PIECES(word) : 2;
}

/* Behind the untyped words there are thread and string items only, whole. */
__attribute__((noinline)) static bool items_pass(
	const uint64_t *word, unsigned u, unsigned t)
{
	unsigned i = u + 1;

	for (; i <= u + t; i += item_words(word[i]))
		if (!is_string(word[i]) && !is_thread(word[i]))
			return false;
	return i == u + t + 1;
}

bool message_has_strings(const uint64_t *word)
{
	unsigned last = TAG_UNTYPED(word[0]) + TAG_TYPED(word[0]);

	for (unsigned i = TAG_UNTYPED(word[0]) + 1; i <= last;
		i += item_words(word[i]))
		if (is_string(word[i]))
			return true;
	return false;
}

unsigned message_take(const struct domain *from, uint64_t *word)
{
	const uint64_t *out = from->control->message_out;
	uint64_t tag = once_u64(&out[0]);
	unsigned u = TAG_UNTYPED(tag);
	unsigned t = TAG_TYPED(tag);

	if (u + t >= MESSAGE_WORDS)
		return 0;
	word[0] = tag & ~TAG_FLAGS;
	for (unsigned i = 1; i <= u + t; i++)
		word[i] = once_u64(&out[i]);
	if (t && !items_pass(word, u, t))
		return 0;
	return 1 + u + t;
}

/* The capability behind an id that @from names, or NULL if it may not pass. */
static struct cap *cap_named(struct domain *from, uint64_t id)
{
	uint32_t slot = REMOTE_ID_SLOT(id);
	struct cap *cap;

	if (slot >= PORTAL_SLOTS)
		return NULL;
	cap = &from->cap[slot];
	if (cap->role == CAP_NONE || !(cap->rights & PORTAL_PASS))
		return NULL;
	return cap;
}

static uint64_t grant(struct domain *to, struct cap *cap, unsigned rights)
{
	struct portal *p = cap->portal;
	uint32_t slot;

	rights &= cap->rights;
	if (p->server == to && p->thread)
		return p->thread; /* it is the receiver's own thread */
	slot = cap_find(to, p, rights);
	if (!slot)
		slot = cap_grant(to, p, rights, cap->irq, cap);
	return slot ? REMOTE_ID_PORTAL(slot) : 0;
}

static uint64_t item_translate(
	struct domain *from, struct domain *to, uint64_t id, unsigned rights)
{
	struct cap *cap;

	if (id & REMOTE_ID_BIT) {
		cap = cap_named(from, id);
	} else if (id) {
		struct portal *p = portal_find_thread(from, id);

		if (!p)
			p = portal_create(from, id, NULL);
		cap = p ? &from->cap[p->slot] : NULL;
	} else {
		cap = NULL;
	}
	return cap ? grant(to, cap, rights) : 0;
}

__attribute__((noinline)) static void items_translate(
	struct domain *from, struct domain *to, uint64_t *word)
{
	unsigned u = TAG_UNTYPED(word[0]);
	unsigned t = TAG_TYPED(word[0]);

	for (unsigned i = u + 1; i < u + t; i += item_words(word[i])) {
		if (is_string(word[i]))
			continue;

		unsigned rights =
			(unsigned)(word[i] >> THREAD_ITEM_RIGHTS_SHIFT) &
			PORTAL_RIGHTS;

		word[i + 1] = item_translate(from, to, word[i + 1], rights);
	}
}

void message_translate(struct domain *from, struct domain *to, uint64_t *word)
{
	if (TAG_TYPED(word[0]))
		items_translate(from, to, word);
}
