/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio over PCI.
 */
#include "virtio/pci.h"

#include <linux/pci_regs.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_pci.h>
#include <stddef.h>
#include <string.h>

#define VENDOR_ID 0x1af4u
#define DEVICE_ID_BASE 0x1040u
#define REVISION 1u
#define SUBSYSTEM_ID 0x1100u

#define CAP_COMMON 0x40u
#define CAP_NOTIFY 0x50u
#define CAP_ISR 0x64u
#define CAP_DEVICE 0x74u
#define CAP_WINDOW 0x84u

_Static_assert(CAP_WINDOW + offsetof(struct virtio_pci_cfg_cap, pci_cfg_data) ==
		       VIRTIO_PCI_WINDOW_DATA,
	"where the window's data is");

#define BAR_MEMORY 0u
#define BAR_PORTS 1u
#define COMMON_OFFSET 0u
#define DEVICE_OFFSET 0x100u
#define DEVICE_LENGTH 0x100u
#define NOTIFY_OFFSET 0u
#define NOTIFY_LENGTH 2u
#define ISR_OFFSET 4u

#define NO_VECTOR 0xffffu

static void put16(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t)value;
	p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
	put16(p, value);
	put16(p + 2, value >> 16);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static uint32_t class_of(uint32_t virtio_id)
{
	switch (virtio_id) {
	case VIRTIO_ID_BLOCK:
		return 0x010000; /* mass storage, SCSI */
	case VIRTIO_ID_CONSOLE:
		return 0x078000; /* communication, other */
	default:
		return 0xff0000; /* none of the classes */
	}
}

static void put_cap(struct virtio_pci *vp, unsigned at, unsigned next,
	struct virtio_pci_cap cap)
{
	cap.cap_vndr = PCI_CAP_ID_VNDR;
	cap.cap_next = (uint8_t)next;
	memcpy(vp->config + at, &cap, sizeof(cap));
}

static void init_caps(struct virtio_pci *vp)
{
	vp->config[PCI_CAPABILITY_LIST] = CAP_COMMON;
	put_cap(vp, CAP_COMMON, CAP_NOTIFY,
		(struct virtio_pci_cap){
			.cap_len = sizeof(struct virtio_pci_cap),
			.cfg_type = VIRTIO_PCI_CAP_COMMON_CFG,
			.bar = BAR_MEMORY,
			.offset = COMMON_OFFSET,
			.length = sizeof(struct virtio_pci_common_cfg),
		});
	/* The multiplier behind it is 0: one address for all queues. */
	put_cap(vp, CAP_NOTIFY, CAP_ISR,
		(struct virtio_pci_cap){
			.cap_len = sizeof(struct virtio_pci_notify_cap),
			.cfg_type = VIRTIO_PCI_CAP_NOTIFY_CFG,
			.bar = BAR_PORTS,
			.offset = NOTIFY_OFFSET,
			.length = NOTIFY_LENGTH,
		});
	put_cap(vp, CAP_ISR, CAP_DEVICE,
		(struct virtio_pci_cap){
			.cap_len = sizeof(struct virtio_pci_cap),
			.cfg_type = VIRTIO_PCI_CAP_ISR_CFG,
			.bar = BAR_PORTS,
			.offset = ISR_OFFSET,
			.length = 1,
		});
	put_cap(vp, CAP_DEVICE, CAP_WINDOW,
		(struct virtio_pci_cap){
			.cap_len = sizeof(struct virtio_pci_cap),
			.cfg_type = VIRTIO_PCI_CAP_DEVICE_CFG,
			.bar = BAR_MEMORY,
			.offset = DEVICE_OFFSET,
			.length = DEVICE_LENGTH,
		});
	put_cap(vp, CAP_WINDOW, 0,
		(struct virtio_pci_cap){
			.cap_len = sizeof(struct virtio_pci_cfg_cap),
			.cfg_type = VIRTIO_PCI_CAP_PCI_CFG,
		});
	vp->writable[CAP_WINDOW + VIRTIO_PCI_CAP_BAR] = 0xff;
	memset(vp->writable + CAP_WINDOW + VIRTIO_PCI_CAP_OFFSET, 0xff, 8);
}

