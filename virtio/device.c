/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Status, features, queues and interrupts of a virtio device.
 */
#include "virtio/device.h"

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <string.h>

#define FEATURE(bit) (UINT64_C(1) << (bit))

#define STATUS_DRIVER_BITS                                                \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |           \
		VIRTIO_CONFIG_S_DRIVER_OK | VIRTIO_CONFIG_S_FEATURES_OK | \
		VIRTIO_CONFIG_S_FAILED)

static bool is_busy(const struct virtio_device *dev)
{
	return dev->type->busy && dev->type->busy(dev);
}

static void reset_now(struct virtio_device *dev)
{
	dev->driver_features = 0;
	dev->status = 0;
	dev->isr = 0;
	dev->resetting = false;
	dev->interrupt = false;
	dev->work = 0;
	dev->resume_ns = VIRTIO_NEVER;
	for (unsigned q = 0; q < dev->type->nr_queues; q++)
		virtq_reset(&dev->queue[q]);
	if (dev->type->reset)
		dev->type->reset(dev);
}

void virtio_init(struct virtio_device *dev, const struct virtio_type *type,
	struct guestmem *mem, uint64_t features)
{
	dev->type = type;
	dev->mem = mem;
	dev->features = features | FEATURE(VIRTIO_F_VERSION_1) |
			FEATURE(VIRTIO_RING_F_INDIRECT_DESC) |
			FEATURE(VIRTIO_RING_F_EVENT_IDX);
	reset_now(dev);
}

static bool features_acceptable(const struct virtio_device *dev)
{
	return !(dev->driver_features & ~dev->features) &&
	       (dev->driver_features & FEATURE(VIRTIO_F_VERSION_1));
}

static void start_reset(struct virtio_device *dev)
{
	dev->work = 0;
	dev->isr = 0;
	if (is_busy(dev))
		dev->resetting = true;
	else
		reset_now(dev);
}

void virtio_set_status(struct virtio_device *dev, uint8_t status)
{
	uint8_t added = (uint8_t)(status & STATUS_DRIVER_BITS & ~dev->status);

	if (status == 0) {
		start_reset(dev);
		return;
	}
	if (dev->resetting)
		return;
	if ((added & VIRTIO_CONFIG_S_FEATURES_OK) && !features_acceptable(dev))
		added &= (uint8_t)~VIRTIO_CONFIG_S_FEATURES_OK;
	dev->status |= added;
	/* DRIVER_OK without FEATURES_OK: a legacy driver, and we are none. */
	if (!(dev->status & VIRTIO_CONFIG_S_FEATURES_OK))
		dev->status &= (uint8_t)~VIRTIO_CONFIG_S_DRIVER_OK;
}

uint8_t virtio_status(const struct virtio_device *dev)
{
	return dev->status;
}

uint32_t virtio_features(const struct virtio_device *dev, uint32_t select)
{
	return select < 2 ? (uint32_t)(dev->features >> 32 * select) : 0;
}

void virtio_accept(struct virtio_device *dev, uint32_t select, uint32_t bits)
{
	uint64_t mask = select ? UINT64_C(0xffffffff) << 32 : 0xffffffff;

	if (select > 1 || (dev->status & VIRTIO_CONFIG_S_FEATURES_OK))
		return;
	dev->driver_features &= ~mask;
	dev->driver_features |= (uint64_t)bits << 32 * select;
}

struct virtq *virtio_queue(struct virtio_device *dev, uint32_t q)
{
	return q < dev->type->nr_queues ? &dev->queue[q] : NULL;
}

void virtio_enable_queue(struct virtio_device *dev, uint32_t q)
{
	struct virtq *vq = virtio_queue(dev, q);
	uint64_t f = dev->driver_features;

	if (!vq || vq->ready || dev->resetting)
		return;
	vq->event_idx = f & FEATURE(VIRTIO_RING_F_EVENT_IDX);
	vq->indirect = f & FEATURE(VIRTIO_RING_F_INDIRECT_DESC);
	if (virtq_start(vq) < 0)
		virtio_break(dev);
}

bool virtio_live(const struct virtio_device *dev)
{
	return (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) &&
	       !(dev->status & VIRTIO_CONFIG_S_NEEDS_RESET) && !dev->resetting;
}

void virtio_notify(struct virtio_device *dev, uint32_t q)
{
	struct virtq *vq = virtio_queue(dev, q);

	if (vq && vq->ready && virtio_live(dev))
		dev->work |= 1u << q;
}

bool virtio_run(struct virtio_device *dev, struct virtio_budget *budget)
{
	for (unsigned q = 0; q < dev->type->nr_queues; q++) {
		if (!(dev->work & 1u << q))
			continue;
		dev->work &= ~(1u << q);
		if (!dev->queue[q].ready)
			continue;
		if (dev->type->run(dev, q, budget) && virtio_live(dev))
			dev->work |= 1u << q;
	}
	return dev->work != 0;
}

void virtio_wait(struct virtio_device *dev, uint64_t when_ns)
{
	if (when_ns < dev->resume_ns)
		dev->resume_ns = when_ns;
}

bool virtio_resume(struct virtio_device *dev, uint64_t now_ns)
{
	if (now_ns < dev->resume_ns)
		return false;
	dev->resume_ns = VIRTIO_NEVER;
	for (unsigned q = 0; q < dev->type->nr_queues; q++)
		virtio_notify(dev, q);
	return true;
}

static void raise_interrupt(struct virtio_device *dev, uint8_t cause)
{
	dev->isr |= cause;
	dev->interrupt = true;
}

void virtio_break(struct virtio_device *dev)
{
	dev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	dev->work = 0;
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK)
		raise_interrupt(dev, VIRTIO_ISR_CONFIG);
}

void virtio_complete(struct virtio_device *dev, unsigned queue, uint16_t head,
	uint32_t written)
{
	struct virtq *vq = &dev->queue[queue];
	int wants;

	if (!virtio_live(dev) || !vq->ready)
		return;
	wants = virtq_push(vq, dev->mem, head, written);
	if (wants == 0)
		wants = virtq_wants_signal(vq, dev->mem);
	if (wants < 0)
		virtio_break(dev);
	else if (wants)
		raise_interrupt(dev, VIRTIO_ISR_QUEUE);
}

void virtio_done(struct virtio_device *dev)
{
	if (dev->resetting && !is_busy(dev))
		reset_now(dev);
}

void virtio_read_config(const struct virtio_device *dev, uint64_t offset,
	void *data, size_t len)
{
	const void *bytes = NULL;
	size_t size = dev->type->config ? dev->type->config(dev, &bytes) : 0;

	memset(data, 0, len);
	if (offset >= size)
		return;
	if (len > size - offset)
		len = size - offset;
	memcpy(data, (const char *)bytes + offset, len);
}

void virtio_write_config(struct virtio_device *dev, uint64_t offset,
	const void *data, size_t len)
{
	if (dev->type->write_config)
		dev->type->write_config(dev, offset, data, len);
}

void virtio_config_changed(struct virtio_device *dev)
{
	if (virtio_live(dev))
		raise_interrupt(dev, VIRTIO_ISR_CONFIG);
}
