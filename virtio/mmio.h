/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio over MMIO, the transport of L4 domains.
 *
 * Source: VIRTIO 1.2, "Virtio Over MMIO"; only the modern register layout.
 */
#ifndef VIRTIO_MMIO_H
#define VIRTIO_MMIO_H

#include "virtio/device.h"

#define VIRTIO_MMIO_SIZE 0x1000u /* of the register window, bytes */

struct virtio_mmio {
	struct virtio_device *dev;
	uint32_t features_select;
	uint32_t accept_select;
	uint32_t queue_select;
};

/**
 * virtio_mmio_access - the driver accesses the window.
 * @offset: 0..VIRTIO_MMIO_SIZE - 1
 * @len:    1..8 bytes
 *
 * Registers are read and written as aligned 32-bit words; other accesses below
 * the configuration read as zero and write nothing.
 */
void virtio_mmio_access(struct virtio_mmio *mmio, uint64_t offset, void *data,
	unsigned len, bool is_write);

#endif
