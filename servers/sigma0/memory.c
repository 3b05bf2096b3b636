/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The domain's memory as the kernel interface page describes it.
 */
#include "servers/sigma0/memory.h"

static enum pool_kind kind_of(const struct kip_memory *m)
{
	switch (m->low & KIP_MEMORY_TYPE_MASK) {
	case KIP_MEMORY_CONVENTIONAL:
		return POOL_CONVENTIONAL;
	case KIP_MEMORY_SHARED:
		return POOL_SHARED;
	case KIP_MEMORY_RESERVED:
		return POOL_RESERVED;
	default: /* dedicated, boot loader's, architecture's */
		return POOL_DEDICATED;
	}
}

static bool memory_add(struct pool *pool, const struct kip_memory *m)
{
	if ((m->low & KIP_MEMORY_TYPE_MASK) == KIP_MEMORY_UNDEFINED ||
		(m->low & KIP_MEMORY_VIRTUAL))
		return true;

	uint64_t low = m->low & KIP_MEMORY_ADDRESS_MASK;
	uint64_t last = m->high | ~KIP_MEMORY_ADDRESS_MASK;

	if (last >= POOL_END)
		last = POOL_END - 1;
	return pool_paint(pool, low, last + 1, kind_of(m), THREAD_NIL);
}

bool memory_read(struct pool *pool, const struct kip *kip)
{
	uint64_t offset = KIP_MEMORY_OFFSET(kip->memory_info);
	uint64_t count = KIP_MEMORY_COUNT(kip->memory_info);

	if (offset % 8 != 0 || offset > KIP_SIZE ||
		count > (KIP_SIZE - offset) / sizeof(struct kip_memory))
		return false;

	const struct kip_memory *m =
		(const struct kip_memory *)((const char *)kip + offset);

	pool_init(pool);
	for (uint64_t i = 0; i < count; i++)
		if (!memory_add(pool, &m[i]))
			return false;

	return pool_own(pool, kip->sigma0.low, kip->sigma0.high,
		       THREAD_SIGMA0) &&
	       pool_own(pool, kip->root.low, kip->root.high, THREAD_ROOT);
}
