/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a ring that is being written.
 */
#include "vmm/trace/trace.h"

/* The oldest event that no writer is about to overwrite. */
static uint64_t oldest(uint64_t nr)
{
	return nr < TRACE_EVENTS ? 0 : nr - TRACE_EVENTS + 1;
}

unsigned trace_read(const struct trace_ring *ring, uint64_t *next,
	struct trace_event *out, unsigned max, uint64_t *lost)
{
	uint64_t nr = __atomic_load_n(&ring->nr, __ATOMIC_ACQUIRE);
	uint64_t from = *next > oldest(nr) ? *next : oldest(nr);
	unsigned copied = 0;
	unsigned torn = 0;

	while (from + copied < nr && copied < max) {
		out[copied] = ring->event[(from + copied) % TRACE_EVENTS];
		copied++;
	}

	/* The writer may have come round meanwhile. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	nr = __atomic_load_n(&ring->nr, __ATOMIC_RELAXED);
	if (from < oldest(nr))
		torn = oldest(nr) - from < copied
			       ? (unsigned)(oldest(nr) - from)
			       : copied;
	for (unsigned i = torn; torn && i < copied; i++)
		out[i - torn] = out[i];
	*lost += from - *next + torn;
	*next = from + copied;
	return copied - torn;
}
