/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/slotorder.h"

#include <string.h>

/* Where @key and @slot are, or belong. */
static unsigned place_of(
	const struct slot_order *o, uint64_t key, uint32_t slot)
{
	unsigned low = 0;
	unsigned high = o->nr;

	while (low < high) {
		unsigned i = (low + high) / 2;

		if (o->key[i] < key || (o->key[i] == key && o->slot[i] < slot))
			low = i + 1;
		else
			high = i;
	}
	return low;
}

void slot_order_add(struct slot_order *o, uint64_t key, uint32_t slot)
{
	unsigned i = place_of(o, key, slot);
	unsigned behind = o->nr++ - i;

	memmove(&o->key[i + 1], &o->key[i], behind * sizeof(o->key[0]));
	memmove(&o->slot[i + 1], &o->slot[i], behind * sizeof(o->slot[0]));
	o->key[i] = key;
	o->slot[i] = (uint16_t)slot;
}

void slot_order_remove(struct slot_order *o, uint64_t key, uint32_t slot)
{
	unsigned i = place_of(o, key, slot);
	unsigned behind = --o->nr - i;

	memmove(&o->key[i], &o->key[i + 1], behind * sizeof(o->key[0]));
	memmove(&o->slot[i], &o->slot[i + 1], behind * sizeof(o->slot[0]));
}

unsigned slot_order_first(const struct slot_order *o, uint64_t key)
{
	return place_of(o, key, 0);
}
