/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pager thread is asked to do, and the answers.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_REQUEST_H
#define SERVERS_LIB_LIBHURD_MM_REQUEST_H

#include "servers/lib/libhurd-mm/mm.h"

enum request_op {
	REQUEST_MAP,
	REQUEST_MAP_WINDOW,
	REQUEST_UNMAP,
	REQUEST_PROTECT,
	REQUEST_LOCK,
	REQUEST_UNLOCK,
	REQUEST_GROUP_CREATE,
	REQUEST_GROW,
	REQUEST_SHRINK,
	REQUEST_STAT,
};

/**
 * What an operation needs, and its results.  It travels as words, MR1 and up
 * to the pager thread and MR2 and up back: memory of the caller might have to
 * be paged.
 */
struct request {
	uint64_t op;	  /* enum request_op */
	uint64_t address; /* bytes; IN and OUT of a map, 0: anywhere */
	uint64_t size;
	uint64_t rights;
	uint64_t gpa;
	const struct mm_policy *policy;
	uint32_t limit;
	unsigned group;	     /* OUT of a group's creation */
	struct mm_stat stat; /* OUT */
};

#define REQUEST_WORDS (sizeof(struct request) / 8)

_Static_assert(sizeof(struct request) % 8 == 0, "whole words");
_Static_assert(REQUEST_WORDS <= 62, "one message");

/** request_serve - do it. */
enum mm_error request_serve(struct request *request);

#endif