void virtio_pci_init(struct virtio_pci *vp, struct virtio_device *dev,
	uint32_t memory_base, uint16_t port_base, uint8_t line)
{
	uint8_t *c = vp->config;
	uint8_t *w = vp->writable;
	uint32_t id = dev->type->id;

	memset(vp, 0, sizeof(*vp));
	vp->dev = dev;
	put16(c + PCI_VENDOR_ID, VENDOR_ID);
	put16(c + PCI_DEVICE_ID, DEVICE_ID_BASE + id);
	put16(c + PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	put16(c + PCI_STATUS, PCI_STATUS_CAP_LIST);
	put32(c + PCI_CLASS_REVISION, class_of(id) << 8 | REVISION);
	put16(c + PCI_SUBSYSTEM_VENDOR_ID, VENDOR_ID);
	put16(c + PCI_SUBSYSTEM_ID, SUBSYSTEM_ID);
	put32(c + PCI_BASE_ADDRESS_0, memory_base);
	put32(c + PCI_BASE_ADDRESS_1, port_base | PCI_BASE_ADDRESS_SPACE_IO);
	c[PCI_INTERRUPT_LINE] = line;
	c[PCI_INTERRUPT_PIN] = 1; /* INTA */

	put16(w + PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
				       PCI_COMMAND_MASTER |
				       PCI_COMMAND_INTX_DISABLE);
	/* The bits below a BAR's size stay as they are: that tells its size. */
	put32(w + PCI_BASE_ADDRESS_0, ~(VIRTIO_PCI_MEMORY_SIZE - 1));
	put32(w + PCI_BASE_ADDRESS_1, ~(VIRTIO_PCI_PORTS - 1));
	w[PCI_CACHE_LINE_SIZE] = 0xff;
	w[PCI_LATENCY_TIMER] = 0xff;
	w[PCI_INTERRUPT_LINE] = 0xff;
	init_caps(vp);
}

static uint32_t half(gpa_t gpa, bool high)
{
	return (uint32_t)(high ? gpa.addr >> 32 : gpa.addr);
}

static uint32_t queue_read(const struct virtq *vq, uint32_t offset)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		return vq->size;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		return NO_VECTOR;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		return vq->ready;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		return half(vq->desc, offset == VIRTIO_PCI_COMMON_Q_DESCHI);
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		return half(vq->driver, offset == VIRTIO_PCI_COMMON_Q_AVAILHI);
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		return half(vq->device, offset == VIRTIO_PCI_COMMON_Q_USEDHI);
	default:
		return 0; /* also the notification offset of each queue */
	}
}

static uint32_t common_read(struct virtio_pci *vp, uint32_t offset)
{
	struct virtio_device *dev = vp->dev;
	const struct virtq *vq = virtio_queue(dev, vp->queue_select);

	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		return vp->features_select;
	case VIRTIO_PCI_COMMON_DF:
		return virtio_features(dev, vp->features_select);
	case VIRTIO_PCI_COMMON_GFSELECT:
		return vp->accept_select;
	case VIRTIO_PCI_COMMON_GF:
		return half(
			(gpa_t){dev->driver_features}, vp->accept_select == 1);
	case VIRTIO_PCI_COMMON_MSIX:
		return NO_VECTOR;
	case VIRTIO_PCI_COMMON_NUMQ:
		return dev->type->nr_queues;
	case VIRTIO_PCI_COMMON_STATUS:
		return virtio_status(dev);
	case VIRTIO_PCI_COMMON_CFGGENERATION:
		return 0; /* no field is read in two parts */
	case VIRTIO_PCI_COMMON_Q_SELECT:
		return vp->queue_select;
	default:
		return vq ? queue_read(vq, offset) : 0;
	}
}

static void set_half(gpa_t *gpa, bool high, uint32_t value)
{
	unsigned shift = high ? 32 : 0;

	gpa->addr &= ~(UINT64_C(0xffffffff) << shift);
	gpa->addr |= (uint64_t)value << shift;
}

