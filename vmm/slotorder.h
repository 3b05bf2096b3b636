/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slots of a domain's table in the order of what they name, so that looking
 * for one takes few steps however many there are, and whatever a guest chooses.
 */
#ifndef VMM_SLOTORDER_H
#define VMM_SLOTORDER_H

#include <stdint.h>

#include "vmm/abi/control.h"

struct slot_order {
	unsigned nr;		     /* 0..PORTAL_SLOTS */
	uint64_t key[PORTAL_SLOTS];  /* ascending */
	uint16_t slot[PORTAL_SLOTS]; /* ascending where keys are the same */
};

/**
 * slot_order_add - @slot, 0..PORTAL_SLOTS-1, has @key.
 *
 * It is not there yet with this key, and fewer than PORTAL_SLOTS are.
 */
void slot_order_add(struct slot_order *o, uint64_t key, uint32_t slot);

/** slot_order_remove - what was added with these goes. */
void slot_order_remove(struct slot_order *o, uint64_t key, uint32_t slot);

/** slot_order_first - where @key begins: index of the first with it, or if there
 * is none, with a greater one; o->nr: none is. */
unsigned slot_order_first(const struct slot_order *o, uint64_t key);

#endif
