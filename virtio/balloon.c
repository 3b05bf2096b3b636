/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-balloon.
 */
#include "virtio/balloon.h"

#include <linux/virtio_ids.h>
#include <string.h>

/*
 * The specification counts queues of features that are not offered, drivers of
 * Linux did not always: each queue from the third on is the one for reports.
 */
enum { INFLATE_QUEUE, DEFLATE_QUEUE, NR_QUEUES = 5 };

#define SMALL_PIECE (UINT64_C(256) << 10) /* bytes discarded at a time */
#define LARGE_PIECE (UINT64_C(2) << 20)	  /* a large page, as a whole */
/* A piece is as much work as copying so many bytes. */
#define PIECE_COST 16384u

#define RUN_MAX (SMALL_PIECE / BALLOON_PAGE)

/* The length of a run of consecutive page numbers, and where it starts. */
static unsigned take_run(const uint32_t *pfn, unsigned nr)
{
	unsigned n = 1;

	while (n < nr && pfn[n] == pfn[0] + n)
		n++;
	return n;
}

/* Page numbers of an inflate buffer. */
static bool discard_numbers(
	struct virtio_balloon *balloon, struct virtio_budget *budget)
{
	const struct virtq_chain *chain = &balloon->chain;
	uint32_t pfn[RUN_MAX];

	while (balloon->done + sizeof(*pfn) <= chain->readable) {
		uint64_t left =
			(chain->readable - balloon->done) / sizeof(*pfn);
		unsigned nr = left < RUN_MAX ? (unsigned)left : RUN_MAX;

		if (budget->bytes < PIECE_COST)
			return true;
		if (virtq_chain_read(chain, balloon->dev.mem, balloon->done,
			    pfn, nr * sizeof(*pfn)) < 0)
			return false;
		nr = take_run(pfn, nr);
		if (guestmem_discard(balloon->dev.mem,
			    (gpa_t){(uint64_t)pfn[0] * BALLOON_PAGE},
			    (size_t)nr * BALLOON_PAGE) < 0)
			return false;
		balloon->done += nr * sizeof(*pfn);
		virtio_spend(budget, 0, PIECE_COST);
	}
	balloon->done = UINT64_MAX;
	return true;
}

static uint64_t piece_at(uint64_t gpa, uint64_t left)
{
	if (gpa % LARGE_PIECE == 0 && left >= LARGE_PIECE)
		return LARGE_PIECE;
	return left < SMALL_PIECE ? left : SMALL_PIECE;
}

/* Free pages: the buffer itself. */
static bool discard_segments(
	struct virtio_balloon *balloon, struct virtio_budget *budget)
{
	const struct virtq_chain *chain = &balloon->chain;
	uint64_t start = 0;

	for (unsigned i = chain->nr_readable; i < chain->nr_segments; i++) {
		const struct virtq_segment *s = &chain->segment[i];

		while (balloon->done - start < s->len) {
			uint64_t at = balloon->done - start;
			uint64_t gpa = s->gpa.addr + at;
			uint64_t piece = piece_at(gpa, s->len - at);

			if (budget->bytes < PIECE_COST)
				return true;
			if (guestmem_discard(balloon->dev.mem, (gpa_t){gpa},
				    (size_t)piece) < 0)
				return false;
			balloon->done += piece;
			balloon->reported += piece / BALLOON_PAGE;
			virtio_spend(budget, 0, PIECE_COST);
		}
		start += s->len;
	}
	balloon->done = UINT64_MAX;
	return true;
}

/* Returns false if the chain is bad; done is UINT64_MAX at its end. */
static bool go_on(struct virtio_balloon *balloon, struct virtio_budget *budget)
{
	switch (balloon->held_queue) {
	case INFLATE_QUEUE:
		return discard_numbers(balloon, budget);
	case DEFLATE_QUEUE:
		/* What leaves the balloon is there when it is touched. */
		balloon->done = UINT64_MAX;
		return true;
	default:
		return discard_segments(balloon, budget);
	}
}

/* Takes the next chain of a queue.  Returns 1, 0 or a negative errno. */
static int take(struct virtio_balloon *balloon, unsigned queue)
{
	struct virtio_device *dev = &balloon->dev;
	int got = virtq_pop(&dev->queue[queue], dev->mem, &balloon->chain);

	balloon->held = got > 0;
	balloon->held_queue = queue;
	balloon->done = 0;
	return got;
}

static bool balloon_run(
	struct virtio_device *dev, unsigned queue, struct virtio_budget *budget)
{
	struct virtio_balloon *balloon = (struct virtio_balloon *)dev;

	while (virtio_live(dev)) {
		if (!balloon->held) {
			int got;

			if (budget->descriptors == 0)
				return true;
			got = take(balloon, queue);
			if (got == 0)
				return false;
			if (got < 0)
				break;
			virtio_spend(budget, balloon->chain.nr_descriptors, 0);
		}
		if (!go_on(balloon, budget))
			break;
		if (balloon->done != UINT64_MAX)
			return true;
		balloon->held = false;
		virtio_complete(
			dev, balloon->held_queue, balloon->chain.head, 0);
	}
	if (virtio_live(dev))
		virtio_break(dev);
	return false;
}

static size_t balloon_config(
	const struct virtio_device *dev, const void **bytes)
{
	const struct virtio_balloon *balloon =
		(const struct virtio_balloon *)dev;

	*bytes = &balloon->config;
	return offsetof(struct virtio_balloon_config, free_page_hint_cmd_id);
}

static void balloon_write_config(struct virtio_device *dev, uint64_t offset,
	const void *data, size_t len)
{
	struct virtio_balloon *balloon = (struct virtio_balloon *)dev;

	if (offset == offsetof(struct virtio_balloon_config, actual) &&
		len == sizeof(balloon->config.actual))
		memcpy(&balloon->config.actual, data, len);
}

static void balloon_reset(struct virtio_device *dev)
{
	struct virtio_balloon *balloon = (struct virtio_balloon *)dev;

	balloon->held = false;
	balloon->config.actual = 0;
}

static const struct virtio_type balloon_type = {
	.id = VIRTIO_ID_BALLOON,
	.nr_queues = NR_QUEUES,
	.run = balloon_run,
	.config = balloon_config,
	.write_config = balloon_write_config,
	.reset = balloon_reset,
};

void virtio_balloon_init(
	struct virtio_balloon *balloon, struct guestmem *mem, bool reporting)
{
	uint64_t features = UINT64_C(1) << VIRTIO_BALLOON_F_DEFLATE_ON_OOM;

	if (reporting)
		features |= UINT64_C(1) << VIRTIO_BALLOON_F_REPORTING;
	memset(balloon, 0, sizeof(*balloon));
	virtio_init(&balloon->dev, &balloon_type, mem, features);
}

void virtio_balloon_set(struct virtio_balloon *balloon, uint32_t pages)
{
	balloon->config.num_pages = pages;
	virtio_config_changed(&balloon->dev);
}

uint32_t virtio_balloon_pages(const struct virtio_balloon *balloon)
{
	return balloon->config.actual;
}
