/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Self-paging: a task has a number of frames and decides itself what is in
 * them.
 *
 * A pager thread of the task's own resolves the faults of the threads that
 * adopt it.  What does not fit into the frames goes to the task's own backing
 * store; which page goes is the policy's choice, and a policy is a few lines of
 * the program or one of those here.
 *
 * All functions but mm_start are requests to the pager thread, so that nothing
 * of the books needs a lock; each overwrites the message registers.  Addresses
 * and sizes are in bytes and multiples of MM_PAGE_SIZE.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_MM_H
#define SERVERS_LIB_LIBHURD_MM_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/fpage.h"

#define MM_PAGE_SIZE 4096u
#define MM_AREA_START UINT64_C(0x200000000) /* where regions are */
#define MM_AREA_PAGES 32768u		    /* 128 MiB */
#define MM_FRAMES_MAX 1536u
#define MM_CHUNK 64u /* frames: what is taken and given back at once */
#define MM_REGIONS_MAX 128u
#define MM_GROUPS_MAX 8u

enum mm_error {
	MM_OK,
	MM_EINVAL,	/* not in the area, not page-aligned, rights unknown */
	MM_EEXIST,	/* a region is there */
	MM_ENOENT,	/* no region is there, or not everywhere */
	MM_ENOMEM,	/* no frame can be had, or no entry in a table */
	MM_ENOSPC,	/* the backing store is full */
	MM_EIO,		/* the backing store failed */
	MM_EACCESS,	/* the region does not allow it */
	MM_UNREACHABLE, /* the Ipc to the pager thread failed */
};

/**
 * struct mm_store - where pages go that have no frame.
 * @slots: pages that it holds
 * @read:  fill @frame with what was last written to @slot
 * @write: keep the contents of @frame
 *
 * Both run in the pager thread and return false if the store failed.
 */
struct mm_store {
	uint32_t slots;
	bool (*read)(uint32_t slot, void *frame);
	bool (*write)(uint32_t slot, const void *frame);
};

struct mm_policy; /* policy.h */
extern const struct mm_policy mm_lru, mm_clock, mm_mru;

/** struct mm_setup - what mm_start needs. */
struct mm_setup {
	uint32_t frames; /* guaranteed ones, a multiple of MM_CHUNK */
	uint64_t gpa;	 /* windows for MM_FRAMES_MAX frames: container.h */
	const struct mm_policy *policy; /* of group 0 */
	const struct mm_store *store; /* NULL: what is evicted must be clean */
	unsigned notice; /* interrupt by which extra frames are asked back, 1 to
			  * 15; they are given back then.  0: none */
};

/** What happened since the start. */
struct mm_stat {
	uint64_t faults;
	uint64_t zero_filled;
	uint64_t read;	  /* pages, from the store */
	uint64_t written; /* pages, to the store */
	uint64_t evicted; /* written ones and clean ones */
	uint64_t frames;  /* now */
	uint64_t used;	  /* now */
};

/**
 * mm_start - get the frames, start the pager thread, adopt the caller.
 *
 * MM_ENOMEM without frames or a thread; MM_EINVAL.
 */
enum mm_error mm_start(const struct mm_setup *setup);

/** mm_adopt - the running thread's faults go to the pager thread. */
void mm_adopt(void);

/**
 * mm_group_create - a set of pages with a policy and a number of frames.
 * @limit: frames that its pages take at most; 0: all
 * @group: OUT, for mm_map
 *
 * MM_ENOMEM: MM_GROUPS_MAX.
 */
enum mm_error mm_group_create(
	const struct mm_policy *policy, uint32_t limit, unsigned *group);

/**
 * mm_map - a new region of zeroes.
 * @address: IN, where, or NULL for anywhere; OUT, where
 * @rights:  FPAGE_R, FPAGE_W, FPAGE_X
 *
 * MM_EEXIST, MM_ENOMEM (address space, regions), MM_EINVAL.
 */
enum mm_error mm_map(
	void **address, size_t size, uint64_t rights, unsigned group);

/**
 * mm_map_window - a region that shows a window of a container.
 * @gpa: the window, which the caller made and will unmap: container.h
 *
 * Errors as mm_map.  Its pages are the container's: they take no frame and
 * never go.
 */
enum mm_error mm_map_window(
	void **address, size_t size, uint64_t rights, uint64_t gpa);

/** mm_unmap - what is there is gone; places without a region are passed over. */
enum mm_error mm_unmap(void *address, size_t size);

/** mm_protect - other rights.  MM_ENOENT: no region somewhere; nothing done. */
enum mm_error mm_protect(void *address, size_t size, uint64_t rights);

/**
 * mm_lock - have the pages in frames, and keep them there.
 *
 * A decision about the task's own frames: nobody else is asked.  MM_ENOENT,
 * MM_ENOMEM, MM_EIO; nothing is locked then.
 */
enum mm_error mm_lock(void *address, size_t size);

/** mm_unlock - the pages may go again. */
enum mm_error mm_unlock(void *address, size_t size);

/**
 * mm_grow - MM_CHUNK extra frames more, to be given back on notice.
 *
 * MM_ENOMEM: none are to be had.
 */
enum mm_error mm_grow(void);

/**
 * mm_shrink - give the newest MM_CHUNK extra frames back; their pages move to
 * other frames or to the store.
 *
 * MM_ENOENT: there are no extra frames.  MM_ENOMEM, MM_ENOSPC, MM_EIO: their
 * pages cannot go, and stay.
 */
enum mm_error mm_shrink(void);

/** mm_stat - the counters. */
enum mm_error mm_stat(struct mm_stat *stat);

#endif
