/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Address spaces: page tables, the UTCB area and the KIP's place in them.
 */
#ifndef GUESTKERNEL_SPACE_H
#define GUESTKERNEL_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/abi/error.h"
#include "guestkernel/abi/fpage.h"

struct kip;

struct space {
	uint64_t *root; /* PML4, kernel address */
	uint64_t cr3;	/* ready to load */
	uint64_t utcb_base;
	uint64_t utcb_size; /* 0: not initialised by SpaceControl yet */
	uint64_t kip_base;
	uint64_t utcb_page;   /* of the last UTCB; user address */
	uint64_t utcb_offset; /* from there to its kernel address */
	uint64_t redirector;  /* id; 0: none */
	uint32_t nr_threads;
	uint32_t thread_flags; /* THREAD_OF_SPACE: what its threads have */
	bool privileged;       /* sigma0 and the root task */
	bool is_sigma0;
};

extern struct kip *space_kip; /* the page of all spaces, kernel address */

/** space_create - an empty space without threads; NULL without memory. */
struct space *space_create(void);

/**
 * space_destroy - give up a space without threads: everything mapped there,
 * and what was mapped on from there, goes.
 */
void space_destroy(struct space *space);

/**
 * space_configure - give a fresh space its KIP and UTCB areas.
 * @control: SPACE_CONTROL_FOREIGN: it gets no KIP, and @kip_area is not
 *           looked at
 *
 * Returns L4_OK; L4_UTCB_AREA or L4_KIP_AREA if an area is too small, outside
 * of user memory or overlaps the other; L4_NO_MEMORY.  After an error the
 * space is unchanged.
 * Source: L4 X.2 Reference Manual, "SpaceControl".
 */
enum l4_error space_configure(struct space *space, uint64_t control,
	fpage_t kip_area, fpage_t utcb_area);

/** space_holds_utcb - @location is a UTCB's place in the UTCB area. */
bool space_holds_utcb(const struct space *space, uint64_t location);

/**
 * space_back_utcb - allocate the page of the UTCB at @location, which the area
 * holds, if need be; utcb_offset is then that of this page.
 *
 * Returns false without memory.
 */
bool space_back_utcb(struct space *space, uint64_t location);

/** space_free_own - a dying space gives up its KIP or UTCB page, @frame, at @at. */
void space_free_own(struct space *space, uint64_t at, uint64_t frame);

struct region {
	uint64_t start, size; /* bytes */
};

/** space_region - what an fpage covers; of size 0 if it is none. */
struct region space_region(fpage_t fpage);

/**
 * space_is_special - [@start, @start + @size) touches UTCB area or KIP of a
 * space that has been given them.
 */
bool space_is_special(const struct space *space, uint64_t start, uint64_t size);

/**
 * space_code - the 7 bytes at @address in the running space, the first one
 * lowest; 0 where nothing is mapped.
 */
uint64_t space_code(uint64_t address) __attribute__((noinline));

#endif
