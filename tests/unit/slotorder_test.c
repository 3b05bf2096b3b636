/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots in the order of their keys, against a list that is searched. */
/* link: vmm/slotorder.c */
#include <stdlib.h>

#include "tests/tap.h"
#include "vmm/slotorder.h"

#define STEPS 100000
#define KEYS 40 /* so that many slots have the same one */
#define NONE UINT64_MAX

static struct slot_order order;
static uint64_t key_of[PORTAL_SLOTS];

static void clear(void)
{
	order.nr = 0;
	for (unsigned slot = 0; slot < PORTAL_SLOTS; slot++)
		key_of[slot] = NONE;
}

/* The lowest slot with @key, or -1. */
static int searched(uint64_t key)
{
	for (unsigned slot = 0; slot < PORTAL_SLOTS; slot++)
		if (key_of[slot] == key)
			return (int)slot;
	return -1;
}

static int looked_up(uint64_t key)
{
	unsigned i = slot_order_first(&order, key);

	return i < order.nr && order.key[i] == key ? order.slot[i] : -1;
}

static bool is_sorted(void)
{
	for (unsigned i = 1; i < order.nr; i++)
		if (order.key[i - 1] > order.key[i] ||
			(order.key[i - 1] == order.key[i] &&
				order.slot[i - 1] >= order.slot[i]))
			return false;
	return true;
}

TEST(nothing_is_in_an_empty_one)
{
	clear();
	CHECK_EQ(slot_order_first(&order, 0), 0);
	CHECK_EQ(looked_up(0), -1);
}

TEST(all_slots_fit)
{
	clear();
	for (uint32_t slot = PORTAL_SLOTS; slot-- > 0;)
		slot_order_add(&order, slot / 2, slot);
	CHECK_EQ(order.nr, PORTAL_SLOTS);
	CHECK(is_sorted());
	CHECK_EQ(looked_up(7), 14);
	CHECK_EQ(slot_order_first(&order, PORTAL_SLOTS / 2), PORTAL_SLOTS);
}

TEST(the_lowest_slot_with_a_key_comes_first)
{
	bool same = true;

	clear();
	srand(1);
	for (unsigned i = 0; i < STEPS && same; i++) {
		uint32_t slot = (uint32_t)rand() % PORTAL_SLOTS;
		uint64_t key = (uint64_t)rand() % KEYS;

		if (key_of[slot] != NONE) {
			slot_order_remove(&order, key_of[slot], slot);
			key_of[slot] = NONE;
		} else {
			slot_order_add(&order, key, slot);
			key_of[slot] = key;
		}
		key = (uint64_t)rand() % KEYS;
		same = is_sorted() && looked_up(key) == searched(key);
	}
	CHECK(same);
}

TAP_MAIN(CASE(nothing_is_in_an_empty_one), CASE(all_slots_fit),
	CASE(the_lowest_slot_with_a_key_comes_first))
