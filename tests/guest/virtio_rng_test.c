/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device of an L4 domain: its window comes from sigma0, its queue lies in
 * memory of this task, its interrupt is a message.
 * Source: Virtual I/O Device (VIRTIO) 1.2, "Virtio Over MMIO", "Split
 * Virtqueues", "Entropy Device".
 */
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "tests/tap.h"

#define MAGIC 0x74726976 /* "virt" */
#define QUEUE_SIZE 4
#define BYTES 64
#define TIMEOUT_US 1000000
#define FEATURES_1 (1u << (VIRTIO_F_VERSION_1 - 32))

/* One page, at the same physical and virtual address. */
struct queue_page {
	struct vring_desc desc[QUEUE_SIZE];
	uint16_t avail[3 + QUEUE_SIZE]; /* flags, idx, ring, used_event */
	uint16_t reserved_0;
	uint16_t used_flags;
	uint16_t used_idx;
	struct vring_used_elem used[QUEUE_SIZE];
	uint16_t avail_event;
	uint8_t data[BYTES];
};

_Static_assert(sizeof(struct queue_page) <= 4096, "one page");
_Static_assert(offsetof(struct queue_page, used_flags) % 4 == 0, "VIRTIO");

static const struct boot_device *device;
static volatile uint8_t *window;

static uint32_t reg_read(unsigned reg)
{
	return *(volatile uint32_t *)(window + reg);
}

static void reg_write(unsigned reg, uint32_t value)
{
	*(volatile uint32_t *)(window + reg) = value;
}

static void reg_write_address(unsigned low, const volatile void *address)
{
	reg_write(low, (uint32_t)(uint64_t)address);
	reg_write(low + 4, (uint32_t)((uint64_t)address >> 32));
}

TEST(the_window_is_a_virtio_device)
{
	const struct startup *page = startup_page();

	for (uint32_t i = 0; i < page->nr_devices; i++)
		if (page->device[i].virtio_id == VIRTIO_ID_RNG)
			device = &page->device[i];
	REQUIRE(device != NULL);

	fpage_t got = L4_Sigma0_GetPage((thread_id_t){page->sigma0},
		fpage_make(device->gpa, FPAGE_LOG2_MIN, FPAGE_RIGHTS));

	REQUIRE(!fpage_is_nil(got));
	window = (volatile uint8_t *)device->gpa;
	CHECK_EQ(reg_read(VIRTIO_MMIO_MAGIC_VALUE), MAGIC);
	CHECK_EQ(reg_read(VIRTIO_MMIO_VERSION), 2);
	CHECK_EQ(reg_read(VIRTIO_MMIO_DEVICE_ID), VIRTIO_ID_RNG);
}

/* Resets the device and gives it the queue. */
static bool device_start(struct queue_page *q)
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
		return false;

	reg_write(VIRTIO_MMIO_QUEUE_SEL, 0);
	reg_write(VIRTIO_MMIO_QUEUE_NUM, QUEUE_SIZE);
	reg_write_address(VIRTIO_MMIO_QUEUE_DESC_LOW, q->desc);
	reg_write_address(VIRTIO_MMIO_QUEUE_AVAIL_LOW, q->avail);
	reg_write_address(VIRTIO_MMIO_QUEUE_USED_LOW, &q->used_flags);
	reg_write(VIRTIO_MMIO_QUEUE_READY, 1);
	reg_write(VIRTIO_MMIO_STATUS, status | VIRTIO_CONFIG_S_DRIVER_OK);
	return true;
}

TEST(random_bytes_arrive_with_an_interrupt)
{
	REQUIRE(device != NULL);

	thread_id_t sigma0 = {startup_page()->sigma0};
	fpage_t memory = L4_Sigma0_GetAny(sigma0, FPAGE_LOG2_MIN);

	REQUIRE(!fpage_is_nil(memory));

	volatile struct queue_page *q =
		(volatile struct queue_page *)fpage_base(memory);
	uint8_t any = 0;

	REQUIRE(interrupt_attach(device->irq) == 0);
	REQUIRE(device_start((struct queue_page *)fpage_base(memory)));
	q->desc[0].addr = (uint64_t)q->data;
	q->desc[0].len = BYTES;
	q->desc[0].flags = VRING_DESC_F_WRITE;
	q->avail[2] = 0; /* the first entry of the ring */
	q->avail[1] = 1; /* the index behind it */
	reg_write(VIRTIO_MMIO_QUEUE_NOTIFY, 0);

	CHECK(!msgtag_failed(L4_Receive_Timeout(
		thread_id_interrupt(device->irq), L4_TimePeriod(TIMEOUT_US))));
	CHECK_EQ(reg_read(VIRTIO_MMIO_INTERRUPT_STATUS), VIRTIO_MMIO_INT_VRING);
	reg_write(VIRTIO_MMIO_INTERRUPT_ACK, VIRTIO_MMIO_INT_VRING);
	CHECK_EQ(q->used_idx, 1);
	CHECK_EQ(q->used[0].len, BYTES);
	for (unsigned i = 0; i < BYTES; i++)
		any |= q->data[i];
	CHECK(any != 0);
	reg_write(VIRTIO_MMIO_STATUS, 0);
}

TAP_MAIN(CASE(the_window_is_a_virtio_device),
	CASE(random_bytes_arrive_with_an_interrupt))
