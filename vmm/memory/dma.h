/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Device addresses: frames that a domain's devices reach, though nobody has a
 * window on them.  CONTAINER_LOCK_PHYSICAL puts runs of frames in, and their
 * container keeps them until the runs are gone.
 *
 * Runs come and go under the system's lock.  An executor takes one for a
 * request of a device, and the I/O worker gives it back, without any lock: so
 * a run's state is one word, which says which run it is, too.
 */
#ifndef VMM_MEMORY_DMA_H
#define VMM_MEMORY_DMA_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "virtio/guestmem.h"
#include "vmm/memory/container.h"
#include "vmm/memory/content.h"

#define DMA_RUNS 256u /* of a domain */
#define DMA_ADDRESS (UINT64_C(1) << 40)

struct dma_run {
	_Atomic uint64_t state; /* generation, alive, requests under way */
	_Atomic uint32_t first; /* frame of memory */
	_Atomic uint32_t count;
	atomic_bool writable;	     /* by the device */
	struct container *container; /* NULL: the entry is free */
};

struct dma {
	struct content *content; /* NULL: there are no runs */
	atomic_uint end;	 /* behind the last entry ever used */
	struct dma_run run[DMA_RUNS];
};

/**
 * dma_add - devices of this domain reach @count frames of memory from @first
 * on, which are @c's alone; @c is pinned.
 * @writable: they may write there, too
 *
 * Returns the address of the first, or 0 without a free entry.
 */
uint64_t dma_add(struct dma *dma, struct container *c, uint32_t first,
	uint32_t count, bool writable);

/**
 * dma_end - no request can reach frames of @c from now on; NULL: of any
 * container.
 *
 * Returns true if none is under way either: then @c is not pinned by this
 * domain any more.  False: to be called again.
 */
__attribute__((warn_unused_result)) bool dma_end(
	struct dma *dma, const struct container *c);

/**
 * dma_take - @len bytes at a device address, for a request.
 * @device_writes: into them
 * @iov:           OUT
 *
 * Returns 0 or -EFAULT (not within one run, or it may not).
 */
NODISCARD int dma_take(struct dma *dma, gpa_t address, size_t len,
	bool device_writes, struct iovec *iov);

/** dma_give_back - a request is done with @iov, which may be other memory. */
void dma_give_back(struct dma *dma, const struct iovec *iov);

#endif
