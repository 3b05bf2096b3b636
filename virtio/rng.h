/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * virtio-rng: random bytes from ChaCha20 under a key of 32 bytes, so that a
 * run with a given seed repeats, and no system call is made while it runs.
 *
 * Source: VIRTIO 1.2, "Entropy Device"; RFC 8439, "The ChaCha20 Block
 * Function".
 */
#ifndef VIRTIO_RNG_H
#define VIRTIO_RNG_H

#include "virtio/device.h"

#define VIRTIO_RNG_SEED_SIZE 32 /* bytes */
#define VIRTIO_RNG_BLOCK 64

struct virtio_rng {
	struct virtio_device dev;
	uint32_t state[16]; /* constants, key, block counter, nonce */
};

/**
 * virtio_rng_init - an entropy device.
 * @seed: VIRTIO_RNG_SEED_SIZE bytes; copied
 */
void virtio_rng_init(
	struct virtio_rng *rng, struct guestmem *mem, const uint8_t *seed);

/** virtio_rng_block - the next block of the stream. */
void virtio_rng_block(struct virtio_rng *rng, uint8_t out[VIRTIO_RNG_BLOCK]);

#endif
