/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-net: one pair of queues, no offloads.
 */
#include "virtio/net.h"

#include <errno.h>
#include <linux/virtio_ids.h>
#include <string.h>

#define RECEIVE_QUEUE 0u
#define TRANSMIT_QUEUE 1u
#define HEADER_SIZE sizeof(struct virtio_net_hdr_v1)
#define FEATURE(bit) (UINT64_C(1) << (bit))

static bool has_budget(const struct virtio_budget *budget)
{
	return budget->descriptors && budget->bytes;
}

/* Sending. ----------------------------------------------------------------- */

/* Offloads were not offered, and a frame has a length. */
static bool may_be_sent(
	const struct virtio_net_hdr_v1 *header, uint64_t frame_len)
{
	return header->gso_type == VIRTIO_NET_HDR_GSO_NONE &&
	       !(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) &&
	       frame_len >= NET_FRAME_MIN && frame_len <= NET_FRAME_MAX;
}

/* Copies the chain's frame; tx_len 0: it is to be dropped.  -1: bad chain. */
static int take_frame(struct virtio_net *n, const struct virtq_chain *chain)
{
	struct virtio_net_hdr_v1 header;
	uint64_t len;

	if (chain->writable || virtq_chain_read(chain, n->dev.mem, 0, &header,
				       sizeof(header)) < 0)
		return -1;
	len = chain->readable - HEADER_SIZE;
	n->tx_head = chain->head;
	n->tx_len = 0;
	if (!may_be_sent(&header, len))
		return 0;
	if (virtq_chain_read(chain, n->dev.mem, HEADER_SIZE, n->tx_frame,
		    (size_t)len) < 0)
		return -1;
	n->tx_len = (unsigned)len;
	return 0;
}

/* Returns false if the frame in hand has to wait. */
static bool send_frame(struct virtio_net *n, uint64_t now_ns)
{
	uint64_t when = limit_when(&n->outbound, now_ns, n->tx_len);
	int err = -EMSGSIZE;

	if (n->tx_len && when > now_ns) {
		virtio_wait(&n->dev, when);
		return false;
	}
	if (n->tx_len)
		err = net_send(n->net, n->tx_frame, n->tx_len);
	n->tx_full = err == -EAGAIN;
	if (n->tx_full)
		return false;
	if (err) {
		n->sent.dropped++;
	} else {
		limit_take(&n->outbound, now_ns, n->tx_len);
		n->sent.frames++;
		n->sent.bytes += n->tx_len;
	}
	return true;
}

/* Returns 1, 0 if the ring is empty, -1 if the driver broke the rules. */
static int next_to_send(struct virtio_net *n, struct virtio_budget *budget)
{
	struct virtq_chain chain;
	int got = virtq_pop(&n->dev.queue[TRANSMIT_QUEUE], n->dev.mem, &chain);

	if (got <= 0)
		return got;
	virtio_spend(budget, chain.nr_descriptors, 0);
	if (take_frame(n, &chain) < 0)
		return -1;
	n->tx_held = true;
	return 1;
}

static bool transmit(struct virtio_net *n, struct virtio_budget *budget)
{
	while (virtio_live(&n->dev)) {
		if (!has_budget(budget))
			return true;
		if (!n->tx_held) {
			int got = next_to_send(n, budget);

			if (got < 0)
				virtio_break(&n->dev);
			if (got <= 0)
				return false;
		}
		if (!send_frame(n, budget->now_ns))
			return false;
		virtio_spend(budget, 0, n->tx_len + VIRTIO_NET_FRAME_COST);
		n->tx_held = false;
		virtio_complete(&n->dev, TRANSMIT_QUEUE, n->tx_head, 0);
	}
	return false;
}

/* Receiving. --------------------------------------------------------------- */

/* A frame in hand that the limit lets pass; false: not now. */
static bool next_received(struct virtio_net *n, struct virtio_budget *budget)
{
	uint64_t when;
	int len;

	while (n->rx_len == 0) {
		if (!net_readable(n->net) || !has_budget(budget))
			return false;
		len = net_receive(n->net, n->rx_frame);
		virtio_spend(budget, 0, VIRTIO_NET_FRAME_COST);
		if (len > 0)
			n->rx_len = (unsigned)len;
		else if (len == -EMSGSIZE)
			n->received.dropped++;
	}
	when = limit_when(&n->inbound, budget->now_ns, n->rx_len);
	if (when > budget->now_ns) {
		n->rx_at = when;
		virtio_wait(&n->dev, when);
	}
	return when <= budget->now_ns;
}

