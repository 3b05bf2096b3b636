/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many containers' frames stand on each frame of memory, and which are free.
 *
 * A frame of a container is a virtual one; logical copies are several of them
 * on one frame of memory, until one is written.  Free frames are kept by blocks
 * of 2 MiB, so that whole ones stay whole while there are others.
 */
#ifndef VMM_MEMORY_FRAMETABLE_H
#define VMM_MEMORY_FRAMETABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "vmm/memory/content.h"
#include "vmm/memory/frame.h"

#define FRAME_NONE UINT32_MAX

struct frame_block {
	TAILQ_ENTRY(frame_block) link; /* if it has a free frame */
	uint32_t nr_free;
	uint64_t free[FRAMES_2M / 64]; /* a bit a frame */
};

TAILQ_HEAD(frame_blocks, frame_block);

struct frame_table {
	struct content *content;
	uint32_t count;
	uint32_t used;		     /* frames with references */
	struct frame_blocks empty;   /* all of whose 512 frames are free */
	struct frame_blocks partial; /* the others with free ones */
	struct frame_block *block;
	uint32_t *references;
};

/** frame_table_init - @count free frames; 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int frame_table_init(
	struct frame_table *t, uint32_t count, struct content *content);

/** frame_table_fini - all references are gone. */
void frame_table_fini(struct frame_table *t);

/**
 * frame_take - a free frame, with one reference.
 * @wanted: this one if it is free, but not the first of an empty block; or
 *          FRAME_NONE
 * @run:    frames that are about to be taken, each behind the last: the first of
 *          so many free ones is looked for; FRAMES_2M: all of an empty block,
 *          that of @wanted if it is empty
 *
 * Returns FRAME_NONE if there is none.
 */
uint32_t frame_take(struct frame_table *t, uint32_t wanted, uint64_t run);

/** frame_reference - one more stands on @frame. */
void frame_reference(struct frame_table *t, uint32_t frame);

/** frame_put - one fewer; without any the frame is free. */
void frame_put(struct frame_table *t, uint32_t frame);

/** frame_is_shared - more than one stand on it: it must not be written. */
static inline bool frame_is_shared(const struct frame_table *t, uint32_t frame)
{
	return t->references[frame] > 1;
}

#endif
