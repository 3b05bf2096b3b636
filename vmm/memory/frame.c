/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The free runs, sorted by address in a fixed array; first fit.
 */
#include "vmm/memory/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FREE_RUNS_MAX 1024

struct frame_pool {
	int fd;
	unsigned nr_free;
	unsigned nr_allocated; /* runs; there is a free one more at most */
	uint64_t free_frames;
	struct frame_run free[FREE_RUNS_MAX];
};

int frame_pool_create(struct frame_pool **out, uint64_t frames)
{
	struct frame_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return -ENOMEM;
	pool->fd = memfd_create("frames", MFD_CLOEXEC);
	if (pool->fd < 0 ||
		ftruncate(pool->fd, (off_t)(frames * FRAME_SIZE)) < 0) {
		int err = -errno;

		frame_pool_destroy(pool);
		return err;
	}
	pool->free[0] = (struct frame_run){0, frames};
	pool->nr_free = 1;
	pool->free_frames = frames;
	*out = pool;
	return 0;
}

void frame_pool_destroy(struct frame_pool *pool)
{
	if (pool->fd >= 0)
		close(pool->fd);
	free(pool);
}

int frame_pool_fd(const struct frame_pool *pool)
{
	return pool->fd;
}

uint64_t frame_pool_free(const struct frame_pool *pool)
{
	return pool->free_frames;
}

static void run_remove(struct frame_pool *pool, unsigned i)
{
	pool->nr_free--;
	memmove(&pool->free[i], &pool->free[i + 1],
		(pool->nr_free - i) * sizeof(pool->free[0]));
}

static void run_insert(struct frame_pool *pool, unsigned i, struct frame_run r)
{
	memmove(&pool->free[i + 1], &pool->free[i],
		(pool->nr_free - i) * sizeof(pool->free[0]));
	pool->free[i] = r;
	pool->nr_free++;
}

static uint64_t align_up(uint64_t frame, uint64_t count)
{
	uint64_t align = count >= FRAMES_2M ? FRAMES_2M : 1;

	return (frame + align - 1) / align * align;
}

int frame_alloc(struct frame_pool *pool, uint64_t count, struct frame_run *run)
{
	if (pool->nr_allocated == FREE_RUNS_MAX - 2)
		return -ENOSPC;
	for (unsigned i = 0; i < pool->nr_free; i++) {
		struct frame_run *f = &pool->free[i];
		uint64_t first = align_up(f->first, count);
		uint64_t skip = first - f->first;

		if (f->count < skip || f->count - skip < count)
			continue;

		struct frame_run tail = {
			first + count, f->count - skip - count};

		f->count = skip;
		if (tail.count)
			run_insert(pool, i + 1, tail);
		if (!skip)
			run_remove(pool, i);
		pool->free_frames -= count;
		pool->nr_allocated++;
		*run = (struct frame_run){first, count};
		return 0;
	}
	return -ENOMEM;
}

void frame_free(struct frame_pool *pool, struct frame_run run)
{
	unsigned i = 0;

	fallocate(pool->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		(off_t)(run.first * FRAME_SIZE),
		(off_t)(run.count * FRAME_SIZE));
	pool->free_frames += run.count;
	pool->nr_allocated--;
	while (i < pool->nr_free && pool->free[i].first < run.first)
		i++;
	if (i > 0 && pool->free[i - 1].first + pool->free[i - 1].count ==
			     run.first) {
		pool->free[i - 1].count += run.count;
		i--;
	} else {
		run_insert(pool, i, run);
	}
	if (i + 1 < pool->nr_free &&
		pool->free[i].first + pool->free[i].count ==
			pool->free[i + 1].first) {
		pool->free[i].count += pool->free[i + 1].count;
		run_remove(pool, i + 1);
	}
}
