/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-console with one port.
 *
 * Source: VIRTIO 1.2, "Console Device".
 */
#ifndef VIRTIO_CONSOLE_H
#define VIRTIO_CONSOLE_H

#include "virtio/backend.h"
#include "virtio/device.h"

struct virtio_console {
	struct virtio_device dev;
	struct console *out; /* NULL: output is dropped */
	uint64_t tx_done;    /* bytes of the chain in hand that are printed */
	bool tx_held;	     /* tx holds a chain that the budget cut */
	bool rx_ready;	     /* the driver gave receive buffers */
	struct virtq_chain tx;
};

/** virtio_console_init - a console device that prints to @out. */
void virtio_console_init(
	struct virtio_console *con, struct guestmem *mem, struct console *out);

/**
 * virtio_console_listens - true if the driver has a live receive queue.
 */
bool virtio_console_listens(const struct virtio_console *con);

/**
 * virtio_console_accepts - true if virtio_console_input() may take something.
 */
bool virtio_console_accepts(const struct virtio_console *con);

/**
 * virtio_console_input - give input to the driver.
 *
 * Returns the number of bytes taken: 0 if the driver has no buffer, which the
 * caller then keeps till virtio_console_accepts().
 */
size_t virtio_console_input(
	struct virtio_console *con, const void *bytes, size_t len);

#endif
