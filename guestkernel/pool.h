/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own memory: pages from one run of RAM, and small objects cut
 * from such pages.  Whatever a user program makes the kernel allocate comes
 * from here, so every allocation may fail.
 */
#ifndef GUESTKERNEL_POOL_H
#define GUESTKERNEL_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/boot.h"

extern struct boot_memory boot_memory; /* start.S; made by the VMM */

/** pool_alloc - a zeroed page, or NULL when memory is exhausted. */
void *pool_alloc(void);

/** pool_free - give a page back. */
void pool_free(void *page) __attribute__((noinline));

/** pool_holds - @pages can be allocated. */
bool pool_holds(unsigned pages);

/** pool_note - a word that the owner of @page may use; 0 in a fresh page. */
uint64_t *pool_note(const void *page);

struct slab_page;

/* Objects of one size.  Pages without objects go back, but for the last. */
struct slab {
	struct slab_page *pages; /* with a free object */
};

/**
 * slab_alloc - a zeroed object, or NULL when memory is exhausted.
 * @size: bytes, a multiple of 8, at most 1 KiB; always the same for a @slab
 */
void *slab_alloc(struct slab *slab, uint64_t size);

/** slab_free - give an object back. */
void slab_free(struct slab *slab, void *object);

#endif
