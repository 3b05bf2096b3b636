/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The registers of a virtio-mmio device.
 */
#ifndef SERVERS_LIB_LIBVIRTIO_MMIO_H
#define SERVERS_LIB_LIBVIRTIO_MMIO_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "vmm/abi/boot.h"

struct mmio {
	volatile uint8_t *window;
	uint32_t irq;
};

/** A split ring of one queue, as the driver made it. */
struct mmio_queue {
	uint16_t size;
	const void *desc, *avail, *used;
};

/** mmio_find - the domain's first device of a kind, or NULL. */
const struct boot_device *mmio_find(uint32_t virtio_id);

/**
 * mmio_start - reset a device and agree on features.
 * @wanted:   bits that the driver knows, VIRTIO_F_VERSION_1 among them
 * @features: OUT, those that the device has too
 *
 * The calling thread gets its interrupts.  Returns false if the window is not
 * to be had or is no device of version 1.
 */
bool mmio_start(struct mmio *mmio, const struct boot_device *device,
	uint64_t wanted, uint64_t *features);

/** mmio_queue - give it queue 0, and let it begin. */
void mmio_queue(const struct mmio *mmio, const struct mmio_queue *queue);

uint32_t mmio_config32(const struct mmio *mmio, unsigned offset);

/** mmio_kick - there is work in queue 0. */
void mmio_kick(const struct mmio *mmio);

/**
 * mmio_interrupt - a message from @from may be the device's interrupt.
 *
 * Then it is acknowledged, or there would be no other.  To be called for what
 * a program receives in an open wait.
 */
void mmio_interrupt(const struct mmio *mmio, thread_id_t from);

/**
 * mmio_wait - wait for an interrupt of the device, and acknowledge it.
 *
 * Returns false after @us microseconds.
 */
bool mmio_wait(const struct mmio *mmio, uint64_t us);

#endif
