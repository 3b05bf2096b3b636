/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: tests/unit/anyioctl.c vmm/populate.c vmm/memory/filler.c vmm/confine.c vmm/memory/memslot.c vmm/memory/backing.c vmm/memory/frame.c vmm/memory/dma.c vmm/memory/content.c vmm/memory/container.c vmm/memory/account.c vmm/memory/frametable.c -Wl,--wrap=ioctl */
/*
 * RAM is made present piece by piece, unless the guest gives it back meanwhile.
 */
#include "vmm/populate.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include "tests/tap.h"
#include "vmm/memory/filler.h"
#include "vmm/memory/memslot.h"

#define RAM_SIZE (UINT64_C(4) << 20)
#define RAM_FRAMES (RAM_SIZE / FRAME_SIZE)
#define HALF (RAM_SIZE / 2)

static struct guestmem mem;
static struct frame_pool *pool;
static struct backing *ram;
static struct filler filler;
static uint64_t at;

static void begin(void)
{
	mem = (struct guestmem){.vm_fd = -1};
	at = 0;
	REQUIRE(!frame_pool_create(&pool, 2 * RAM_FRAMES));
	REQUIRE(!backing_create(&ram, pool));
	REQUIRE(!backing_allocate(ram, 0, RAM_FRAMES));
	REQUIRE(!memslot_add(&mem, (gpa_t){0}, RAM_SIZE));
	REQUIRE(!window_map(&mem, (gpa_t){0}, ram,
		(struct frame_run){0, RAM_FRAMES}, PROT_READ | PROT_WRITE));
	filler_init(&filler, frame_pool_fd(pool));
}

static void end(void)
{
	filler_stop(&filler);
	memslot_remove_all(&mem);
	backing_destroy(ram);
	frame_pool_destroy(pool);
}

static uint64_t bytes_present(void)
{
	struct stat st;

	CHECK_EQ(fstat(frame_pool_fd(pool), &st), 0);
	return (uint64_t)st.st_blocks * 512;
}

TEST(all_of_it_is_there_in_the_end)
{
	unsigned steps = 0;

	begin();
	while (populate_step(&filler, &mem, &at))
		steps++;
	CHECK_EQ(steps, RAM_SIZE / POPULATE_PIECE);
	CHECK_EQ(bytes_present(), RAM_SIZE);
	end();
}

TEST(what_the_guest_has_given_back_is_not_made_present_again)
{
	begin();
	CHECK(populate_step(&filler, &mem, &at));
	CHECK_EQ(guestmem_discard(&mem, (gpa_t){HALF / 2}, HALF), 0);
	uint64_t before = bytes_present();

	CHECK(before < HALF);
	CHECK(!populate_step(&filler, &mem, &at));
	CHECK_EQ(bytes_present(), before);
	end();
}

TAP_MAIN(CASE(all_of_it_is_there_in_the_end),
	CASE(what_the_guest_has_given_back_is_not_made_present_again))
