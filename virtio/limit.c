/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Token buckets.  The state of one is the time at which it is full again:
 * nothing is to be done while time passes.
 */
#include "virtio/limit.h"

#define NS_PER_S UINT64_C(1000000000)

/* How long @amount takes to flow in; upwards, so that a limit errs on its
 * own side. */
static uint64_t flow_ns(const struct limit_rate *b, uint64_t amount)
{
	unsigned __int128 units = (unsigned __int128)amount * NS_PER_S;

	return (uint64_t)((units + b->rate - 1) / b->rate);
}

void limit_init(struct limit *l, const struct limit_rate bucket[LIMIT_BUCKETS])
{
	for (unsigned i = 0; i < LIMIT_BUCKETS; i++) {
		l->bucket[i] = bucket[i];
		l->full_ns[i] = 0;
	}
}

/* When bucket @i has @amount, or is full if that is more than it holds. */
static uint64_t bucket_when(const struct limit *l, unsigned i, uint64_t amount)
{
	const struct limit_rate *b = &l->bucket[i];
	uint64_t spare = b->burst > amount ? b->burst - amount : 0;
	uint64_t early =
		(uint64_t)((unsigned __int128)spare * NS_PER_S / b->rate);

	return l->full_ns[i] > early ? l->full_ns[i] - early : 0;
}

uint64_t limit_when(const struct limit *l, uint64_t now_ns, uint64_t amount)
{
	uint64_t when = now_ns;

	for (unsigned i = 0; i < LIMIT_BUCKETS; i++) {
		if (l->bucket[i].rate && bucket_when(l, i, amount) > when)
			when = bucket_when(l, i, amount);
	}
	return when;
}

void limit_take(struct limit *l, uint64_t now_ns, uint64_t amount)
{
	for (unsigned i = 0; i < LIMIT_BUCKETS; i++) {
		uint64_t *full = &l->full_ns[i];

		if (!l->bucket[i].rate)
			continue;
		if (*full < now_ns)
			*full = now_ns;
		*full += flow_ns(&l->bucket[i], amount);
	}
}
