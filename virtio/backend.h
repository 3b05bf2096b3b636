/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What device types need from the host: a disk image and a console.
 *
 * Owner: virtio; implemented by vmm (blockio.c, console.c).  Fuzzers link a
 * flat array.  Nothing here blocks.
 */
#ifndef VIRTIO_BACKEND_H
#define VIRTIO_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio/guestmem.h"
#include "virtio/virtq.h"

#define BLOCK_SECTOR 512u     /* bytes */
#define BLOCK_REQUESTS_MAX 16 /* submitted and not yet taken back, per image */

struct block;

enum block_op {
	BLOCK_READ,
	BLOCK_WRITE,
	BLOCK_FLUSH,
};

/* Owned by the backend from block_submit() to block_completed(). */
struct block_request {
	enum block_op op;
	int nr_iov;
	int result;	      /* OUT: 0 or -errno */
	uint64_t offset;      /* bytes into the image */
	uint64_t len;	      /* bytes, the sum over iov */
	struct guestmem *mem; /* whose iov is, until it is done */
	struct iovec iov[VIRTQ_SIZE_MAX];
};

/** block_size - bytes in the image, a multiple of BLOCK_SECTOR. */
uint64_t block_size(const struct block *b);

/** block_read_only - true if the image may not be written. */
bool block_read_only(const struct block *b);

/**
 * block_submit - start a request.
 *
 * The caller has checked offset and len against block_size(), and has at most
 * BLOCK_REQUESTS_MAX requests out, for which there is always room.
 */
void block_submit(struct block *b, struct block_request *rq);

/** block_completed - take back a request that is done, or NULL. */
struct block_request *block_completed(struct block *b);

/** block_has_completed - true if block_completed() has one.  Cheap. */
bool block_has_completed(const struct block *b);

struct console;

/**
 * console_write - append output; never blocks.
 *
 * Callable by one thread at a time for each console (the domain's executor).
 */
void console_write(struct console *con, const void *bytes, size_t len);

#endif
