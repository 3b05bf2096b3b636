/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block I/O: one worker thread does the file I/O of all domains.
 *
 * An executor puts a request into its machine's submission ring and goes on;
 * the worker reads or writes the file and puts the request into the machine's
 * completion ring, then writes the machine's wake_fd.  Among domains with
 * requests the order is that of their scheduling contexts (vmm/ioorder.h).
 */
#ifndef VMM_BLOCKIO_H
#define VMM_BLOCKIO_H

#include <stdbool.h>

#include "virtio/backend.h"
#include "vmm/ioorder.h"

/**
 * blockio_start - start the worker thread.
 *
 * Returns 0 or -errno.  To be called once, before any machine exists.
 */
NODISCARD int blockio_start(void);

/** blockio_stop - end the worker.  No image is open any more. */
void blockio_stop(void);

#define BLOCK_READ_ONLY 1u
#define BLOCK_DIRECT 2u /* not through the host's page cache, if it can do so */

/**
 * block_open - open a raw image.
 * @block:   OUT
 * @flags:   BLOCK_*
 * @wake_fd: eventfd that is written when a request is done
 * @order:   whose it is, outlives the image; NULL: nobody's in particular
 *
 * Returns 0, -EINVAL: not a file or block device, empty, or not a multiple of
 * BLOCK_SECTOR bytes; or -errno of open, fstat or malloc.
 */
NODISCARD int block_open(struct block **block, const char *path, unsigned flags,
	int wake_fd, const struct io_order *order);

/** block_worked_ns - CPU time of the worker for this image, all in all. */
uint64_t block_worked_ns(const struct block *b);

/**
 * block_close - carry out what was submitted, and free the image.
 *
 * NULL does nothing.
 */
void block_close(struct block *b);

#endif
