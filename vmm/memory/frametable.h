/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many containers' frames stand on each frame of memory.
 *
 * A frame of a container is a virtual one; logical copies are several of them
 * on one frame of memory, until one is written.
 */
#ifndef VMM_MEMORY_FRAMETABLE_H
#define VMM_MEMORY_FRAMETABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/memory/content.h"

#define FRAME_NONE UINT32_MAX

struct frame_table {
	struct content *content;
	uint32_t count;
	uint32_t used;	 /* frames with references */
	uint32_t cursor; /* the search for a free one begins here */
	uint32_t *references;
};

/** frame_table_init - @count free frames; 0 or -ENOMEM. */
__attribute__((warn_unused_result)) int frame_table_init(
	struct frame_table *t, uint32_t count, struct content *content);

/** frame_table_fini - all references are gone. */
void frame_table_fini(struct frame_table *t);

/** frame_take - a free frame, with one reference; FRAME_NONE if there is none. */
uint32_t frame_take(struct frame_table *t);

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
