/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rate and burst limits: token buckets.
 *
 * A bucket holds `burst` units and gets `rate` a second.  What passes takes
 * its amount out, and waits until the bucket has that much; what is more than
 * a whole bucket waits until that is full, and leaves it in debt.  So in any
 * time t no more passes than
 *
 *     max(burst, the largest amount) + rate * t
 *
 * A limit is two buckets: the rate that holds on the whole, and the higher one
 * that holds within a burst.  Time is the caller's.
 *
 * Source: ITU-T I.371, "Generic cell rate algorithm", virtual scheduling.
 */
#ifndef VIRTIO_LIMIT_H
#define VIRTIO_LIMIT_H

#include <stdint.h>

#define LIMIT_BUCKETS 2
#define LIMIT_RATE_MAX (UINT64_C(1) << 40)  /* units a second */
#define LIMIT_BURST_MAX (UINT64_C(1) << 44) /* units */

/* What a bucket is made of; a rate of 0: no limit. */
struct limit_rate {
	uint64_t rate;	/* units a second, 0..LIMIT_RATE_MAX */
	uint64_t burst; /* units, 1..LIMIT_BURST_MAX */
};

struct limit {
	struct limit_rate bucket[LIMIT_BUCKETS];
	uint64_t full_ns[LIMIT_BUCKETS]; /* when it is, or was, full again */
};

/** limit_init - a limit whose buckets are full. */
void limit_init(struct limit *l, const struct limit_rate bucket[LIMIT_BUCKETS]);

/**
 * limit_when - when @amount may pass.
 * @now_ns: not before that of the last limit_take()
 *
 * Returns @now_ns or a time after it, to be asked again then.
 */
uint64_t limit_when(const struct limit *l, uint64_t now_ns, uint64_t amount);

/** limit_take - @amount passes, as limit_when() has allowed. */
void limit_take(struct limit *l, uint64_t now_ns, uint64_t amount);

#endif
