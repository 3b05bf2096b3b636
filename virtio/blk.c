/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-blk on a raw image.
 */
#include "virtio/blk.h"

#include <linux/virtio_ids.h>
#include <string.h>

#define REQUEST_QUEUE 0u
#define FEATURE(bit) (UINT64_C(1) << (bit))

static struct virtio_blk *blk_of(struct virtio_device *dev)
{
	return (struct virtio_blk *)dev;
}

static size_t blk_config(const struct virtio_device *dev, const void **bytes)
{
	const struct virtio_blk *blk = (const struct virtio_blk *)dev;

	*bytes = &blk->config;
	return sizeof(blk->config);
}

static bool blk_busy(const struct virtio_device *dev)
{
	return ((const struct virtio_blk *)dev)->nr_used != 0;
}

/* The guest address of the last writable byte: the status. */
static gpa_t status_byte(const struct virtq_chain *chain)
{
	unsigned i = chain->nr_segments;

	while (chain->segment[i - 1].len == 0)
		i--;
	return (gpa_t){
		chain->segment[i - 1].gpa.addr + chain->segment[i - 1].len - 1};
}

static void finish(struct virtio_blk *blk, const struct virtio_blk_slot *slot,
	uint8_t status)
{
	if (!virtio_live(&blk->dev))
		return;
	if (guestmem_write(
		    blk->dev.mem, slot->status, &status, sizeof(status)) < 0) {
		virtio_break(&blk->dev);
		return;
	}
	virtio_complete(&blk->dev, REQUEST_QUEUE, slot->head, slot->written);
}

static bool in_image(
	const struct virtio_blk *blk, uint64_t sector, uint64_t len)
{
	uint64_t sectors = block_size(blk->block) / BLOCK_SECTOR;

	return len % BLOCK_SECTOR == 0 && sector <= sectors &&
	       len / BLOCK_SECTOR <= sectors - sector;
}

/* What becomes of a request, where it is not a status to answer with. */
enum {
	HANDED_OVER = -1, /* to the worker */
	BROKEN = -2,	  /* the driver broke the rules */
	HELD = -3,	  /* a limit is reached */
};

/* Which limits are a read's, and which a write's. */
static const bool limits[2][NR_VIRTIO_BLK_LIMITS] = {
	{[VIRTIO_BLK_BYTES] = true,
		[VIRTIO_BLK_BYTES_READ] = true,
		[VIRTIO_BLK_REQUESTS] = true,
		[VIRTIO_BLK_READS] = true},
	{[VIRTIO_BLK_BYTES] = true,
		[VIRTIO_BLK_BYTES_WRITTEN] = true,
		[VIRTIO_BLK_REQUESTS] = true,
		[VIRTIO_BLK_WRITES] = true},
};

/* What a request takes of limit @i. */
static uint64_t amount(const struct block_request *rq, unsigned i)
{
	return i < VIRTIO_BLK_REQUESTS ? rq->len : 1;
}

/* Returns false if it has to wait; else it is accounted for. */
static bool pass_limits(
	struct virtio_blk *blk, const struct block_request *rq, uint64_t now_ns)
{
	const bool *is_for = limits[rq->op == BLOCK_WRITE];
	struct virtio_blk_counts *counts =
		rq->op == BLOCK_READ ? &blk->read : &blk->written;
	uint64_t when = now_ns;

	/* Each may only put it off. */
	for (unsigned i = 0; i < NR_VIRTIO_BLK_LIMITS; i++)
		if (is_for[i])
			when = limit_when(&blk->limit[i], when, amount(rq, i));
	if (when > now_ns) {
		virtio_wait(&blk->dev, when);
		return false;
	}
	for (unsigned i = 0; i < NR_VIRTIO_BLK_LIMITS; i++)
		if (is_for[i])
			limit_take(&blk->limit[i], now_ns, amount(rq, i));
	counts->requests++;
	counts->bytes += rq->len;
	return true;
}

