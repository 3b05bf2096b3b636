/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/dma.h"

#include <errno.h>

#include "vmm/memory/frame.h"

#define ALIVE (UINT64_C(1) << 31)
#define UNDER_WAY (ALIVE - 1)
#define GENERATION (UINT64_C(1) << 32)

uint64_t dma_add(struct dma *dma, struct container *c, uint32_t first,
	uint32_t count, bool writable)
{
	for (unsigned i = 0; i < DMA_RUNS; i++) {
		struct dma_run *r = &dma->run[i];

		if (r->container)
			continue;
		if (i == atomic_load(&dma->end))
			atomic_store(&dma->end, i + 1);
		r->container = c;
		container_pin(c);
		atomic_store(&r->first, first);
		atomic_store(&r->count, count);
		atomic_store(&r->writable, writable);
		/* Nobody else changes the state of a free entry. */
		atomic_fetch_add(&r->state, GENERATION + ALIVE);
		return DMA_ADDRESS + first * FRAME_SIZE;
	}
	return 0;
}

bool dma_end(struct dma *dma, const struct container *c)
{
	unsigned end = atomic_load(&dma->end);
	bool ended = true;

	for (unsigned i = 0; i < end; i++) {
		struct dma_run *r = &dma->run[i];

		if (!r->container || (c && r->container != c))
			continue;
		if (atomic_fetch_and(&r->state, ~ALIVE) & UNDER_WAY) {
			ended = false;
			continue;
		}
		container_unpin(r->container);
		r->container = NULL;
	}
	return ended;
}

static bool has(struct dma_run *r, uint64_t at, size_t len)
{
	uint64_t first = atomic_load(&r->first) * FRAME_SIZE;
	uint64_t size = atomic_load(&r->count) * FRAME_SIZE;

	return at >= first && at - first <= size && len <= size - (at - first);
}

/* Takes the run if it is what is looked for, and still is when taken. */
static bool take(struct dma_run *r, uint64_t at, size_t len, bool device_writes)
{
	uint64_t state = atomic_load(&r->state);

	while (state & ALIVE) {
		if (!has(r, at, len) ||
			(device_writes && !atomic_load(&r->writable)))
			return false;
		if (atomic_compare_exchange_weak(&r->state, &state, state + 1))
			return true;
	}
	return false;
}

int dma_take(struct dma *dma, gpa_t address, size_t len, bool device_writes,
	struct iovec *iov)
{
	uint64_t at = address.addr - DMA_ADDRESS;
	unsigned end = atomic_load(&dma->end);

	if (!dma->content || address.addr < DMA_ADDRESS)
		return -EFAULT;
	for (unsigned i = 0; i < end; i++)
		if (take(&dma->run[i], at, len, device_writes)) {
			*iov = (struct iovec){
				(char *)content_frame(dma->content, 0) + at,
				len};
			return 0;
		}
	return -EFAULT;
}

/* Which of several runs over the same memory it was does not matter: they are
 * one container's and end together. */
void dma_give_back(struct dma *dma, const struct iovec *iov)
{
	unsigned end = atomic_load(&dma->end);
	uint64_t at;

	if (!dma->content)
		return;
	at = (uint64_t)iov->iov_base - (uint64_t)content_frame(dma->content, 0);
	for (unsigned i = 0; i < end; i++) {
		struct dma_run *r = &dma->run[i];

		if ((atomic_load(&r->state) & UNDER_WAY) &&
			has(r, at, iov->iov_len)) {
			atomic_fetch_sub(&r->state, 1);
			return;
		}
	}
}
