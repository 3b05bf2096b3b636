/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that were never used are not touched before they are needed: the host
 * gives a domain its frames at the first access.
 */
#include "guestkernel/pool.h"

#include <stddef.h>

#include "guestkernel/panic.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

static uint64_t pool_start; /* kernel addresses */
static uint64_t pool_end;
static uint64_t pool_fresh; /* pages from here on were never used */
static void *pool_list;
static uint64_t *pool_notes;

void *pool_alloc_run(uint64_t size)
{
	uint64_t run = pool_fresh;

	size = (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	if (size > pool_end - pool_fresh)
		panic("RAM is too small", pool_end - pool_start);
	pool_fresh += size;
	zero_words((void *)run, size / 8);
	return (void *)run;
}

void pool_init(uint64_t start, uint64_t end)
{
	pool_start = (uint64_t)phys_to_virt(start);
	pool_end = (uint64_t)phys_to_virt(end);
	pool_fresh = pool_start;
	pool_list = NULL;
	pool_notes = pool_alloc_run((end - start) / PAGE_SIZE * 8);
}

void *pool_alloc(void)
{
	void *page = pool_list;

	if (page) {
		pool_list = *(void **)page;
	} else {
		if (pool_fresh == pool_end)
			return NULL;
		page = (void *)pool_fresh;
		pool_fresh += PAGE_SIZE;
	}
	zero_words(page, PAGE_SIZE / 8);
	*pool_note(page) = 0;
	return page;
}

void pool_free(void *page)
{
	*(void **)page = pool_list;
	pool_list = page;
}

uint64_t *pool_note(const void *page)
{
	return &pool_notes[((uint64_t)page - pool_start) / PAGE_SIZE];
}

static void slab_refill(struct slab *slab)
{
	char *page = pool_alloc();

	if (!page)
		return;
	for (uint64_t at = 0; at + slab->size <= PAGE_SIZE; at += slab->size)
		slab_free(slab, page + at);
}

void *slab_alloc(struct slab *slab)
{
	void *object;

	if (!slab->free)
		slab_refill(slab);
	object = slab->free;
	if (!object)
		return NULL;
	slab->free = *(void **)object;
	zero_words(object, slab->size / 8);
	return object;
}

void slab_free(struct slab *slab, void *object)
{
	*(void **)object = slab->free;
	slab->free = object;
}
