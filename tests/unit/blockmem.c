/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk image in memory, for tests and fuzzers.
 */
#include "tests/unit/blockmem.h"

#include <assert.h>
#include <string.h>

uint64_t block_size(const struct block *b)
{
	return sizeof(b->bytes);
}

bool block_read_only(const struct block *b)
{
	return b->read_only;
}

/* The assertions are what a device promises its backend. */
void block_submit(struct block *b, struct block_request *rq)
{
	uint64_t sum = 0;

	assert(b->nr_submitted + b->nr_completed < BLOCK_REQUESTS_MAX);
	for (int i = 0; i < rq->nr_iov; i++)
		sum += rq->iov[i].iov_len;
	assert(sum == rq->len);
	assert(rq->op == BLOCK_FLUSH ||
		(rq->offset <= sizeof(b->bytes) &&
			rq->len <= sizeof(b->bytes) - rq->offset));
	assert(rq->op != BLOCK_WRITE || !b->read_only);
	b->submitted[b->nr_submitted++] = rq;
}

static void transfer(struct block *b, struct block_request *rq)
{
	uint8_t *at = b->bytes + rq->offset;

	for (int i = 0; i < rq->nr_iov; i++) {
		struct iovec *v = &rq->iov[i];

		if (rq->op == BLOCK_READ)
			memcpy(v->iov_base, at, v->iov_len);
		else
			memcpy(at, v->iov_base, v->iov_len);
		at += v->iov_len;
	}
}

void blockmem_work(struct block *b)
{
	for (unsigned i = 0; i < b->nr_submitted; i++) {
		struct block_request *rq = b->submitted[i];

		rq->result = b->result;
		if (rq->op != BLOCK_FLUSH && b->result == 0)
			transfer(b, rq);
		b->completed[b->nr_completed++] = rq;
	}
	b->nr_submitted = 0;
}

void block_drain(struct block *b)
{
	blockmem_work(b);
}

struct block_request *block_completed(struct block *b)
{
	struct block_request *rq;

	if (b->nr_completed == 0)
		return NULL;
	rq = b->completed[0];
	b->nr_completed--;
	memmove(b->completed, b->completed + 1,
		b->nr_completed * sizeof(b->completed[0]));
	return rq;
}

bool block_has_completed(const struct block *b)
{
	return b->nr_completed != 0;
}
