/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-blk on a raw image.
 *
 * The image's data goes between file and guest memory without a copy here: the
 * device checks a request, hands file range and host addresses to the worker,
 * and returns the buffer when the worker is done.
 *
 * Source: VIRTIO 1.2, "Block Device".
 */
#ifndef VIRTIO_BLK_H
#define VIRTIO_BLK_H

#include <linux/virtio_blk.h>

#include "virtio/backend.h"
#include "virtio/device.h"
#include "virtio/limit.h"

/* What of a disk can be limited; bytes and requests are reads and writes. */
enum virtio_blk_limit {
	VIRTIO_BLK_BYTES,
	VIRTIO_BLK_BYTES_READ,
	VIRTIO_BLK_BYTES_WRITTEN,
	VIRTIO_BLK_REQUESTS,
	VIRTIO_BLK_READS,
	VIRTIO_BLK_WRITES,
	NR_VIRTIO_BLK_LIMITS,
};

struct virtio_blk_rates {
	struct limit_rate of[NR_VIRTIO_BLK_LIMITS][LIMIT_BUCKETS];
};

struct virtio_blk_counts {
	uint64_t requests; /* that were started */
	uint64_t bytes;
};

struct virtio_blk_slot {
	struct block_request rq; /* first: completions are found by address */
	bool used;
	uint16_t head;
	uint32_t written; /* data and status, if all goes well */
	gpa_t status;	  /* of the byte that says how it went */
};

struct virtio_blk {
	struct virtio_device dev;
	struct block *block;
	struct virtio_blk_config config;
	char serial[VIRTIO_BLK_ID_BYTES];
	unsigned nr_used;
	struct limit limit[NR_VIRTIO_BLK_LIMITS];
	struct virtio_blk_counts read;
	struct virtio_blk_counts written;
	bool held; /* chain waits for a limit */
	struct virtq_chain chain;
	struct virtio_blk_slot slot[BLOCK_REQUESTS_MAX];
};

/**
 * virtio_blk_init - a block device on @block.
 * @serial: up to VIRTIO_BLK_ID_BYTES characters, or NULL; copied
 * @rates:  limits, or NULL; copied
 */
void virtio_blk_init(struct virtio_blk *blk, struct guestmem *mem,
	struct block *block, const char *serial,
	const struct virtio_blk_rates *rates);

/**
 * virtio_blk_poll - return what the worker has done to the driver.
 *
 * Goes on with buffers that waited for a request to become free, as far as
 * @budget reaches; returns true if work is left.
 */
bool virtio_blk_poll(struct virtio_blk *blk, struct virtio_budget *budget);

/**
 * virtio_blk_finish - carry out all that the driver, which runs no more, has
 * told the device of: more than the device takes at once, too.
 */
void virtio_blk_finish(struct virtio_blk *blk);

#endif