/* The registers of the selected queue, which is not ready. */
static void queue_write(struct virtq *vq, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case VIRTIO_PCI_COMMON_Q_SIZE:
		vq->size = (uint16_t)value;
		break;
	case VIRTIO_PCI_COMMON_Q_DESCLO:
	case VIRTIO_PCI_COMMON_Q_DESCHI:
		set_half(
			&vq->desc, offset == VIRTIO_PCI_COMMON_Q_DESCHI, value);
		break;
	case VIRTIO_PCI_COMMON_Q_AVAILLO:
	case VIRTIO_PCI_COMMON_Q_AVAILHI:
		set_half(&vq->driver, offset == VIRTIO_PCI_COMMON_Q_AVAILHI,
			value);
		break;
	case VIRTIO_PCI_COMMON_Q_USEDLO:
	case VIRTIO_PCI_COMMON_Q_USEDHI:
		set_half(&vq->device, offset == VIRTIO_PCI_COMMON_Q_USEDHI,
			value);
		break;
	default:
		break;
	}
}

static void common_write(struct virtio_pci *vp, uint32_t offset, uint32_t value)
{
	struct virtio_device *dev = vp->dev;
	struct virtq *vq = virtio_queue(dev, vp->queue_select);

	switch (offset) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		vp->features_select = value;
		break;
	case VIRTIO_PCI_COMMON_GFSELECT:
		vp->accept_select = value;
		break;
	case VIRTIO_PCI_COMMON_GF:
		virtio_accept(dev, vp->accept_select, value);
		break;
	case VIRTIO_PCI_COMMON_STATUS:
		virtio_set_status(dev, (uint8_t)value);
		break;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		vp->queue_select = (uint16_t)value;
		break;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		if (value == 1)
			virtio_enable_queue(dev, vp->queue_select);
		break;
	default:
		if (vq && !vq->ready)
			queue_write(vq, offset, value);
		break;
	}
}

static void access_common(struct virtio_pci *vp, uint32_t offset, void *data,
	unsigned len, bool is_write)
{
	uint32_t word = 0;
	unsigned n = len < sizeof(word) ? len : (unsigned)sizeof(word);

	if (is_write) {
		memcpy(&word, data, n);
		common_write(vp, offset, word);
		return;
	}
	memset(data, 0, len);
	word = common_read(vp, offset);
	memcpy(data, &word, n);
}

static void access_ports(struct virtio_pci *vp, uint32_t offset, void *data,
	unsigned len, bool is_write)
{
	uint16_t queue = 0;

	if (!is_write) {
		memset(data, 0, len);
		if (offset == ISR_OFFSET) {
			memcpy(data, &vp->dev->isr, 1);
			vp->dev->isr = 0;
		}
	} else if (offset == NOTIFY_OFFSET) {
		memcpy(&queue, data, len < 2 ? len : 2);
		virtio_notify(vp->dev, queue);
	}
}

void virtio_pci_access(struct virtio_pci *vp, unsigned bar, uint32_t offset,
	void *data, unsigned len, bool is_write)
{
	if (bar == BAR_PORTS)
		access_ports(vp, offset, data, len, is_write);
	else if (bar == BAR_MEMORY && offset < DEVICE_OFFSET)
		access_common(vp, offset - COMMON_OFFSET, data, len, is_write);
	else if (bar == BAR_MEMORY && is_write)
		virtio_write_config(vp->dev, offset - DEVICE_OFFSET, data, len);
	else if (bar == BAR_MEMORY)
		virtio_read_config(vp->dev, offset - DEVICE_OFFSET, data, len);
	else if (!is_write)
		memset(data, 0, len);
}

void virtio_pci_window(
	struct virtio_pci *vp, void *data, unsigned len, bool is_write)
{
	const uint8_t *cap = vp->config + CAP_WINDOW;
	uint32_t offset = get32(cap + VIRTIO_PCI_CAP_OFFSET);
	uint32_t length = get32(cap + VIRTIO_PCI_CAP_LENGTH);

	if (length != 1 && length != 2 && length != 4)
		return;
	if (length > len || offset % length)
		return;
	virtio_pci_access(
		vp, cap[VIRTIO_PCI_CAP_BAR], offset, data, length, is_write);
}

bool virtio_pci_line(const struct virtio_pci *vp)
{
	bool disabled =
		vp->config[PCI_COMMAND + 1] & (PCI_COMMAND_INTX_DISABLE >> 8);

	return vp->dev->isr && !disabled;
}
