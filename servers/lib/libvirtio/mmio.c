/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libvirtio/mmio.h"

#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>

#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"

#define MAGIC 0x74726976u /* "virt" */
#define VERSION 2u

static uint32_t reg_read(const struct mmio *mmio, unsigned reg)
{
	return *(volatile uint32_t *)(mmio->window + reg);
}

static void reg_write(const struct mmio *mmio, unsigned reg, uint32_t value)
{
	*(volatile uint32_t *)(mmio->window + reg) = value;
}

static void reg_write_address(
	const struct mmio *mmio, unsigned low, const void *address)
{
	reg_write(mmio, low, (uint32_t)(uint64_t)address);
	reg_write(mmio, low + 4, (uint32_t)((uint64_t)address >> 32));
}

const struct boot_device *mmio_find(uint32_t virtio_id)
{
	const struct startup *page = startup_page();

	for (uint32_t i = 0; i < page->nr_devices; i++)
		if (page->device[i].virtio_id == virtio_id)
			return &page->device[i];
	return NULL;
}

static uint64_t features_read(const struct mmio *mmio)
{
	uint64_t low, high;

	reg_write(mmio, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 0);
	low = reg_read(mmio, VIRTIO_MMIO_DEVICE_FEATURES);
	reg_write(mmio, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	high = reg_read(mmio, VIRTIO_MMIO_DEVICE_FEATURES);
	return high << 32 | low;
}

static void features_write(const struct mmio *mmio, uint64_t features)
{
	reg_write(mmio, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	reg_write(mmio, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)features);
	reg_write(mmio, VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	reg_write(
		mmio, VIRTIO_MMIO_DRIVER_FEATURES, (uint32_t)(features >> 32));
}

bool mmio_start(struct mmio *mmio, const struct boot_device *device,
	uint64_t wanted, uint64_t *features)
{
	uint32_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	fpage_t page = fpage_make(device->gpa, FPAGE_LOG2_MIN, FPAGE_RIGHTS);

	if (fpage_is_nil(L4_Sigma0_GetPage(
		    (thread_id_t){startup_page()->sigma0}, page)) ||
		interrupt_attach(device->irq) != 0)
		return false;
	mmio->window = (volatile uint8_t *)device->gpa;
	mmio->irq = device->irq;
	if (reg_read(mmio, VIRTIO_MMIO_MAGIC_VALUE) != MAGIC ||
		reg_read(mmio, VIRTIO_MMIO_VERSION) != VERSION)
		return false;
	reg_write(mmio, VIRTIO_MMIO_STATUS, 0);
	reg_write(mmio, VIRTIO_MMIO_STATUS, status);
	*features = features_read(mmio) & wanted;
	features_write(mmio, *features);
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	reg_write(mmio, VIRTIO_MMIO_STATUS, status);
	return reg_read(mmio, VIRTIO_MMIO_STATUS) == status;
}

void mmio_queue(const struct mmio *mmio, const struct mmio_queue *queue)
{
	reg_write(mmio, VIRTIO_MMIO_QUEUE_SEL, 0);
	reg_write(mmio, VIRTIO_MMIO_QUEUE_NUM, queue->size);
	reg_write_address(mmio, VIRTIO_MMIO_QUEUE_DESC_LOW, queue->desc);
	reg_write_address(mmio, VIRTIO_MMIO_QUEUE_AVAIL_LOW, queue->avail);
	reg_write_address(mmio, VIRTIO_MMIO_QUEUE_USED_LOW, queue->used);
	reg_write(mmio, VIRTIO_MMIO_QUEUE_READY, 1);
	reg_write(mmio, VIRTIO_MMIO_STATUS,
		reg_read(mmio, VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_DRIVER_OK);
}

uint32_t mmio_config32(const struct mmio *mmio, unsigned offset)
{
	return reg_read(mmio, VIRTIO_MMIO_CONFIG + offset);
}

void mmio_kick(const struct mmio *mmio)
{
	reg_write(mmio, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
}

void mmio_interrupt(const struct mmio *mmio, thread_id_t from)
{
	if (!thread_id_equal(from, thread_id_interrupt(mmio->irq)))
		return;
	reg_write(mmio, VIRTIO_MMIO_INTERRUPT_ACK,
		reg_read(mmio, VIRTIO_MMIO_INTERRUPT_STATUS));
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(from);
}

bool mmio_wait(const struct mmio *mmio, uint64_t us)
{
	thread_id_t interrupt = thread_id_interrupt(mmio->irq);

	if (msgtag_failed(L4_Receive_Timeout(interrupt, L4_TimePeriod(us))))
		return false;
	mmio_interrupt(mmio, interrupt);
	return true;
}
