/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/container.h"

#include <errno.h>
#include <stdlib.h>

struct container_run {
	uint64_t start; /* frame number in the container */
	struct frame_run frames;
};

struct container {
	struct frame_pool *pool;
	unsigned nr_runs;
	struct container_run run[CONTAINER_RUNS_MAX];
};

int container_create(struct container **c, struct frame_pool *pool)
{
	*c = calloc(1, sizeof(**c));
	if (!*c)
		return -ENOMEM;
	(*c)->pool = pool;
	return 0;
}

void container_destroy(struct container *c)
{
	for (unsigned i = 0; i < c->nr_runs; i++)
		frame_free(c->pool, c->run[i].frames);
	free(c);
}

int container_allocate(struct container *c, uint64_t start, uint64_t count)
{
	if (c->nr_runs == CONTAINER_RUNS_MAX)
		return -ENOSPC;
	for (unsigned i = 0; i < c->nr_runs; i++)
		if (start < c->run[i].start + c->run[i].frames.count &&
			c->run[i].start < start + count)
			return -EEXIST;

	struct container_run *run = &c->run[c->nr_runs];
	int err = frame_alloc(c->pool, count, &run->frames);

	if (err)
		return err;
	run->start = start;
	c->nr_runs++;
	return 0;
}

int container_deallocate(struct container *c, uint64_t start)
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

int container_lookup(
	const struct container *c, uint64_t frame, struct frame_run *run)
{
	for (unsigned i = 0; i < c->nr_runs; i++) {
		const struct container_run *r = &c->run[i];

		if (frame < r->start || frame - r->start >= r->frames.count)
			continue;
		run->first = r->frames.first + (frame - r->start);
		run->count = r->frames.count - (frame - r->start);
		return 0;
	}
	return -ENOENT;
}

uint64_t container_frames(const struct container *c)
{
	uint64_t frames = 0;

	for (unsigned i = 0; i < c->nr_runs; i++)
		frames += c->run[i].frames.count;
	return frames;
}

int container_fd(const struct container *c)
{
	return frame_pool_fd(c->pool);
}
