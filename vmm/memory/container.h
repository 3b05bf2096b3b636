/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers: namespaces of frames, and the only source of guest memory.
 *
 * A container maps its own frame numbers, from 0 on, to runs of the pool.  It
 * owns the frames of its runs.
 */
#ifndef VMM_MEMORY_CONTAINER_H
#define VMM_MEMORY_CONTAINER_H

#include <stdint.h>
#include "vmm/memory/frame.h"

#define CONTAINER_RUNS_MAX 64

struct container;

/** container_create - an empty container over @pool; 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int container_create(
	struct container **c, struct frame_pool *pool);

/** container_destroy - frees all frames; no window may be left on them. */
void container_destroy(struct container *c);

/**
 * container_allocate - back frames [@start, @start + @count) with new zeroed
 * frames of the pool, as one run.
 *
 * Returns 0, -EEXIST if one of them is backed already, -ENOSPC if the
 * container has CONTAINER_RUNS_MAX runs, -ENOMEM or -ENOSPC from the pool;
 * nothing has changed then.
 */
__attribute__((warn_unused_result)) int container_allocate(
	struct container *c, uint64_t start, uint64_t count);

/** container_deallocate - free the run that starts at @start; -ENOENT. */
int container_deallocate(struct container *c, uint64_t start);

/**
 * container_lookup - where frame @frame lies.
 * @run: OUT, the pool's frames from @frame to the end of its run
 *
 * Returns 0 or -ENOENT.
 */
__attribute__((warn_unused_result)) int container_lookup(
	const struct container *c, uint64_t frame, struct frame_run *run);

/** container_frames - number of frames it owns. */
uint64_t container_frames(const struct container *c);

/** container_fd - the memfd that its runs lie in. */
int container_fd(const struct container *c);

#endif
