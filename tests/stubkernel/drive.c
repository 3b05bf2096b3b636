/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hostile driver: "drive SEED".  All virtio devices of the domain get queues
 * and requests that are nearly right, so that much of it is carried out, and
 * are reset, moved and lied to meanwhile.
 * Source: Virtual I/O Device (VIRTIO) 1.2, "Virtio Over MMIO", "Split
 * Virtqueues", and the devices' chapters.
 */
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_ring.h>

#include "tests/stubkernel/fuzz.h"
#include "tests/stubkernel/stub.h"

#define QUEUES 3u
#define ENTRIES 16u
#define DATA_SIZE 3072u
#define REGISTERS 0x100u
#define RAM_PAGES 2048u	    /* of the domain, */
#define RAM_FREE_PAGE 1024u /* which has nothing from here on */
#define REPORT_EVERY 2000u
#define NAP_US 100
#define READY                                                   \
	(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER | \
		VIRTIO_CONFIG_S_FEATURES_OK)

struct ring {
	struct vring_desc desc[ENTRIES];
	uint16_t avail_flags, avail_idx, avail[ENTRIES], used_event;
	uint16_t reserved_0[3];
	uint16_t used_flags, used_idx;
	struct vring_used_elem used[ENTRIES];
	uint16_t avail_event;
	uint8_t data[DATA_SIZE];
};

_Static_assert(sizeof(struct ring) <= 4096, "one page");

/* Devices write there, and over the ends of what they are given: behind it is
 * RAM that nobody misses. */
static volatile union {
	struct ring ring;
	uint8_t page[4096];
} (*const rings)[QUEUES] = (void *)(uintptr_t)(RAM_FREE_PAGE * UINT64_C(4096));

static uint16_t seen[BOOT_DEVICES_MAX][QUEUES]; /* of used_idx */
static uint64_t completed;

static volatile uint32_t *reg(uint32_t i, uint32_t offset)
{
	return (volatile uint32_t *)(uintptr_t)(boot->device[i].gpa + offset);
}

