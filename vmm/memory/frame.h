/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame pool: all memory that domains can have, one memfd.
 *
 * A frame is a page of 4 KiB and is named by its index in the memfd.  Frames
 * are handed out in contiguous runs, so that a run is one host mapping and,
 * where it is aligned, 2 MiB pages in the second-level page table.
 */
#ifndef VMM_MEMORY_FRAME_H
#define VMM_MEMORY_FRAME_H

#include <stdint.h>

#define FRAME_SIZE UINT64_C(4096)
#define FRAMES_2M UINT64_C(512)

struct frame_pool;

struct frame_run {
	uint64_t first; /* frame index */
	uint64_t count; /* frames */
};

/**
 * frame_pool_create - make a pool of @frames frames; no memory is touched.
 *
 * Returns 0, or -errno of memfd_create or ftruncate, -ENOMEM.
 */
__attribute__((warn_unused_result)) int frame_pool_create(
	struct frame_pool **pool, uint64_t frames);

/** frame_pool_destroy - give all back; nothing may be mapped any more. */
void frame_pool_destroy(struct frame_pool *pool);

/** frame_pool_fd - the memfd, for mmap; frame n lies at n * FRAME_SIZE. */
int frame_pool_fd(const struct frame_pool *pool);

/** frame_pool_free - frames that are not allocated. */
uint64_t frame_pool_free(const struct frame_pool *pool);

/**
 * frame_alloc - allocate one contiguous run, zeroed.
 * @count: frames, at least 1; a run of FRAMES_2M or more is 2 MiB aligned
 *
 * Returns 0, -ENOMEM if no run is that long, or -ENOSPC if the pool's book of
 * free runs is full; then nothing has changed.
 */
__attribute__((warn_unused_result)) int frame_alloc(
	struct frame_pool *pool, uint64_t count, struct frame_run *run);

/**
 * frame_free - give @run back.  Its memory is punched out of the memfd, which
 * revokes it from every mapper and makes it zero for the next owner.
 */
void frame_free(struct frame_pool *pool, struct frame_run run);

#endif
