/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: tests/unit/anyioctl.c vmm/memory/memslot.c vmm/memory/backing.c vmm/memory/frame.c vmm/memory/dma.c vmm/memory/content.c vmm/memory/container.c vmm/memory/account.c vmm/memory/frametable.c -Wl,--wrap=ioctl */
/*
 * The VMM's own accesses to a domain's memory: RAM, windows, and the holes
 * between them.
 */
#include "vmm/memory/memslot.h"

#include <errno.h>
#include <sys/mman.h>

#include "tests/tap.h"

#define FAILS(call, error) CHECK_EQ(call, (uint64_t) - (error))
#define RAM_SIZE (16 * FRAME_SIZE)
#define WINDOWS UINT64_C(0x100000000)

static struct guestmem mem;
static struct frame_pool *pool;
static struct backing *ram;

static void begin(void)
{
	mem = (struct guestmem){.vm_fd = -1};
	REQUIRE(!frame_pool_create(&pool, 64));
	REQUIRE(!backing_create(&ram, pool));
	REQUIRE(!backing_allocate(ram, 0, 16));
	REQUIRE(!memslot_add(&mem, (gpa_t){0}, RAM_SIZE));
	REQUIRE(!window_map(&mem, (gpa_t){0}, ram, (struct frame_run){0, 16},
		PROT_READ | PROT_WRITE));
	REQUIRE(!memslot_add(&mem, (gpa_t){WINDOWS}, RAM_SIZE));
	mem.frames = mmap(NULL, 64 * FRAME_SIZE, PROT_READ | PROT_WRITE,
		MAP_SHARED, frame_pool_fd(pool), 0);
	REQUIRE(mem.frames != MAP_FAILED);
}

static void end(void)
{
	memslot_remove_all(&mem);
	munmap(mem.frames, 64 * FRAME_SIZE);
	backing_destroy(ram);
	frame_pool_destroy(pool);
}

static int put(uint64_t gpa, int prot)
{
	return memslot_put(&mem, (gpa_t){gpa}, frame_pool_fd(pool),
		(struct frame_run){20, 1}, prot);
}

TEST(ram_is_read_and_written)
{
	uint64_t word = 7;

	begin();
	CHECK_EQ(guestmem_write(&mem, (gpa_t){4092}, &word, 8), 0);
	word = 0;
	CHECK_EQ(guestmem_read(&mem, (gpa_t){4092}, &word, 8), 0);
	CHECK_EQ(word, 7);
	FAILS(guestmem_read(&mem, (gpa_t){RAM_SIZE - 7}, &word, 8), EFAULT);
	end();
}

TEST(a_window_is_read_and_written)
{
	uint64_t word = 9;

	begin();
	CHECK_EQ(put(WINDOWS + FRAME_SIZE, PROT_READ | PROT_WRITE), 0);
	CHECK_EQ(guestmem_write(&mem, (gpa_t){WINDOWS + FRAME_SIZE}, &word, 8),
		0);
	word = 0;
	CHECK_EQ(guestmem_read(&mem, (gpa_t){WINDOWS + FRAME_SIZE}, &word, 8),
		0);
	CHECK_EQ(word, 9);
	end();
}

/* The domain and the VMM see the same, also across frames side by side. */
TEST(what_is_shown_is_what_the_domain_sees)
{
	const gpa_t gpa = {WINDOWS + FRAME_SIZE};
	size_t len = 3 * FRAME_SIZE;
	char *at, *hva;

	begin();
	CHECK_EQ(memslot_put(&mem, gpa, frame_pool_fd(pool),
			 (struct frame_run){20, 2}, PROT_READ | PROT_WRITE),
		0);
	CHECK_EQ(put(gpa.addr + 2 * FRAME_SIZE, PROT_READ | PROT_WRITE), 0);
	hva = guestmem_hva(&mem, gpa, 3 * FRAME_SIZE);
	hva[FRAME_SIZE + 5] = 'x';
	hva[5] = 'y';
	at = guestmem_look(&mem, gpa, &len, true);
	CHECK_EQ(len, 2 * FRAME_SIZE);
	CHECK_EQ(at[FRAME_SIZE + 5], 'x');
	CHECK_EQ(hva[2 * FRAME_SIZE + 5], 'y');
	len = 1;
	CHECK(!guestmem_look(&mem, (gpa_t){WINDOWS}, &len, false));
	CHECK(!guestmem_look(&mem, (gpa_t){WINDOWS + RAM_SIZE}, &len, false));
	len = FRAME_SIZE;
	CHECK(guestmem_look(&mem, (gpa_t){RAM_SIZE - 8}, &len, true) != NULL);
	CHECK_EQ(len, 8);
	end();
}

