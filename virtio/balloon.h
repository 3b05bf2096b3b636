/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-balloon: memory that the guest's kernel gives back.
 *
 * The host sets a target; the driver inflates the balloon with that many pages,
 * or takes some out.  With free page reporting it also tells of free pages by
 * itself.  What is given back is discarded in pieces, within the budget; a page
 * that is touched again reads as zeroes.
 *
 * Source: VIRTIO 1.2, "Traditional Memory Balloon Device".
 */
#ifndef VIRTIO_BALLOON_H
#define VIRTIO_BALLOON_H

#include <linux/virtio_balloon.h>

#include "virtio/device.h"

#define BALLOON_PAGE 4096u /* bytes, whatever the guest's page size */

struct virtio_balloon {
	struct virtio_device dev;
	struct virtio_balloon_config config;
	uint64_t reported;	  /* free pages given back, all in all */
	struct virtq_chain chain; /* in hand, of queue held_queue */
	bool held;
	unsigned held_queue;
	uint64_t done; /* bytes of what the chain names */
};

/**
 * virtio_balloon_init - an empty balloon.
 * @reporting: offer free page reporting
 */
void virtio_balloon_init(
	struct virtio_balloon *balloon, struct guestmem *mem, bool reporting);

/** virtio_balloon_set - the host wants @pages of BALLOON_PAGE in it. */
void virtio_balloon_set(struct virtio_balloon *balloon, uint32_t pages);

/** virtio_balloon_pages - how many the driver says are in it. */
uint32_t virtio_balloon_pages(const struct virtio_balloon *balloon);

#endif
