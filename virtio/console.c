/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-console with one port.
 */
#include "virtio/console.h"

#include <linux/virtio_ids.h>
#include <string.h>

#define RECEIVE_QUEUE 0u
#define TRANSMIT_QUEUE 1u
#define PIECE 1024u /* bytes copied at a time */

/* Print what is left of the chain in hand.  Returns false if it is bad. */
static bool print_some(struct virtio_console *con, struct virtio_budget *budget)
{
	char piece[PIECE];

	while (con->tx_done < con->tx.readable && budget->bytes >= PIECE) {
		uint64_t left = con->tx.readable - con->tx_done;
		size_t n = left < PIECE ? (size_t)left : PIECE;

		if (virtq_chain_read(
			    &con->tx, con->dev.mem, con->tx_done, piece, n) < 0)
			return false;
		if (con->out)
			console_write(con->out, piece, n);
		con->tx_done += n;
		virtio_spend(budget, 0, PIECE);
	}
	return true;
}

static bool transmit(struct virtio_console *con, struct virtio_budget *budget)
{
	struct virtio_device *dev = &con->dev;

	while (virtio_live(dev)) {
		if (!con->tx_held) {
			int got;

			if (budget->descriptors == 0)
				return true;
			got = virtq_pop(&dev->queue[TRANSMIT_QUEUE], dev->mem,
				&con->tx);
			if (got == 0)
				return false;
			if (got < 0)
				break;
			virtio_spend(budget, con->tx.nr_descriptors, 0);
			con->tx_held = true;
			con->tx_done = 0;
		}
		if (!print_some(con, budget))
			break;
		if (con->tx_done < con->tx.readable)
			return true;
		con->tx_held = false;
		virtio_complete(dev, TRANSMIT_QUEUE, con->tx.head, 0);
	}
	if (virtio_live(dev))
		virtio_break(dev);
	return false;
}

static bool console_run(
	struct virtio_device *dev, unsigned queue, struct virtio_budget *budget)
{
	struct virtio_console *con = (struct virtio_console *)dev;

	if (queue == TRANSMIT_QUEUE)
		return transmit(con, budget);
	/* Receive buffers are taken when there is input. */
	con->rx_ready = true;
	return false;
}

static void console_reset(struct virtio_device *dev)
{
	struct virtio_console *con = (struct virtio_console *)dev;

	con->tx_held = false;
	con->rx_ready = false;
}

static const struct virtio_type console_type = {
	.id = VIRTIO_ID_CONSOLE,
	.nr_queues = 2,
	.run = console_run,
	.reset = console_reset,
};

void virtio_console_init(
	struct virtio_console *con, struct guestmem *mem, struct console *out)
{
	memset(con, 0, sizeof(*con));
	con->out = out;
	virtio_init(&con->dev, &console_type, mem, 0);
}

bool virtio_console_listens(const struct virtio_console *con)
{
	return virtio_live(&con->dev) && con->dev.queue[RECEIVE_QUEUE].ready;
}

bool virtio_console_accepts(const struct virtio_console *con)
{
	return con->rx_ready && virtio_console_listens(con);
}

size_t virtio_console_input(
	struct virtio_console *con, const void *bytes, size_t len)
{
	struct virtio_device *dev = &con->dev;
	struct virtq_chain chain;
	size_t n;
	int got;

	if (len == 0 || !virtio_console_accepts(con))
		return 0;
	got = virtq_pop(&dev->queue[RECEIVE_QUEUE], dev->mem, &chain);
	if (got == 0) {
		con->rx_ready = false;
		return 0;
	}
	n = got > 0 && chain.writable < len ? (size_t)chain.writable : len;
	if (got < 0 || virtq_chain_write(&chain, dev->mem, 0, bytes, n) < 0) {
		virtio_break(dev);
		return 0;
	}
	virtio_complete(dev, RECEIVE_QUEUE, chain.head, (uint32_t)n);
	return n;
}
