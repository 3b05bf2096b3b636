/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/pool.c"

#include "guestkernel/check/check.h"
#include "guestkernel/panic.h"

#define PAGES_MAX (BOOT_IDENTITY_SIZE / PAGE_SIZE / 16)

static const char *owners[PAGES_MAX];	 /* of the pages seen so far */
static uint16_t objects_used[PAGES_MAX]; /* in pages of objects, seen */
static const char free_page[] = "free";
static const char objects_page[] = "objects";

/* The first page behind the words that the VMM took from the pool. */
static uint64_t pool_start(void)
{
	const struct boot_region *last = &boot_memory.region[BOOT_REGIONS - 1];
	uint64_t end = last->heads + (last->end - last->start) / PAGE_SIZE * 8;

	return (end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

static uint64_t pages_seen(void)
{
	return (boot_memory.pool - pool_start()) / PAGE_SIZE;
}

static uint64_t index_of(const void *page)
{
	uint64_t at = (uint64_t)page;

	check_that(at % PAGE_SIZE == 0, "no page of the kernel's", page);
	check_that(at >= pool_start() && at < boot_memory.pool,
		"a page outside of the kernel's memory", page);
	check_that((at - pool_start()) / PAGE_SIZE < PAGES_MAX,
		"more memory than this kernel can check", page);
	return (at - pool_start()) / PAGE_SIZE;
}

void check_page(const void *page, const char *owner)
{
	uint64_t i = index_of(page);

	check_that(!owners[i] || owners[i] != owner || owner != free_page,
		"page: freed twice", page);
	check_that(!owners[i] || (owners[i] != free_page && owner != free_page),
		"page: in use and free", page);
	check_that(!owners[i], "page: two owners", page);
	owners[i] = owner;
}

void check_object(const void *object, uint64_t size)
{
	const void *page = (const void *)page_of((uint64_t)object);
	uint64_t at = (uint64_t)object % PAGE_SIZE;
	uint64_t i = index_of(page);

	check_that(at >= sizeof(struct slab_page) &&
			   (at - sizeof(struct slab_page)) % size == 0,
		"object: not at the place of one", object);
	if (owners[i] != objects_page)
		check_page(page, objects_page);
	objects_used[i]++;
}

/* Listed are exactly the pages with a free object; the chain tells how many. */
void check_slab(const struct slab *slab, uint64_t size)
{
	uint64_t capacity = (PAGE_SIZE - sizeof(struct slab_page)) / size;

	for (const struct slab_page *p = slab->pages; p; p = p->next) {
		uint64_t nr_free = 0;

		check_that(p->free, "objects: a full page is listed", p);
		check_that(*p->link == p, "objects: links of pages", p);
		for (void *const *o = p->free; o; o = *o) {
			check_that(page_of((uint64_t)o) == (uint64_t)p,
				"object: free in another page", o);
			nr_free++;
			check_that(nr_free <= capacity,
				"objects: free ones without end", p);
		}
		check_that(p->used + nr_free == capacity,
			"objects: one is neither free nor in use", p);
		if (!p->used && owners[index_of(p)] != objects_page)
			check_page(p, objects_page);
	}
}

void check_pool_begin(void)
{
	uint64_t pages = pages_seen();

	for (uint64_t i = 0; i < pages && i < PAGES_MAX; i++) {
		owners[i] = NULL;
		objects_used[i] = 0;
	}
}

uint64_t check_pool_end(void)
{
	uint64_t pages = pages_seen();
	uint64_t used = 0;

	for (const void *p = pool_list; p; p = *(void *const *)p)
		check_page(p, free_page);
	for (uint64_t i = 0; i < pages; i++) {
		const struct slab_page *page =
			(const struct slab_page *)(pool_start() +
						   i * PAGE_SIZE);

		check_that(owners[i], "page: nobody's, and not free", page);
		if (owners[i] == objects_page)
			check_that(page->used == objects_used[i],
				"objects: one is lost, or freed twice", page);
		if (owners[i] != free_page &&
			!(owners[i] == objects_page && !page->used))
			used++;
	}
	return used;
}

void check_pool_print(void)
{
	uint64_t pages = pages_seen();

	for (uint64_t i = 0; i < pages; i++) {
		const char *owner = owners[i];
		uint64_t n = 0;

		if (!owner)
			continue;
		for (uint64_t j = i; j < pages; j++) {
			if (owners[j] != owner)
				continue;
			owners[j] = NULL;
			n++;
		}
		console_puts(owner);
		console_puts(": ");
		console_hex(n);
		console_puts(" pages\n");
	}
}
