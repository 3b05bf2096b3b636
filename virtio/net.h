/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-net: one pair of queues, no offloads.
 *
 * A frame that is sent is copied out of the guest once, checked, and handed
 * to the back end; if that has no room, or the limit is reached, it waits in
 * hand and the others in the ring.  A frame is taken from the back end only
 * when the one before has its buffer, so nothing queues up in here.
 *
 * Source: VIRTIO 1.2, "Network Device".
 */
#ifndef VIRTIO_NET_H
#define VIRTIO_NET_H

#include <linux/virtio_net.h>

#include "virtio/backend.h"
#include "virtio/device.h"
#include "virtio/limit.h"

#define VIRTIO_NET_MAC_SIZE 6

/* What a frame costs beside its bytes, in bytes copied: system calls, 5 us. */
#define VIRTIO_NET_FRAME_COST 32768u

struct virtio_net_counts {
	uint64_t frames;  /* passed on */
	uint64_t bytes;	  /* of them */
	uint64_t dropped; /* frames that were not */
};

struct virtio_net {
	struct virtio_device dev;
	struct net *net;
	struct virtio_net_config config;
	struct limit outbound; /* bytes, from the guest */
	struct limit inbound;  /* bytes, to the guest */
	struct virtio_net_counts sent;
	struct virtio_net_counts received;

	bool tx_held; /* tx and tx_frame wait for the back end or the limit */
	bool tx_full; /* the back end had no room */
	uint16_t tx_head;
	unsigned tx_len; /* bytes in tx_frame */
	uint8_t tx_frame[NET_FRAME_MAX];

	bool rx_ready;	 /* the driver may have given buffers */
	uint64_t rx_at;	 /* the limit lets no frame pass before: ns */
	unsigned rx_len; /* bytes in rx_frame; 0: none in hand */
	uint8_t rx_frame[NET_FRAME_MAX];
};

/**
 * virtio_net_init - a network device on @net.
 * @mac:      its address
 * @outbound: limit on what the guest sends, bytes; likewise @inbound
 */
void virtio_net_init(struct virtio_net *n, struct guestmem *mem,
	struct net *net, const uint8_t mac[VIRTIO_NET_MAC_SIZE],
	const struct limit_rate outbound[LIMIT_BUCKETS],
	const struct limit_rate inbound[LIMIT_BUCKETS]);

/**
 * virtio_net_has_work - virtio_net_poll() would do something.  Cheap.
 */
bool virtio_net_has_work(const struct virtio_net *n);

/**
 * virtio_net_poll - go on in both directions as far as @budget reaches.
 */
void virtio_net_poll(struct virtio_net *n, struct virtio_budget *budget);

#endif