/* Returns the status to answer with, or one of the above. */
static int start_transfer(struct virtio_blk *blk, struct virtio_blk_slot *slot,
	const struct virtq_chain *chain, uint64_t sector, uint64_t now_ns)
{
	struct block_request *rq = &slot->rq;
	bool is_read = rq->op == BLOCK_READ;
	uint64_t skip = is_read ? 0 : sizeof(struct virtio_blk_outhdr);

	rq->len = is_read ? chain->writable - 1 : chain->readable - skip;
	if (!in_image(blk, sector, rq->len))
		return VIRTIO_BLK_S_IOERR;
	if (!is_read && block_read_only(blk->block))
		return VIRTIO_BLK_S_IOERR;
	if (rq->len == 0)
		return VIRTIO_BLK_S_OK;

	if (!pass_limits(blk, rq, now_ns))
		return HELD;
	rq->offset = sector * BLOCK_SECTOR;
	rq->nr_iov = virtq_chain_iov(chain, blk->dev.mem,
		is_read ? VIRTQ_WRITABLE : VIRTQ_READABLE, skip, rq->len,
		rq->iov);
	if (rq->nr_iov < 0)
		return BROKEN;
	rq->mem = blk->dev.mem;
	block_submit(blk->block, rq);
	return HANDED_OVER;
}

static int get_id(struct virtio_blk *blk, const struct virtq_chain *chain)
{
	uint64_t len = chain->writable - 1;

	if (len > sizeof(blk->serial))
		len = sizeof(blk->serial);
	if (virtq_chain_write(chain, blk->dev.mem, 0, blk->serial, len) < 0)
		return BROKEN;
	return VIRTIO_BLK_S_OK;
}

static int start_request(struct virtio_blk *blk, struct virtio_blk_slot *slot,
	const struct virtq_chain *chain, uint64_t now_ns)
{
	struct virtio_blk_outhdr header;

	if (chain->writable == 0 || chain->writable > UINT32_MAX ||
		virtq_chain_read(
			chain, blk->dev.mem, 0, &header, sizeof(header)) < 0)
		return BROKEN;
	slot->head = chain->head;
	slot->status = status_byte(chain);
	slot->written = 1;

	switch (header.type) {
	case VIRTIO_BLK_T_IN:
		slot->written = (uint32_t)chain->writable;
		slot->rq.op = BLOCK_READ;
		return start_transfer(blk, slot, chain, header.sector, now_ns);
	case VIRTIO_BLK_T_OUT:
		slot->rq.op = BLOCK_WRITE;
		return start_transfer(blk, slot, chain, header.sector, now_ns);
	case VIRTIO_BLK_T_FLUSH:
		slot->rq.op = BLOCK_FLUSH;
		slot->rq.len = 0;
		slot->rq.nr_iov = 0;
		slot->rq.mem = blk->dev.mem;
		block_submit(blk->block, &slot->rq);
		return HANDED_OVER;
	case VIRTIO_BLK_T_GET_ID:
		slot->written = (uint32_t)chain->writable;
		return get_id(blk, chain);
	default:
		return VIRTIO_BLK_S_UNSUPP;
	}
}

static struct virtio_blk_slot *free_slot(struct virtio_blk *blk)
{
	for (unsigned i = 0; i < BLOCK_REQUESTS_MAX; i++)
		if (!blk->slot[i].used)
			return &blk->slot[i];
	return NULL;
}

/* Start the request in hand.  Returns false if the device stops here. */
static bool start_held(
	struct virtio_blk *blk, struct virtio_blk_slot *slot, uint64_t now_ns)
{
	int result = start_request(blk, slot, &blk->chain, now_ns);

	blk->held = result == HELD;
	if (result == BROKEN)
		virtio_break(&blk->dev);
	if (result == BROKEN || result == HELD)
		return false;
	if (result == HANDED_OVER) {
		slot->used = true;
		blk->nr_used++;
	} else {
		finish(blk, slot, (uint8_t)result);
	}
	return true;
}

