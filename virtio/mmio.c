/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio over MMIO.
 */
#include "virtio/mmio.h"

#include <linux/virtio_mmio.h>
#include <string.h>

#define MAGIC 0x74726976u /* "virt" */
#define VERSION 2u
#define VENDOR 0x44524848u /* "HHRD" */

static uint32_t register_read(struct virtio_mmio *mmio, uint32_t offset)
{
	struct virtio_device *dev = mmio->dev;
	const struct virtq *vq = virtio_queue(dev, mmio->queue_select);

	switch (offset) {
	case VIRTIO_MMIO_MAGIC_VALUE:
		return MAGIC;
	case VIRTIO_MMIO_VERSION:
		return VERSION;
	case VIRTIO_MMIO_DEVICE_ID:
		return dev->type->id;
	case VIRTIO_MMIO_VENDOR_ID:
		return VENDOR;
	case VIRTIO_MMIO_DEVICE_FEATURES:
		return virtio_features(dev, mmio->features_select);
	case VIRTIO_MMIO_QUEUE_NUM_MAX:
		return vq ? VIRTQ_SIZE_MAX : 0;
	case VIRTIO_MMIO_QUEUE_READY:
		return vq && vq->ready;
	case VIRTIO_MMIO_INTERRUPT_STATUS:
		return dev->isr;
	case VIRTIO_MMIO_STATUS:
		return virtio_status(dev);
	default:
		return 0; /* no field is read in two parts: generation 0 */
	}
}

static void set_half(gpa_t *gpa, unsigned half, uint32_t value)
{
	uint64_t mask = UINT64_C(0xffffffff) << 32 * half;

	gpa->addr = (gpa->addr & ~mask) | (uint64_t)value << 32 * half;
}

/* The registers of the selected queue, which is not ready. */
static void queue_write(struct virtq *vq, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_MMIO_QUEUE_NUM:
		/* Refused, if wrong, when the queue is made ready. */
		vq->size = value <= UINT16_MAX ? (uint16_t)value : 0;
		break;
	case VIRTIO_MMIO_QUEUE_DESC_LOW:
	case VIRTIO_MMIO_QUEUE_DESC_HIGH:
		set_half(&vq->desc, offset == VIRTIO_MMIO_QUEUE_DESC_HIGH,
			value);
		break;
	case VIRTIO_MMIO_QUEUE_AVAIL_LOW:
	case VIRTIO_MMIO_QUEUE_AVAIL_HIGH:
		set_half(&vq->driver, offset == VIRTIO_MMIO_QUEUE_AVAIL_HIGH,
			value);
		break;
	case VIRTIO_MMIO_QUEUE_USED_LOW:
	case VIRTIO_MMIO_QUEUE_USED_HIGH:
		set_half(&vq->device, offset == VIRTIO_MMIO_QUEUE_USED_HIGH,
			value);
		break;
	default:
		break;
	}
}

static void register_write(
	struct virtio_mmio *mmio, uint32_t offset, uint32_t value)
{
	struct virtio_device *dev = mmio->dev;
	struct virtq *vq = virtio_queue(dev, mmio->queue_select);

	switch (offset) {
	case VIRTIO_MMIO_DEVICE_FEATURES_SEL:
		mmio->features_select = value;
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES:
		virtio_accept(dev, mmio->accept_select, value);
		break;
	case VIRTIO_MMIO_DRIVER_FEATURES_SEL:
		mmio->accept_select = value;
		break;
	case VIRTIO_MMIO_QUEUE_SEL:
		mmio->queue_select = value;
		break;
	case VIRTIO_MMIO_QUEUE_READY:
		if (value == 1)
			virtio_enable_queue(dev, mmio->queue_select);
		else if (vq)
			vq->ready = false;
		break;
	case VIRTIO_MMIO_QUEUE_NOTIFY:
		virtio_notify(dev, value);
		break;
	case VIRTIO_MMIO_INTERRUPT_ACK:
		dev->isr &= (uint8_t)~value;
		break;
	case VIRTIO_MMIO_STATUS:
		virtio_set_status(dev, (uint8_t)value);
		break;
	default:
		if (vq && !vq->ready)
			queue_write(vq, offset, value);
		break;
	}
}

void virtio_mmio_access(struct virtio_mmio *mmio, uint64_t offset, void *data,
	unsigned len, bool is_write)
{
	uint32_t word;

	if (offset >= VIRTIO_MMIO_CONFIG) {
		if (is_write)
			virtio_write_config(mmio->dev,
				offset - VIRTIO_MMIO_CONFIG, data, len);
		else
			virtio_read_config(mmio->dev,
				offset - VIRTIO_MMIO_CONFIG, data, len);
		return;
	}
	if (len != sizeof(word) || offset % sizeof(word)) {
		if (!is_write)
			memset(data, 0, len);
		return;
	}
	if (is_write) {
		memcpy(&word, data, sizeof(word));
		register_write(mmio, (uint32_t)offset, word);
	} else {
		word = register_read(mmio, (uint32_t)offset);
		memcpy(data, &word, sizeof(word));
	}
}
