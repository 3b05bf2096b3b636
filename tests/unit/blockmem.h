/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk image in memory behind virtio/backend.h, for tests: requests are done
 * when the test says so.
 */
#ifndef TESTS_UNIT_BLOCKMEM_H
#define TESTS_UNIT_BLOCKMEM_H

#include "virtio/backend.h"

#define BLOCKMEM_SECTORS 16u

struct block {
	uint8_t bytes[BLOCKMEM_SECTORS * BLOCK_SECTOR];
	bool read_only;
	int result; /* given to each request; not 0: nothing is moved */
	unsigned nr_submitted;
	unsigned nr_completed;
	struct block_request *submitted[BLOCK_REQUESTS_MAX];
	struct block_request *completed[BLOCK_REQUESTS_MAX];
};

/** blockmem_work - do all that was submitted, in order. */
void blockmem_work(struct block *b);

#endif
