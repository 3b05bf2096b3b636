/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pages that were never used are not touched before they are needed: the host
 * gives a domain its frames at the first access.
 */
#include "guestkernel/pool.h"

#include <stddef.h>

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

static void *pool_list;
static unsigned nr_listed;

void *pool_alloc(void)
{
	void *page = pool_list;

	if (page) {
		pool_list = *(void **)page;
		nr_listed--;
	} else {
		if (boot_memory.pool == boot_memory.pool_end)
			return NULL;
		page = (void *)boot_memory.pool;
		boot_memory.pool += PAGE_SIZE;
	}
	zero_words(page, PAGE_SIZE / 8);
	*pool_note(page) = 0;
	return page;
}

void pool_free(void *page)
{
	*(void **)page = pool_list;
	pool_list = page;
	nr_listed++;
}

bool pool_holds(unsigned pages)
{
	uint64_t unused = boot_memory.pool_end - boot_memory.pool;

	return nr_listed + unused / PAGE_SIZE >= pages;
}

/* The pool's first pages are the notes themselves. */
uint64_t *pool_note(const void *page)
{
	return (uint64_t *)boot_memory.notes +
	       ((uint64_t)page - boot_memory.notes) / PAGE_SIZE;
}

/*
 * At the start of each page of objects.  Listed are the pages with a free
 * object; where an object lies says which page is its own.
 */
struct slab_page {
	struct slab_page *next, **link; /* link: what leads here */
	void *free;
	uint64_t used; /* objects */
};

static void slab_list(struct slab *slab, struct slab_page *page)
{
	page->next = slab->pages;
	page->link = &slab->pages;
	if (page->next)
		page->next->link = &page->next;
	slab->pages = page;
}

static void slab_unlist(struct slab_page *page)
{
	*page->link = page->next;
	if (page->next)
		page->next->link = page->link;
}

static void slab_grow(struct slab *slab, uint64_t size)
{
	struct slab_page *page = pool_alloc();
	uint64_t at = sizeof(*page);

	if (!page)
		return;
	for (; at + size <= PAGE_SIZE; at += size) {
		void **object = (void **)((uint64_t)page + at);

		*object = page->free;
		page->free = object;
	}
	slab_list(slab, page);
}

void *slab_alloc(struct slab *slab, uint64_t size)
{
	struct slab_page *page;
	void *object;

	if (!slab->pages)
		slab_grow(slab, size);
	page = slab->pages;
	if (!page)
		return NULL;
	object = page->free;
	page->free = *(void **)object;
	page->used++;
	if (!page->free)
		slab_unlist(page);
	zero_words(object, size / 8);
	return object;
}

/* One empty page may stay, or the next object would have it made anew. */
void slab_free(struct slab *slab, void *object)
{
	struct slab_page *page = (struct slab_page *)page_of((uint64_t)object);

	if (!page->free)
		slab_list(slab, page);
	*(void **)object = page->free;
	page->free = object;
	if (--page->used || (!page->next && slab->pages == page))
		return;
	slab_unlist(page);
	pool_free(page);
}