static bool blk_run(
	struct virtio_device *dev, unsigned queue, struct virtio_budget *budget)
{
	struct virtio_blk *blk = blk_of(dev);
	struct virtio_blk_slot *slot;

	/* Without a free slot, virtio_blk_poll() goes on later. */
	while (virtio_live(dev) && (slot = free_slot(blk))) {
		int got = 1;

		if (budget->descriptors == 0)
			return true;
		if (!blk->held)
			got = virtq_pop(
				&dev->queue[queue], dev->mem, &blk->chain);
		if (got < 0)
			virtio_break(dev);
		if (got <= 0)
			return false;
		virtio_spend(budget, blk->chain.nr_descriptors, 0);
		if (!start_held(blk, slot, budget->now_ns))
			return false;
	}
	return false;
}

static void blk_reset(struct virtio_device *dev)
{
	blk_of(dev)->held = false;
}

static const struct virtio_type blk_type = {
	.id = VIRTIO_ID_BLOCK,
	.nr_queues = 1,
	.run = blk_run,
	.config = blk_config,
	.busy = blk_busy,
	.reset = blk_reset,
};

void virtio_blk_init(struct virtio_blk *blk, struct guestmem *mem,
	struct block *block, const char *serial,
	const struct virtio_blk_rates *rates)
{
	uint64_t features = FEATURE(VIRTIO_BLK_F_SEG_MAX) |
			    FEATURE(VIRTIO_BLK_F_BLK_SIZE) |
			    FEATURE(VIRTIO_BLK_F_FLUSH);

	memset(blk, 0, sizeof(*blk));
	blk->block = block;
	blk->config.capacity = block_size(block) / BLOCK_SECTOR;
	blk->config.seg_max = VIRTQ_SIZE_MAX - 2; /* header and status */
	blk->config.blk_size = BLOCK_SECTOR;
	/* An id of full length has no NUL. */
	if (serial)
		memcpy(blk->serial, serial,
			strnlen(serial, sizeof(blk->serial)));
	for (unsigned i = 0; rates && i < NR_VIRTIO_BLK_LIMITS; i++)
		limit_init(&blk->limit[i], rates->of[i]);
	if (block_read_only(block))
		features |= FEATURE(VIRTIO_BLK_F_RO);
	virtio_init(&blk->dev, &blk_type, mem, features);
}

bool virtio_blk_poll(struct virtio_blk *blk, struct virtio_budget *budget)
{
	struct block_request *rq;
	bool was_full = blk->nr_used == BLOCK_REQUESTS_MAX;

	while ((rq = block_completed(blk->block))) {
		struct virtio_blk_slot *slot = (struct virtio_blk_slot *)rq;
		bool ok = rq->result == 0;

		slot->used = false;
		blk->nr_used--;
		if (!ok)
			slot->written = 1;
		finish(blk, slot, ok ? VIRTIO_BLK_S_OK : VIRTIO_BLK_S_IOERR);
	}
	virtio_done(&blk->dev);
	if (was_full)
		virtio_notify(&blk->dev, REQUEST_QUEUE);
	return virtio_run(&blk->dev, budget);
}

void virtio_blk_finish(struct virtio_blk *blk)
{
	bool more = true;

	memset(blk->limit, 0, sizeof(blk->limit)); /* nobody has to wait */
	if (blk->held)
		virtio_notify(&blk->dev, REQUEST_QUEUE);
	/* Who shares the ring might offer more for ever. */
	for (unsigned i = 0; i <= VIRTQ_SIZE_MAX && (more || blk->nr_used);
		i++) {
		struct virtio_budget budget = {
			.descriptors = VIRTQ_SIZE_MAX,
			.bytes = 0, /* data is not copied */
		};

		block_drain(blk->block);
		more = virtio_blk_poll(blk, &budget);
	}
}
