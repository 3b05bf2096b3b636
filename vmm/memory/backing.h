/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backing: the runs of the pool behind what a domain has from its start to its
 * end, its RAM and its control page.
 *
 * It names its frames by numbers of its own, from 0 on, and owns them.  What
 * domains allocate, share and copy while they run are containers.
 */
#ifndef VMM_MEMORY_BACKING_H
#define VMM_MEMORY_BACKING_H

#include <stdint.h>
#include "vmm/memory/frame.h"

#define BACKING_RUNS_MAX 64

struct backing;

/** backing_create - an empty backing over @pool; 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int backing_create(
	struct backing **c, struct frame_pool *pool);

/** backing_destroy - frees all frames; no window may be left on them. */
void backing_destroy(struct backing *c);

/**
 * backing_allocate - back frames [@start, @start + @count) with new zeroed
 * frames of the pool, as one run.
 *
 * Returns 0, -EEXIST if one of them is backed already, -ENOSPC if the
 * backing has BACKING_RUNS_MAX runs, -ENOMEM or -ENOSPC from the pool;
 * nothing has changed then.
 */
__attribute__((warn_unused_result)) int backing_allocate(
	struct backing *c, uint64_t start, uint64_t count);

/** backing_deallocate - free the run that starts at @start; -ENOENT. */
int backing_deallocate(struct backing *c, uint64_t start);

/**
 * backing_lookup - where frame @frame lies.
 * @run: OUT, the pool's frames from @frame to the end of its run
 *
 * Returns 0 or -ENOENT.
 */
__attribute__((warn_unused_result)) int backing_lookup(
	const struct backing *c, uint64_t frame, struct frame_run *run);

/** backing_frames - number of frames it owns. */
uint64_t backing_frames(const struct backing *c);

/** backing_fd - the memfd that its runs lie in. */
int backing_fd(const struct backing *c);

#endif