static uint64_t address_of(const volatile void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static void put_address(uint32_t i, uint32_t offset, uint64_t address)
{
	*reg(i, offset) = (uint32_t)address;
	*reg(i, offset + 4) = (uint32_t)(address >> 32);
}

static void start(uint32_t i)
{
	*reg(i, VIRTIO_MMIO_STATUS) = 0;
	*reg(i, VIRTIO_MMIO_STATUS) =
		VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
	for (uint32_t word = 0; word < 2; word++) {
		*reg(i, VIRTIO_MMIO_DEVICE_FEATURES_SEL) = word;
		*reg(i, VIRTIO_MMIO_DRIVER_FEATURES_SEL) = word;
		*reg(i, VIRTIO_MMIO_DRIVER_FEATURES) =
			*reg(i, VIRTIO_MMIO_DEVICE_FEATURES);
	}
	*reg(i, VIRTIO_MMIO_STATUS) = READY;
	for (uint32_t q = 0; q < QUEUES; q++) {
		volatile struct ring *ring = &rings[i][q].ring;

		ring->avail_idx = ring->used_idx = seen[i][q] = 0;
		*reg(i, VIRTIO_MMIO_QUEUE_SEL) = q;
		*reg(i, VIRTIO_MMIO_QUEUE_NUM) = ENTRIES;
		put_address(
			i, VIRTIO_MMIO_QUEUE_DESC_LOW, address_of(ring->desc));
		put_address(i, VIRTIO_MMIO_QUEUE_AVAIL_LOW,
			address_of(&ring->avail_flags));
		put_address(i, VIRTIO_MMIO_QUEUE_USED_LOW,
			address_of(&ring->used_flags));
		*reg(i, VIRTIO_MMIO_QUEUE_READY) = 1;
	}
	*reg(i, VIRTIO_MMIO_STATUS) = READY | VIRTIO_CONFIG_S_DRIVER_OK;
}

/* Not where this program lies, which devices would write over. */
static uint64_t any_address(const volatile struct ring *ring)
{
	switch (fuzz_any(16)) {
	case 0:
		return fuzz_any(UINT64_MAX);
	case 1: /* into the end of RAM */
		return (RAM_PAGES - 1) * UINT64_C(4096) + fuzz_any(8192);
	case 2:
		return boot->device[0].gpa + fuzz_any(4096);
	case 3: /* a big one */
		return (RAM_FREE_PAGE + fuzz_any(512)) * UINT64_C(4096);
	default:
		return address_of(ring->data) + fuzz_any(DATA_SIZE / 2);
	}
}

static uint32_t any_length(void)
{
	static const uint32_t edge[] = {0, 1, 8, 11, 12, 13, 511, 512, 513,
		1514, 4096, 65536, 1u << 20, 1u << 31, UINT32_MAX};

	return fuzz_any(2) ? (uint32_t)fuzz_any(DATA_SIZE / 2)
			   : edge[fuzz_any(sizeof(edge) / sizeof(edge[0]))];
}

/* A chain from entry @head on; random ends meet, and make circles. */
static void put_chain(volatile struct ring *ring, uint32_t head)
{
	uint32_t left = (uint32_t)fuzz_any(6);

	for (uint32_t at = head;; left--) {
		uint32_t next = (uint32_t)fuzz_any(ENTRIES);

		ring->desc[at].addr = any_address(ring);
		ring->desc[at].len = any_length();
		ring->desc[at].flags =
			(uint16_t)(fuzz_any(2) ? VRING_DESC_F_WRITE : 0);
		if (fuzz_any(32) == 0)
			ring->desc[at].flags |= VRING_DESC_F_INDIRECT;
		if (left)
			ring->desc[at].flags |= VRING_DESC_F_NEXT;
		ring->desc[at].next = (uint16_t)next;
		if (!left)
			return;
		at = next;
	}
}

/* Header, data, status: all of it right but where and how much. */
static void put_disk_request(volatile struct ring *ring)
{
	static const uint32_t type[] = {VIRTIO_BLK_T_IN, VIRTIO_BLK_T_OUT,
		VIRTIO_BLK_T_FLUSH, VIRTIO_BLK_T_GET_ID, VIRTIO_BLK_T_DISCARD,
		VIRTIO_BLK_T_WRITE_ZEROES, 99};
	volatile struct virtio_blk_outhdr *header =
		(volatile struct virtio_blk_outhdr *)ring->data;
	uint32_t what = type[fuzz_any(sizeof(type) / sizeof(type[0]))];

	header->type = what;
	header->sector = fuzz_any(8) ? fuzz_any(64) : fuzz_any(UINT64_MAX);
	ring->desc[0] = (struct vring_desc){
		address_of(header), sizeof(*header), VRING_DESC_F_NEXT, 1};
	ring->desc[1] = (struct vring_desc){any_address(ring),
		fuzz_any(4) ? 512 * (uint32_t)fuzz_any(300) : any_length(),
		(uint16_t)(VRING_DESC_F_NEXT |
			   (what == VIRTIO_BLK_T_OUT ? 0 : VRING_DESC_F_WRITE)),
		2};
	ring->desc[2] = (struct vring_desc){
		address_of(ring->data) + 16, 1, VRING_DESC_F_WRITE, 0};
}

static void ask(uint32_t i)
{
	uint32_t q = (uint32_t)fuzz_any(QUEUES);
	volatile struct ring *ring = &rings[i][q].ring;
	uint32_t head = 0;

	if (boot->device[i].virtio_id == VIRTIO_ID_BLOCK && fuzz_any(4))
		put_disk_request(ring);
	else
		put_chain(ring, head = (uint32_t)fuzz_any(ENTRIES));
	ring->avail[ring->avail_idx % ENTRIES] =
		(uint16_t)(fuzz_any(64) ? head : fuzz_any(UINT16_MAX));
	ring->avail_idx = (uint16_t)(ring->avail_idx +
				     (fuzz_any(64) ? 1 : fuzz_any(100)));
	*reg(i, VIRTIO_MMIO_QUEUE_NOTIFY) = q;
	if ((uint16_t)(ring->used_idx - seen[i][q]) <= ENTRIES) /* not data */
		completed += (uint16_t)(ring->used_idx - seen[i][q]);
	seen[i][q] = ring->used_idx;
}

static void step(uint32_t i)
{
	if (fuzz_any(64) == 0)
		start(i);
	else if (fuzz_any(64) == 0)
		*reg(i, (uint32_t)fuzz_any(REGISTERS / 4) * 4) = any_length();
	else
		ask(i);
	if (fuzz_any(8) == 0)
		*reg(i, VIRTIO_MMIO_INTERRUPT_ACK) = 3;
}

void drive(void)
{
	fuzz_seed(number_behind(boot->module[1].args, 1) + rdtsc());
	for (uint32_t i = 0; i < boot->nr_devices; i++)
		start(i);
	for (uint64_t n = 1;; n++) {
		step((uint32_t)fuzz_any(boot->nr_devices));
		if (n % 16 == 0) {
			page->next_timer =
				rdtsc() + boot->tsc_khz * NAP_US / 1000;
			page->event.type = EVENT_NONE;
			action(ACTION_WAIT);
		}
		if (n % REPORT_EVERY == 0) {
			print_number(n);
			print(" steps, ");
			print_number(completed);
			print(" requests completed\n");
		}
	}
}
