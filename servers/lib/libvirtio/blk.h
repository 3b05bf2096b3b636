/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Driver of a virtio-blk device behind virtio-mmio.
 *
 * A batch of requests is given to the device at once and waited for; the
 * device's addresses are guest-physical, so windows of containers will do.
 *
 * Source: Virtual I/O Device (VIRTIO) 1.2, "Virtio Over MMIO", "Split
 * Virtqueues", "Block Device".
 */
#ifndef SERVERS_LIB_LIBVIRTIO_BLK_H
#define SERVERS_LIB_LIBVIRTIO_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"

#define BLK_SECTOR 512u
#define BLK_BATCH_MAX 64u
#define BLK_MEMORY_SIZE 16384u /* what the driver needs, page-aligned */

/** One request of a batch. */
struct blk_request {
	uint64_t sector;
	uint64_t gpa;
	uint32_t size; /* bytes, a multiple of BLK_SECTOR */
};

enum blk_error {
	BLK_OK,
	BLK_ENODEVICE, /* there is none, or it is not as it should be */
	BLK_EINVAL,    /* a batch too large, or nothing in it */
	BLK_EIO,       /* the device failed at one of them */
	BLK_EREADONLY,
	BLK_ETIME, /* it did not answer */
};

/**
 * blk_start - take the domain's first block device.
 * @memory: BLK_MEMORY_SIZE bytes, visible to the caller and the device at the
 *          same address
 *
 * The calling thread gets its interrupts.  BLK_ENODEVICE.
 */
enum blk_error blk_start(void *memory);

/** blk_sectors - how many there are. */
uint64_t blk_sectors(void);

bool blk_is_read_only(void);

/**
 * blk_transfer - do a batch, in any order; the device has it at once.
 * @write: from memory to the disk
 *
 * BLK_EINVAL, BLK_EREADONLY, BLK_EIO, BLK_ETIME.
 */
enum blk_error blk_transfer(
	const struct blk_request *request, unsigned nr, bool write);

/** blk_interrupt - mmio_interrupt for this device. */
void blk_interrupt(thread_id_t from);

/** blk_flush - what was written is on stable storage. */
enum blk_error blk_flush(void);

#endif
