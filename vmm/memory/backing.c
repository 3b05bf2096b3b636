/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/backing.h"

#include <errno.h>
#include <stdlib.h>

struct backing_run {
	uint64_t start; /* frame number in the backing */
	struct frame_run frames;
};

struct backing {
	struct frame_pool *pool;
	unsigned nr_runs;
	struct backing_run run[BACKING_RUNS_MAX];
};

int backing_create(struct backing **c, struct frame_pool *pool)
{
	*c = calloc(1, sizeof(**c));
	if (!*c)
		return -ENOMEM;
	(*c)->pool = pool;
	return 0;
}

void backing_destroy(struct backing *c)
{
	for (unsigned i = 0; i < c->nr_runs; i++)
		frame_free(c->pool, c->run[i].frames);
	free(c);
}

int backing_allocate(struct backing *c, uint64_t start, uint64_t count)
{
	if (c->nr_runs == BACKING_RUNS_MAX)
		return -ENOSPC;
	for (unsigned i = 0; i < c->nr_runs; i++)
		if (start < c->run[i].start + c->run[i].frames.count &&
			c->run[i].start < start + count)
			return -EEXIST;

	struct backing_run *run = &c->run[c->nr_runs];
	int err = frame_alloc(c->pool, count, &run->frames);

	if (err)
		return err;
	run->start = start;
	c->nr_runs++;
	return 0;
}

int backing_deallocate(struct backing *c, uint64_t start)
{
	for (unsigned i = 0; i < c->nr_runs; i++) {
		if (c->run[i].start != start)
			continue;
		frame_free(c->pool, c->run[i].frames);
		c->run[i] = c->run[--c->nr_runs];
		return 0;
	}
	return -ENOENT;
}

int backing_lookup(
	const struct backing *c, uint64_t frame, struct frame_run *run)
{
	for (unsigned i = 0; i < c->nr_runs; i++) {
		const struct backing_run *r = &c->run[i];

		if (frame < r->start || frame - r->start >= r->frames.count)
			continue;
		run->first = r->frames.first + (frame - r->start);
		run->count = r->frames.count - (frame - r->start);
		return 0;
	}
	return -ENOENT;
}

uint64_t backing_frames(const struct backing *c)
{
	uint64_t frames = 0;

	for (unsigned i = 0; i < c->nr_runs; i++)
		frames += c->run[i].frames.count;
	return frames;
}

int backing_fd(const struct backing *c)
{
	return frame_pool_fd(c->pool);
}
