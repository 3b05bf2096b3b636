/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-blk with one request under way.
 * Source: Virtual I/O Device (VIRTIO) 1.2, "Virtio Over MMIO", "Split
 * Virtqueues", "Block Device".
 */
#include "servers/workload/disk.h"

#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>
#include <stdbool.h>
#include <stddef.h>

#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"

#define QUEUE_SIZE 4
#define MEMORY_LOG2 17 /* of the queue and what is read */
#define FEATURES_1 (1u << (VIRTIO_F_VERSION_1 - 32))

enum { DESC_HEADER, DESC_DATA, DESC_STATUS };

/* At the same physical and virtual address. */
struct disk_memory {
	struct vring_desc desc[QUEUE_SIZE];
	uint16_t avail[3 + QUEUE_SIZE]; /* flags, idx, ring, used_event */
	uint16_t reserved_0;
	uint16_t used_flags;
	uint16_t used_idx;
	struct vring_used_elem used[QUEUE_SIZE];
	uint16_t avail_event;
	uint8_t status;
	uint8_t reserved_1;
	struct virtio_blk_outhdr header;
	uint8_t data[DISK_READ_MAX];
};

_Static_assert(sizeof(struct disk_memory) <= 1u << MEMORY_LOG2, "fits");
_Static_assert(offsetof(struct disk_memory, used_flags) % 4 == 0, "VIRTIO");

static const struct boot_device *device;
static volatile struct disk_memory *memory;

static uint32_t reg_read(unsigned reg)
{
	return *(volatile uint32_t *)(device->gpa + reg);
}

static void reg_write(unsigned reg, uint32_t value)
{
	*(volatile uint32_t *)(device->gpa + reg) = value;
}

static void reg_write_address(unsigned low, const volatile void *address)
{
	reg_write(low, (uint32_t)(uint64_t)address);
	reg_write(low + 4, (uint32_t)((uint64_t)address >> 32));
}

static void device_start(void)
{
	uint32_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;

	reg_write(VIRTIO_MMIO_STATUS, 0);
	reg_write(VIRTIO_MMIO_STATUS, status);
	reg_write(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	reg_write(VIRTIO_MMIO_DRIVER_FEATURES, FEATURES_1);
	reg_write(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	reg_write(VIRTIO_MMIO_DRIVER_FEATURES, 0);
	status |= VIRTIO_CONFIG_S_FEATURES_OK;
	reg_write(VIRTIO_MMIO_STATUS, status);
	if (reg_read(VIRTIO_MMIO_STATUS) != status)
		panic("the disk does not take its features");

	reg_write(VIRTIO_MMIO_QUEUE_SEL, 0);
	reg_write(VIRTIO_MMIO_QUEUE_NUM, QUEUE_SIZE);
	reg_write_address(VIRTIO_MMIO_QUEUE_DESC_LOW, memory->desc);
	reg_write_address(VIRTIO_MMIO_QUEUE_AVAIL_LOW, memory->avail);
	reg_write_address(VIRTIO_MMIO_QUEUE_USED_LOW, &memory->used_flags);
	reg_write(VIRTIO_MMIO_QUEUE_READY, 1);
	reg_write(VIRTIO_MMIO_STATUS, status | VIRTIO_CONFIG_S_DRIVER_OK);
}

/* The chain of every request: header, data, status. */
static void chain_prepare(void)
{
	memory->desc[DESC_HEADER] = (struct vring_desc){
		.addr = (uint64_t)&memory->header,
		.len = sizeof(memory->header),
		.flags = VRING_DESC_F_NEXT,
		.next = DESC_DATA,
	};
	memory->desc[DESC_DATA] = (struct vring_desc){
		.addr = (uint64_t)memory->data,
		.flags = VRING_DESC_F_NEXT | VRING_DESC_F_WRITE,
		.next = DESC_STATUS,
	};
	memory->desc[DESC_STATUS] = (struct vring_desc){
		.addr = (uint64_t)&memory->status,
		.len = 1,
		.flags = VRING_DESC_F_WRITE,
	};
}

static const struct boot_device *device_find(void)
{
	const struct startup *page = startup_page();

	for (uint32_t i = 0; i < page->nr_devices; i++)
		if (page->device[i].virtio_id == VIRTIO_ID_BLOCK)
			return &page->device[i];
	panic("the domain has no disk");
}

uint64_t disk_open(void)
{
	const thread_id_t sigma0 = {startup_page()->sigma0};

	device = device_find();

	fpage_t window = L4_Sigma0_GetPage(
		sigma0, fpage_make(device->gpa, FPAGE_LOG2_MIN, FPAGE_RIGHTS));
	fpage_t pages = L4_Sigma0_GetAny(sigma0, MEMORY_LOG2);

	if (fpage_is_nil(window) || fpage_is_nil(pages))
		panic("no memory for the disk");
	if (interrupt_attach(device->irq) != 0)
		panic("cannot get the disk's interrupt");
	memory = (volatile struct disk_memory *)fpage_base(pages);
	chain_prepare();
	device_start();
	return reg_read(VIRTIO_MMIO_CONFIG) |
	       (uint64_t)reg_read(VIRTIO_MMIO_CONFIG + 4) << 32;
}

static void interrupt_wait(void)
{
	const thread_id_t irq = thread_id_interrupt(device->irq);

	if (msgtag_failed(L4_Receive(irq)))
		panic("no interrupt: error %lu", L4_ErrorCode());
	reg_write(VIRTIO_MMIO_INTERRUPT_ACK,
		reg_read(VIRTIO_MMIO_INTERRUPT_STATUS));
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Send(irq);
}

void disk_read(uint64_t sector, uint32_t size)
{
	uint16_t idx = memory->avail[1];

	memory->header.type = VIRTIO_BLK_T_IN;
	memory->header.ioprio = 0;
	memory->header.sector = sector;
	memory->desc[DESC_DATA].len = size;
	memory->status = UINT8_MAX;
	memory->avail[2 + idx % QUEUE_SIZE] = DESC_HEADER;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	memory->avail[1] = ++idx;
	reg_write(VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	while (memory->used_idx != idx)
		interrupt_wait();
	if (memory->status != VIRTIO_BLK_S_OK)
		panic("the disk answers %u", memory->status);
}
