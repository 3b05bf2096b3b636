/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies: which page of a group leaves its frame.
 *
 * A program's own policy is a struct mm_policy like those here; its functions
 * run in the pager thread.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_POLICY_H
#define SERVERS_LIB_LIBHURD_MM_POLICY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "servers/lib/libhurd-mm/mm.h"

/** A frame of the task and the page that is in it. */
struct mm_frame {
	TAILQ_ENTRY(mm_frame) link; /* of its group, oldest first; or free */
	struct mm_group *group;	    /* NULL: free, or not the task's */
	uint32_t page;		    /* of the area */
	bool locked;		    /* is no victim */
	bool dirty;		    /* written since it was read */
	uint8_t history;	    /* the policy's; 0 when the page comes */
};

TAILQ_HEAD(mm_frames, mm_frame);

struct mm_group {
	const struct mm_policy *policy;
	struct mm_frames frames;
	uint32_t nr;
	uint32_t limit;
	uint32_t turns; /* the policy's; 0 at the start */
};

struct mm_policy {
	const char *name;
	/**
	 * victim - the frame to take, or NULL if all are locked.
	 *
	 * It may reorder the list and use what is "the policy's".
	 */
	struct mm_frame *(*victim)(struct mm_group *group);
};

/** mm_page_address - where the page of @frame is seen by the program. */
static inline uint64_t mm_page_address(const struct mm_frame *frame)
{
	return MM_AREA_START + (uint64_t)frame->page * MM_PAGE_SIZE;
}

/**
 * mm_frame_referenced - the page was touched since the last question.
 *
 * A write is remembered in @frame->dirty.
 */
bool mm_frame_referenced(struct mm_frame *frame);

/** mm_frame_to_tail - make @frame the newest of its group. */
static inline void mm_frame_to_tail(struct mm_frame *frame)
{
	TAILQ_REMOVE(&frame->group->frames, frame, link);
	TAILQ_INSERT_TAIL(&frame->group->frames, frame, link);
}

#endif
