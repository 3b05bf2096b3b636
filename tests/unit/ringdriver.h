/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver's side of a split virtqueue, for tests: it lays a ring out in
 * flat memory, offers buffers and takes them back, with event index and
 * indirect descriptors if asked.
 */
#ifndef TESTS_UNIT_RINGDRIVER_H
#define TESTS_UNIT_RINGDRIVER_H

#include <linux/virtio_ring.h>
#include <stdbool.h>

#include "tests/unit/flatmem.h"
#include "virtio/device.h"

#define RING_SIZE 8u
#define RING_DESC 0x1000u
#define RING_AVAIL 0x2000u
#define RING_USED 0x3000u
#define RING_TABLE 0x4000u /* indirect tables, one for each head */
#define RING_DATA 0x8000u

struct ring_driver {
	struct guestmem *mem;
	uint16_t avail_idx;
	uint16_t used_seen;
	uint16_t notified; /* avail_idx when the device was last notified */
	bool event_idx;
};

/** ring_desc - descriptor @i of the table at @table. */
struct vring_desc *ring_desc(struct ring_driver *d, uint64_t table, unsigned i);

struct vring_avail *ring_avail(struct ring_driver *d);
struct vring_used *ring_used(struct ring_driver *d);

/** ring_setup - start queue @q of @dev with RING_SIZE entries. */
void ring_setup(struct ring_driver *d, struct virtio_device *dev, unsigned q,
	uint64_t features);

/** ring_offer - make the chain that begins at @head available. */
void ring_offer(struct ring_driver *d, uint16_t head);

/**
 * ring_must_notify - whether the device asked to be told of what was offered
 * since the last call.
 */
bool ring_must_notify(struct ring_driver *d);

/** ring_take - take a used buffer back; false if there is none. */
bool ring_take(struct ring_driver *d, struct vring_used_elem *elem);

#endif
