/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-rng.
 */
#include "virtio/rng.h"

#include <linux/virtio_ids.h>
#include <string.h>

/* A driver gets at most this for a buffer; it may ask again. */
#define BYTES_MAX 256u
/* What a random byte costs, in bytes copied, for the budget. */
#define BYTE_COST 32u

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static void quarter_round(
	uint32_t *s, unsigned a, unsigned b, unsigned c, unsigned d)
{
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate(s[b] ^ s[c], 7);
}

void virtio_rng_block(struct virtio_rng *rng, uint8_t out[VIRTIO_RNG_BLOCK])
{
	uint32_t s[16];

	memcpy(s, rng->state, sizeof(s));
	for (unsigned round = 0; round < 10; round++) {
		quarter_round(s, 0, 4, 8, 12);
		quarter_round(s, 1, 5, 9, 13);
		quarter_round(s, 2, 6, 10, 14);
		quarter_round(s, 3, 7, 11, 15);
		quarter_round(s, 0, 5, 10, 15);
		quarter_round(s, 1, 6, 11, 12);
		quarter_round(s, 2, 7, 8, 13);
		quarter_round(s, 3, 4, 9, 14);
	}
	for (unsigned i = 0; i < 16; i++)
		s[i] += rng->state[i];
	memcpy(out, s, sizeof(s));
	/* 64 bits of counter; the nonce keeps the third word. */
	if (++rng->state[12] == 0)
		rng->state[13]++;
}

/* Returns the bytes written, or -1 if the buffer is not in RAM. */
static int fill(struct virtio_rng *rng, const struct virtq_chain *chain)
{
	uint8_t block[VIRTIO_RNG_BLOCK];
	size_t len = chain->writable < BYTES_MAX ? (size_t)chain->writable
						 : BYTES_MAX;

	for (size_t done = 0; done < len; done += sizeof(block)) {
		size_t n =
			len - done < sizeof(block) ? len - done : sizeof(block);

		virtio_rng_block(rng, block);
		if (virtq_chain_write(chain, rng->dev.mem, done, block, n) < 0)
			return -1;
	}
	return (int)len;
}

static bool rng_run(
	struct virtio_device *dev, unsigned queue, struct virtio_budget *budget)
{
	struct virtio_rng *rng = (struct virtio_rng *)dev;
	struct virtq_chain chain;

	while (virtio_live(dev)) {
		int got;
		int len;

		if (budget->descriptors == 0 ||
			budget->bytes < BYTES_MAX * BYTE_COST)
			return true;
		got = virtq_pop(&dev->queue[queue], dev->mem, &chain);
		if (got == 0)
			return false;
		len = got < 0 ? -1 : fill(rng, &chain);
		if (len < 0) {
			virtio_break(dev);
			return false;
		}
		virtio_complete(dev, queue, chain.head, (uint32_t)len);
		virtio_spend(
			budget, chain.nr_descriptors, (size_t)len * BYTE_COST);
	}
	return false;
}

static const struct virtio_type rng_type = {
	.id = VIRTIO_ID_RNG,
	.nr_queues = 1,
	.run = rng_run,
};

void virtio_rng_init(
	struct virtio_rng *rng, struct guestmem *mem, const uint8_t *seed)
{
	static const uint32_t sigma[4] = {
		0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

	memset(rng, 0, sizeof(*rng));
	memcpy(rng->state, sigma, sizeof(sigma));
	memcpy(rng->state + 4, seed, VIRTIO_RNG_SEED_SIZE);
	virtio_init(&rng->dev, &rng_type, mem, 0);
}
