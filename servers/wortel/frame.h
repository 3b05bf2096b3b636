/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of the tasks: memory from sigma0, each frame one page of one task.
 */
#ifndef SERVERS_WORTEL_FRAME_H
#define SERVERS_WORTEL_FRAME_H

#include <stddef.h>
#include <stdint.h>

#define FRAME_SIZE UINT64_C(0x1000)

struct frame {
	void *memory;	  /* FRAME_SIZE bytes; address = physical address */
	uint64_t address; /* of the page in the task */
	uint32_t task;	  /* FRAME_FREE: nobody's */
	uint32_t rights;  /* that the task has */
};

#define FRAME_FREE UINT32_MAX

/** frame_find - the frame of the page at @address of a task, or NULL. */
struct frame *frame_find(uint32_t task, uint64_t address);

/**
 * frame_alloc - a zeroed frame for the page at @address of a task.
 *
 * Overwrites the message registers.  Returns NULL if sigma0 has none left.
 */
struct frame *frame_alloc(uint32_t task, uint64_t address);

/** frame_free - give a frame back to the pool that frame_alloc takes from. */
void frame_free(struct frame *frame);

/** frame_free_all - take away all frames of a task, whose space is gone. */
void frame_free_all(uint32_t task);

/**
 * frame_map_region - have sigma0 map physical memory at its own address.
 * @start: page multiple
 * @size:  bytes
 *
 * Returns 0, or -1 if sigma0 refuses a part of it.
 */
int frame_map_region(uint64_t start, uint64_t size);

#endif