/* Put the frame in hand into a buffer.  Returns false if the chain is bad. */
static bool deliver(struct virtio_net *n, const struct virtq_chain *chain)
{
	const struct virtio_net_hdr_v1 header = {.num_buffers = 1};
	uint32_t len = (uint32_t)HEADER_SIZE + n->rx_len;
	bool fits = len <= chain->writable;

	if (chain->readable || chain->writable < HEADER_SIZE ||
		virtq_chain_write(chain, n->dev.mem, 0, &header, HEADER_SIZE) <
			0)
		return false;
	if (fits && virtq_chain_write(chain, n->dev.mem, HEADER_SIZE,
			    n->rx_frame, n->rx_len) < 0)
		return false;
	if (fits) {
		n->received.frames++;
		n->received.bytes += n->rx_len;
	} else {
		/* The driver has to get its buffer back: an empty frame. */
		n->received.dropped++;
		len = HEADER_SIZE;
	}
	virtio_complete(&n->dev, RECEIVE_QUEUE, chain->head, len);
	return true;
}

static void receive(struct virtio_net *n, struct virtio_budget *budget)
{
	struct virtq *vq = &n->dev.queue[RECEIVE_QUEUE];
	struct virtq_chain chain;

	while (virtio_live(&n->dev) && n->rx_ready && has_budget(budget) &&
		next_received(n, budget)) {
		int got = virtq_pop(vq, n->dev.mem, &chain);

		if (got == 0) {
			n->rx_ready = false;
			return;
		}
		if (got < 0 || !deliver(n, &chain)) {
			virtio_break(&n->dev);
			return;
		}
		limit_take(&n->inbound, budget->now_ns, n->rx_len);
		virtio_spend(budget, chain.nr_descriptors, n->rx_len);
		n->rx_len = 0;
	}
}

/* The device. -------------------------------------------------------------- */

static bool net_run(
	struct virtio_device *dev, unsigned queue, struct virtio_budget *budget)
{
	struct virtio_net *n = (struct virtio_net *)dev;

	if (queue == TRANSMIT_QUEUE)
		return transmit(n, budget);
	n->rx_ready = true;
	n->rx_at = 0;
	receive(n, budget);
	return false; /* virtio_net_has_work() knows of the rest */
}

static size_t net_config(const struct virtio_device *dev, const void **bytes)
{
	const struct virtio_net *n = (const struct virtio_net *)dev;

	*bytes = &n->config;
	return sizeof(n->config);
}

static void net_reset(struct virtio_device *dev)
{
	struct virtio_net *n = (struct virtio_net *)dev;

	n->tx_held = false;
	n->tx_full = false;
	n->rx_ready = false;
	n->rx_at = 0;
	n->rx_len = 0;
}

static const struct virtio_type net_type = {
	.id = VIRTIO_ID_NET,
	.nr_queues = 2,
	.run = net_run,
	.config = net_config,
	.reset = net_reset,
};

void virtio_net_init(struct virtio_net *n, struct guestmem *mem,
	struct net *net, const uint8_t mac[VIRTIO_NET_MAC_SIZE],
	const struct limit_rate outbound[LIMIT_BUCKETS],
	const struct limit_rate inbound[LIMIT_BUCKETS])
{
	memset(n, 0, sizeof(*n));
	n->net = net;
	memcpy(n->config.mac, mac, VIRTIO_NET_MAC_SIZE);
	n->config.status = VIRTIO_NET_S_LINK_UP;
	limit_init(&n->outbound, outbound);
	limit_init(&n->inbound, inbound);
	virtio_init(&n->dev, &net_type, mem,
		FEATURE(VIRTIO_NET_F_MAC) | FEATURE(VIRTIO_NET_F_STATUS));
}

bool virtio_net_has_work(const struct virtio_net *n)
{
	if (!virtio_live(&n->dev))
		return false;
	if (n->tx_full && net_writable(n->net))
		return true;
	return n->rx_ready && n->rx_at == 0 &&
	       (n->rx_len || net_readable(n->net));
}

void virtio_net_poll(struct virtio_net *n, struct virtio_budget *budget)
{
	if (n->tx_full && net_writable(n->net))
		virtio_notify(&n->dev, TRANSMIT_QUEUE);
	if (n->rx_at == 0)
		receive(n, budget);
	virtio_run(&n->dev, budget);
}
