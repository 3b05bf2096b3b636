/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block I/O: one worker thread does the file I/O of all domains.
 *
 * An executor puts a request into its machine's submission ring and goes on;
 * the worker reads or writes the file and puts the request into the machine's
 * completion ring, then writes the machine's wake_fd.
 */
#ifndef VMM_BLOCKIO_H
#define VMM_BLOCKIO_H

#include "virtio/guestmem.h"

/**
 * blockio_start - start the worker thread.
 *
 * Returns 0 or -errno.  To be called once, before any machine exists.
 */
NODISCARD int blockio_start(void);

/** blockio_stop - end the worker.  No machine with a disk exists any more. */
void blockio_stop(void);

#endif
