/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/ioorder.h"

#define BYTES_MIN 4096u

static uint64_t deadline(const struct io_turn *t)
{
	return t->order ? atomic_load_explicit(
				  &t->order->deadline, memory_order_relaxed)
			: IO_NO_DEADLINE;
}

static unsigned weight(const struct io_turn *t)
{
	unsigned share = t->order ? atomic_load_explicit(&t->order->share,
					    memory_order_relaxed)
				  : 1;

	return share ? share : 1;
}

bool io_before(const struct io_turn *a, const struct io_turn *b)
{
	uint64_t first = deadline(a), second = deadline(b);

	if (first != second)
		return first < second;
	return a->received < b->received;
}

void io_join(struct io_turn *t, uint64_t floor)
{
	if (t->received < floor)
		t->received = floor;
}

void io_receive(struct io_turn *t, uint64_t bytes)
{
	t->received += (bytes > BYTES_MIN ? bytes : BYTES_MIN) / weight(t);
}
