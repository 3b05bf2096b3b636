/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libvirtio/blk.h"

#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>
#include <string.h>

#include "servers/lib/libvirtio/mmio.h"

#define TIMEOUT_US 10000000
#define PARTS 3 /* header, data, status */

#define BIT(n) (UINT64_C(1) << (n))
#define FEATURES                                                      \
	(BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_RING_F_INDIRECT_DESC) | \
		BIT(VIRTIO_BLK_F_RO) | BIT(VIRTIO_BLK_F_FLUSH))
#define FEATURES_NEEDED \
	(BIT(VIRTIO_F_VERSION_1) | BIT(VIRTIO_RING_F_INDIRECT_DESC))

/* What the device reads and writes; each request is a table of its own. */
struct blk_memory {
	struct vring_desc desc[BLK_BATCH_MAX];
	struct vring_desc table[BLK_BATCH_MAX][PARTS];
	struct virtio_blk_outhdr header[BLK_BATCH_MAX];
	uint16_t avail_flags, avail_idx, avail[BLK_BATCH_MAX], used_event;
	uint16_t reserved;
	uint16_t used_flags, used_idx;
	struct vring_used_elem used[BLK_BATCH_MAX];
	uint16_t avail_event;
	uint8_t status[BLK_BATCH_MAX];
};

_Static_assert(sizeof(struct blk_memory) <= BLK_MEMORY_SIZE, "blk.h");
_Static_assert(offsetof(struct blk_memory, avail_flags) % 2 == 0, "VIRTIO");
_Static_assert(offsetof(struct blk_memory, used_flags) % 4 == 0, "VIRTIO");

static struct mmio mmio;
static struct blk_memory *shared;
static uint64_t features;
static uint16_t done; /* used_idx as it was seen */

enum blk_error blk_start(void *memory)
{
	const struct boot_device *device = mmio_find(VIRTIO_ID_BLOCK);

	if (!device || !mmio_start(&mmio, device, FEATURES, &features) ||
		(features & FEATURES_NEEDED) != FEATURES_NEEDED)
		return BLK_ENODEVICE;
	shared = memory;
	memset(shared, 0, sizeof(*shared));
	done = 0;
	mmio_queue(&mmio, &(struct mmio_queue){
				  .size = BLK_BATCH_MAX,
				  .desc = shared->desc,
				  .avail = &shared->avail_flags,
				  .used = &shared->used_flags,
			  });
	return BLK_OK;
}

uint64_t blk_sectors(void)
{
	return (uint64_t)mmio_config32(&mmio, 4) << 32 |
	       mmio_config32(&mmio, 0);
}

bool blk_is_read_only(void)
{
	return (features & BIT(VIRTIO_BLK_F_RO)) != 0;
}

static struct vring_desc part(const volatile void *address, uint32_t size,
	unsigned flags, unsigned next)
{
	return (struct vring_desc){
		.addr = (uint64_t)address,
		.len = size,
		.flags = (uint16_t)flags,
		.next = (uint16_t)next,
	};
}

/* Places request @i of a batch; a flush has no data. */
static void put(unsigned i, uint32_t type, const struct blk_request *request)
{
	unsigned direction = type == VIRTIO_BLK_T_IN ? VRING_DESC_F_WRITE : 0;
	struct vring_desc *table = shared->table[i];
	unsigned n = 1;

	shared->header[i] =
		(struct virtio_blk_outhdr){.type = type, .sector = 0};
	table[0] = part(&shared->header[i], sizeof(shared->header[i]),
		VRING_DESC_F_NEXT, 1);
	if (request) {
		shared->header[i].sector = request->sector;
		table[n] = part((const void *)request->gpa, request->size,
			direction | VRING_DESC_F_NEXT, n + 1);
		n++;
	}
	table[n++] = part(&shared->status[i], 1, VRING_DESC_F_WRITE, 0);
	shared->status[i] = UINT8_MAX;
	shared->desc[i] = part(table, (uint32_t)(n * sizeof(*table)),
		VRING_DESC_F_INDIRECT, 0);
	shared->avail[(uint16_t)(shared->avail_idx + i) % BLK_BATCH_MAX] =
		(uint16_t)i;
}

/* Gives the device @nr requests that were put, and waits for all. */
static enum blk_error run(unsigned nr)
{
	uint16_t end = (uint16_t)(done + nr);

	__atomic_store_n(&shared->avail_idx, (uint16_t)(shared->avail_idx + nr),
		__ATOMIC_RELEASE);
	mmio_kick(&mmio);
	while (__atomic_load_n(&shared->used_idx, __ATOMIC_ACQUIRE) != end)
		if (!mmio_wait(&mmio, TIMEOUT_US))
			return BLK_ETIME;
	done = end;
	for (unsigned i = 0; i < nr; i++)
		if (__atomic_load_n(&shared->status[i], __ATOMIC_RELAXED) !=
			VIRTIO_BLK_S_OK)
			return BLK_EIO;
	return BLK_OK;
}

enum blk_error blk_transfer(
	const struct blk_request *request, unsigned nr, bool write)
{
	if (nr == 0 || nr > BLK_BATCH_MAX)
		return BLK_EINVAL;
	if (write && blk_is_read_only())
		return BLK_EREADONLY;
	for (unsigned i = 0; i < nr; i++)
		put(i, write ? VIRTIO_BLK_T_OUT : VIRTIO_BLK_T_IN, &request[i]);
	return run(nr);
}

enum blk_error blk_flush(void)
{
	if (!(features & BIT(VIRTIO_BLK_F_FLUSH)))
		return BLK_OK;
	put(0, VIRTIO_BLK_T_FLUSH, NULL);
	return run(1);
}

void blk_interrupt(thread_id_t from)
{
	mmio_interrupt(&mmio, from);
}
