/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The driver's side of a split virtqueue, for tests.
 *
 * Source: VIRTIO 1.2, "Split Virtqueues".
 */
#include "tests/unit/ringdriver.h"

#include <linux/virtio_config.h>
#include <string.h>

struct vring_desc *ring_desc(struct ring_driver *d, uint64_t table, unsigned i)
{
	return (struct vring_desc *)(void *)(d->mem->bytes + table) + i;
}

struct vring_avail *ring_avail(struct ring_driver *d)
{
	return (struct vring_avail *)(void *)(d->mem->bytes + RING_AVAIL);
}

struct vring_used *ring_used(struct ring_driver *d)
{
	return (struct vring_used *)(void *)(d->mem->bytes + RING_USED);
}

void ring_setup(struct ring_driver *d, struct virtio_device *dev, unsigned q,
	uint64_t features)
{
	struct virtq *vq = virtio_queue(dev, q);

	features |= UINT64_C(1) << VIRTIO_F_VERSION_1;
	*d = (struct ring_driver){.mem = dev->mem};
	d->event_idx = features & UINT64_C(1) << VIRTIO_RING_F_EVENT_IDX;
	memset(d->mem->bytes, 0, sizeof(d->mem->bytes));
	virtio_set_status(dev, 0);
	virtio_set_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	virtio_set_status(dev, VIRTIO_CONFIG_S_DRIVER);
	virtio_accept(dev, 0, (uint32_t)features);
	virtio_accept(dev, 1, (uint32_t)(features >> 32));
	virtio_set_status(dev, VIRTIO_CONFIG_S_FEATURES_OK);
	vq->size = RING_SIZE;
	vq->desc.addr = RING_DESC;
	vq->driver.addr = RING_AVAIL;
	vq->device.addr = RING_USED;
	virtio_enable_queue(dev, q);
	virtio_set_status(dev, VIRTIO_CONFIG_S_DRIVER_OK);
}

void ring_offer(struct ring_driver *d, uint16_t head)
{
	struct vring_avail *avail = ring_avail(d);

	avail->ring[d->avail_idx % RING_SIZE] = head;
	avail->idx = ++d->avail_idx;
}

bool ring_must_notify(struct ring_driver *d)
{
	struct vring_used *used = ring_used(d);
	uint16_t old = d->notified;
	uint16_t event;

	d->notified = d->avail_idx;
	if (!d->event_idx)
		return !(used->flags & VRING_USED_F_NO_NOTIFY);
	memcpy(&event, &used->ring[RING_SIZE], sizeof(event));
	return vring_need_event(event, d->avail_idx, old);
}

bool ring_take(struct ring_driver *d, struct vring_used_elem *elem)
{
	struct vring_used *used = ring_used(d);

	if (used->idx == d->used_seen)
		return false;
	*elem = used->ring[d->used_seen++ % RING_SIZE];
	return true;
}
