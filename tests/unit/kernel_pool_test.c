/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: guestkernel/check/pool.c */
/*
 * The guest kernel's memory: random pages and objects come and go, and after
 * each step the books are checked as the checking kernel does.
 */
#include <stdlib.h>
#include <string.h>

#include "guestkernel/check/check.h"
#include "guestkernel/panic.h"
#include "guestkernel/pool.h"
#include "guestkernel/x86/layout.h"
#include "tests/tap.h"

#define PAGES 64
#define OBJECTS 2000
#define SIZE 56 /* bytes; does not divide a page */
#define STEPS 20000

static _Alignas(PAGE_SIZE) char memory[PAGES * PAGE_SIZE];
struct boot_memory boot_memory;
static struct slab slab;
static void *object[OBJECTS], *page[PAGES];
static const char *failure;
static uint64_t random_state;

void check_that(bool ok, const char *what, const void *object_)
{
	(void)object_;
	if (!ok && !failure)
		failure = what;
}

void console_puts(const char *s)
{
	(void)s;
}

void console_hex(uint64_t value)
{
	(void)value;
}

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (random_state >> 33) % limit;
}

static void begin(void)
{
	uint64_t start = (uint64_t)memory;

	boot_memory.pool = boot_memory.pool_end;
	while (pool_alloc())
		; /* empties the list */
	boot_memory = (struct boot_memory){.pool = start + PAGE_SIZE,
		.pool_end = start + sizeof(memory),
		.notes = start,
		.region[BOOT_REGIONS - 1] = {.heads = start + PAGE_SIZE}};
	memset(memory, 0, PAGE_SIZE);
	slab = (struct slab){NULL};
	memset(object, 0, sizeof(object));
	memset(page, 0, sizeof(page));
	failure = NULL;
	random_state = 1;
}

/* Returns the pages in use. */
static uint64_t check_books(void)
{
	uint64_t used;

	check_pool_begin();
	for (unsigned i = 0; i < PAGES; i++)
		if (page[i])
			check_page(page[i], "test");
	for (unsigned i = 0; i < OBJECTS; i++)
		if (object[i])
			check_object(object[i], SIZE);
	check_slab(&slab, SIZE);
	used = check_pool_end();
	if (failure)
		tap_print("# %s\n", failure);
	return used;
}

static bool is_zero(const char *at, unsigned size)
{
	while (size && !*at) {
		at++;
		size--;
	}
	return size == 0;
}

static void step_object(unsigned i)
{
	if (object[i]) {
		slab_free(&slab, object[i]);
		object[i] = NULL;
		return;
	}
	object[i] = slab_alloc(&slab, SIZE);
	if (!object[i])
		return;
	CHECK(is_zero(object[i], SIZE));
	memset(object[i], 0xff, SIZE);
}

static void step_page(unsigned i)
{
	if (page[i]) {
		pool_free(page[i]);
		page[i] = NULL;
		return;
	}
	page[i] = pool_alloc();
	if (!page[i])
		return;
	CHECK(is_zero(page[i], PAGE_SIZE) && !*pool_note(page[i]));
	memset(page[i], 0xff, PAGE_SIZE);
	*pool_note(page[i]) = i;
}

TEST(pages_and_objects_have_one_owner_at_each_step)
{
	begin();
	for (unsigned n = 0; n < STEPS && !failure; n++) {
		if (random_below(8))
			step_object((unsigned)random_below(OBJECTS));
		else
			step_page((unsigned)random_below(PAGES / 2));
		(void)check_books();
	}
	CHECK(!failure);
}

TEST(when_all_is_freed_all_is_free)
{
	uint64_t before;

	begin();
	before = check_books();
	for (unsigned i = 0; i < OBJECTS; i++)
		step_object(i);
	CHECK(check_books() > before);
	for (unsigned i = 0; i < OBJECTS; i++)
		if (object[i])
			step_object(i);
	CHECK_EQ(check_books(), before);
	CHECK(!failure);
}

TEST(pages_of_objects_that_are_gone_serve_for_others)
{
	unsigned n = 0;

	begin();
	for (unsigned i = 0; i < OBJECTS; i++)
		step_object(i);
	for (unsigned i = 0; i < OBJECTS; i++)
		if (object[i])
			step_object(i);
	while (n < PAGES && (page[n] = pool_alloc()))
		n++;
	/* One stays with the objects, one holds the notes. */
	CHECK_EQ(n, PAGES - 2);
	CHECK(!pool_alloc());
	(void)check_books();
	CHECK(!failure);
}

TEST(without_memory_there_is_no_object)
{
	unsigned n = 0;

	begin();
	while (n < PAGES && (page[n] = pool_alloc()))
		n++;
	CHECK(!slab_alloc(&slab, SIZE));
	pool_free(page[--n]);
	page[n] = NULL;
	object[0] = slab_alloc(&slab, SIZE);
	CHECK(object[0]);
	(void)check_books();
	CHECK(!failure);
}

TEST(errors_in_the_books_are_found)
{
	begin();
	object[0] = slab_alloc(&slab, SIZE);
	(void)pool_alloc();
	(void)check_books();
	CHECK_STR(failure, "page: nobody's, and not free");

	begin();
	page[0] = pool_alloc();
	pool_free(page[0]);
	(void)check_books();
	CHECK_STR(failure, "page: in use and free");

	begin();
	(void)slab_alloc(&slab, SIZE);
	object[1] = slab_alloc(&slab, SIZE);
	(void)check_books();
	CHECK_STR(failure, "objects: one is lost, or freed twice");
}

TAP_MAIN(CASE(pages_and_objects_have_one_owner_at_each_step),
	CASE(when_all_is_freed_all_is_free),
	CASE(pages_of_objects_that_are_gone_serve_for_others),
	CASE(without_memory_there_is_no_object),
	CASE(errors_in_the_books_are_found))
