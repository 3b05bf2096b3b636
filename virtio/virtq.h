/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Split virtqueues, the device's side.
 *
 * All three areas of a queue lie in guest memory and belong to the driver,
 * which may be hostile: each value is read once into a private copy, indices
 * are checked against the queue's size, and no loop runs longer than that.
 *
 * Source: VIRTIO 1.2, "Split Virtqueues".
 */
#ifndef VIRTIO_VIRTQ_H
#define VIRTIO_VIRTQ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio/guestmem.h"

/*
 * Also the longest chain, with indirect descriptors too ("a driver MUST NOT
 * create a descriptor chain longer than the Queue Size of the device"), so
 * that a copy of any legal chain fits struct virtq_chain.
 */
#define VIRTQ_SIZE_MAX 64

struct virtq {
	gpa_t desc;    /* descriptor table, 16 byte aligned */
	gpa_t driver;  /* available ring, 2 byte aligned */
	gpa_t device;  /* used ring, 4 byte aligned */
	uint16_t size; /* a power of 2, 1..VIRTQ_SIZE_MAX */
	bool ready;
	bool event_idx;	      /* VIRTIO_RING_F_EVENT_IDX was negotiated */
	bool indirect;	      /* VIRTIO_RING_F_INDIRECT_DESC likewise */
	bool signalled_valid; /* signalled means something */
	uint16_t next_avail;  /* the next entry to take */
	uint16_t next_used;   /* the next entry to write */
	uint16_t signalled;   /* next_used when the driver was last told */
};

struct virtq_segment {
	gpa_t gpa;
	uint32_t len; /* bytes */
};

/* A buffer: a private copy of its descriptors.  The device reads the first
 * nr_readable segments, and writes the others. */
struct virtq_chain {
	uint16_t head; /* names the buffer when it is returned */
	uint16_t nr_readable;
	uint16_t nr_segments;
	uint16_t nr_descriptors; /* read, for the caller's budget */
	uint64_t readable;	 /* bytes */
	uint64_t writable;	 /* bytes */
	struct virtq_segment segment[VIRTQ_SIZE_MAX];
};

/**
 * virtq_reset - forget all; the queue is not ready.
 */
void virtq_reset(struct virtq *vq);

/**
 * virtq_start - check what the driver configured and make the queue ready.
 *
 * Returns 0, or -EINVAL: size not a power of 2 in 1..VIRTQ_SIZE_MAX, or an
 * area that is not aligned; then the queue is not ready.
 */
NODISCARD int virtq_start(struct virtq *vq);

/**
 * virtq_pop - take the next buffer that the driver made available.
 * @chain: OUT
 *
 * With nothing available it asks the driver (event index) to tell of the next
 * buffer, and looks once more.
 *
 * Returns 1, 0 if nothing is available, or -EPROTO: the driver broke the
 * rules (an index out of range, more entries than the queue has, a loop, a
 * readable segment behind a writable one, a nested or misshapen indirect
 * table, an area outside of RAM).
 */
NODISCARD int virtq_pop(
	struct virtq *vq, struct guestmem *mem, struct virtq_chain *chain);

/**
 * virtq_push - return a buffer to the driver.
 * @head:    from its virtq_chain
 * @written: bytes, from the start of the writable part
 *
 * Returns 0, or -EPROTO if the used ring is outside of RAM.
 */
NODISCARD int virtq_push(struct virtq *vq, struct guestmem *mem, uint16_t head,
	uint32_t written);

/**
 * virtq_wants_signal - whether the driver is to be interrupted for what was
 * pushed since the last call.
 *
 * Returns 1, 0, or -EPROTO if the available ring is outside of RAM.
 */
NODISCARD int virtq_wants_signal(struct virtq *vq, struct guestmem *mem);

/**
 * virtq_chain_read - copy from the readable part, from byte @offset on.
 *
 * Returns 0, or -EFAULT: not wholly inside the part, or not in RAM.
 */
NODISCARD int virtq_chain_read(const struct virtq_chain *chain,
	struct guestmem *mem, uint64_t offset, void *dst, size_t len);

/**
 * virtq_chain_write - copy to the writable part, from byte @offset on.
 *
 * Returns 0, or -EFAULT; then a first part may have been written.
 */
NODISCARD int virtq_chain_write(const struct virtq_chain *chain,
	struct guestmem *mem, uint64_t offset, const void *src, size_t len);

/* Which part of a chain. */
enum virtq_part {
	VIRTQ_READABLE,
	VIRTQ_WRITABLE,
};

/**
 * virtq_chain_iov - the host's addresses of @len bytes from @offset on.
 * @iov: OUT, VIRTQ_SIZE_MAX entries
 *
 * Returns the number of entries, or -EFAULT: not wholly inside the part, or
 * not in RAM.
 */
NODISCARD int virtq_chain_iov(const struct virtq_chain *chain,
	struct guestmem *mem, enum virtq_part part, uint64_t offset,
	uint64_t len, struct iovec *iov);

#endif