TEST(what_a_place_shows_is_known)
{
	const gpa_t gpa = {WINDOWS + FRAME_SIZE};
	const struct frame_run run = {20, 3};

	begin();
	CHECK(memslot_shows(&mem, gpa, run, PROT_NONE));
	CHECK(!memslot_shows(&mem, gpa, run, PROT_READ));
	CHECK_EQ(
		memslot_put(&mem, gpa, frame_pool_fd(pool), run, PROT_READ), 0);
	CHECK(memslot_shows(&mem, gpa, run, PROT_READ));
	CHECK(!memslot_shows(&mem, gpa, run, PROT_READ | PROT_WRITE));
	CHECK(!memslot_shows(&mem, gpa, run, PROT_NONE));
	CHECK(!memslot_shows(&mem, gpa, (struct frame_run){20, 4}, PROT_READ));
	CHECK(!memslot_shows(&mem, gpa, (struct frame_run){21, 3}, PROT_READ));
	CHECK(!memslot_shows(&mem, (gpa_t){UINT64_MAX - FRAME_SIZE + 1},
		(struct frame_run){20, 1}, PROT_NONE));
	end();
}

TEST(what_does_not_agree_with_2_mib_is_cut_in_their_middle)
{
	const struct frame_run run = {1, 2000};

	CHECK_EQ(memslot_run((gpa_t){WINDOWS + FRAME_SIZE}, run), 2000);
	CHECK_EQ(memslot_run((gpa_t){WINDOWS}, run), 256);
	CHECK_EQ(memslot_run((gpa_t){WINDOWS + 255 * FRAME_SIZE}, run), 1);
	CHECK_EQ(memslot_run((gpa_t){WINDOWS + 256 * FRAME_SIZE}, run), 512);
	CHECK_EQ(memslot_run((gpa_t){WINDOWS + 300 * FRAME_SIZE}, run), 468);
	CHECK_EQ(
		memslot_run((gpa_t){WINDOWS}, (struct frame_run){1, 256}), 256);
	CHECK_EQ(memslot_run((gpa_t){WINDOWS}, (struct frame_run){1, 3}), 3);
}

TEST(a_hole_is_refused)
{
	uint64_t word = 9;

	begin();
	FAILS(guestmem_read(&mem, (gpa_t){WINDOWS}, &word, 8), EFAULT);
	FAILS(guestmem_write(&mem, (gpa_t){WINDOWS}, &word, 8), EFAULT);
	CHECK_EQ(put(WINDOWS, PROT_READ | PROT_WRITE), 0);
	/* The second half is missing. */
	FAILS(guestmem_read(&mem, (gpa_t){WINDOWS + FRAME_SIZE - 4}, &word, 8),
		EFAULT);
	CHECK_EQ(memslot_clear(&mem, (gpa_t){WINDOWS}, 1), 0);
	FAILS(guestmem_read(&mem, (gpa_t){WINDOWS}, &word, 8), EFAULT);
	end();
}

TEST(a_window_that_is_read_only_is_not_written)
{
	uint64_t word = 9;

	begin();
	CHECK_EQ(put(WINDOWS, PROT_READ), 0);
	CHECK_EQ(guestmem_read(&mem, (gpa_t){WINDOWS}, &word, 8), 0);
	FAILS(guestmem_write(&mem, (gpa_t){WINDOWS}, &word, 8), EFAULT);
	end();
}

TAP_MAIN(CASE(ram_is_read_and_written), CASE(a_window_is_read_and_written),
	CASE(what_is_shown_is_what_the_domain_sees),
	CASE(what_a_place_shows_is_known),
	CASE(what_does_not_agree_with_2_mib_is_cut_in_their_middle),
	CASE(a_hole_is_refused),
	CASE(a_window_that_is_read_only_is_not_written))
