/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigma0's map of physical memory.
 */
/* link: servers/sigma0/pool.c servers/sigma0/memory.c */
#include "servers/sigma0/memory.h"
#include "servers/sigma0/pool.h"
#include "tests/tap.h"

#define MIB (UINT64_C(1) << 20)

static struct pool pool;

static const thread_id_t alice = {UINT64_C(0x4000000001)};
static const thread_id_t bob = {UINT64_C(0x4100000001)};

static fpage_t page(uint64_t base)
{
	return fpage_make(base, FPAGE_LOG2_MIN, FPAGE_RIGHTS);
}

static void fill_ram(uint64_t size)
{
	pool_init(&pool);
	CHECK(pool_paint(&pool, 0, size, POOL_CONVENTIONAL, THREAD_NIL));
}

TEST(nothing_is_handed_out_before_memory_is_described)
{
	pool_init(&pool);
	CHECK(!pool_take(&pool, page(0x1000), alice));
	CHECK(fpage_is_nil(pool_take_any(&pool, 12, alice)));
	CHECK(fpage_is_nil(pool_fault(&pool, 0x1000, alice)));
}

TEST(a_page_has_one_owner)
{
	fill_ram(MIB);
	CHECK(pool_take(&pool, page(0x3000), alice));
	CHECK(pool_take(&pool, page(0x3000), alice));
	CHECK(!pool_take(&pool, page(0x3000), bob));
	CHECK(pool_take(&pool, page(0x4000), bob));
}

TEST(a_region_of_which_a_page_is_taken_is_refused_whole)
{
	fill_ram(MIB);
	CHECK(pool_take(&pool, page(0x3000), alice));
	CHECK(!pool_take(&pool, fpage_make(0, 14, FPAGE_RIGHTS), bob));
	CHECK(pool_take(&pool, page(0x2000), bob));
	CHECK(pool_take(&pool, page(0), alice));
}

TEST(shared_memory_goes_to_everyone)
{
	fill_ram(MIB);
	CHECK(pool_paint(&pool, 0xa0000, 0xc0000, POOL_SHARED, THREAD_NIL));
	CHECK(pool_take(&pool, page(0xa0000), alice));
	CHECK(pool_take(&pool, page(0xa0000), bob));
}

TEST(any_gives_distinct_aligned_conventional_memory)
{
	fill_ram(4 * MIB);
	CHECK(pool_paint(&pool, 0, 0x5000, POOL_RESERVED, THREAD_NIL));
	CHECK(pool_paint(&pool, 3 * MIB, 4 * MIB, POOL_DEDICATED, THREAD_NIL));

	fpage_t a = pool_take_any(&pool, 16, alice);
	fpage_t b = pool_take_any(&pool, 16, bob);

	CHECK_EQ(fpage_base(a), 0x10000);
	CHECK_EQ(fpage_base(b), 0x20000);
	CHECK_EQ(fpage_base(pool_take_any(&pool, 20, alice)), MIB);
	CHECK_EQ(fpage_base(pool_take_any(&pool, 20, alice)), 2 * MIB);
	CHECK(fpage_is_nil(pool_take_any(&pool, 20, alice)));
	/* Smaller pieces are left. */
	CHECK_EQ(fpage_base(pool_take_any(&pool, 12, alice)), 0x5000);
}

TEST(all_of_memory_can_be_taken_page_by_page)
{
	unsigned n = 0;

	fill_ram(MIB);
	while (!fpage_is_nil(pool_take_any(&pool, 12, n % 2 ? alice : bob)))
		n++;
	CHECK_EQ(n, 256);
}

TEST(faults_get_ram_and_what_is_owned_but_no_device)
{
	fill_ram(MIB);
	CHECK(pool_paint(&pool, 0x8000, 0xa000, POOL_DEDICATED, THREAD_NIL));
	CHECK_EQ(fpage_base(pool_fault(&pool, 0x1234, alice)), 0x1000);
	CHECK(fpage_is_nil(pool_fault(&pool, 0x1234, bob)));
	CHECK(fpage_is_nil(pool_fault(&pool, 0x8000, alice)));
	CHECK(pool_take(&pool, page(0x8000), alice));
	CHECK_EQ(fpage_base(pool_fault(&pool, 0x8fff, alice)), 0x8000);
	CHECK(fpage_is_nil(pool_fault(&pool, UINT64_MAX, alice)));
}

TEST(malformed_regions_are_refused)
{
	fill_ram(MIB);
	CHECK(!pool_take(&pool, FPAGE_NIL, alice));
	CHECK(!pool_take(&pool, FPAGE_COMPLETE, alice));
	for (uint64_t log2 = 0; log2 < 64; log2++) {
		fpage_t huge = {UINT64_MAX << 10 | log2 << 4};

		CHECK(!pool_take(&pool, huge, alice));
		if (log2 < 12 || log2 > 20)
			CHECK(fpage_is_nil(
				pool_take_any(&pool, (unsigned)log2, alice)));
	}
}

TEST(when_the_map_is_full_requests_are_refused)
{
	unsigned n = 0;

	pool_init(&pool);
	CHECK(pool_paint(&pool, 0, 64 * MIB, POOL_CONVENTIONAL, THREAD_NIL));
	/* Every second page: each taken page is a region of its own. */
	while (n < 8192 && pool_take(&pool, page(n * 0x2000), alice))
		n++;
	CHECK(n > POOL_REGIONS_MAX / 3);
	CHECK(n < POOL_REGIONS_MAX);
	CHECK(pool.nr <= POOL_REGIONS_MAX);
	CHECK(!pool_take(&pool, page(n * 0x2000), bob));
}

static union {
	struct kip kip;
	struct kip_memory words[KIP_SIZE / sizeof(struct kip_memory)];
} kip_page;

static void describe(unsigned i, uint64_t low, uint64_t high, uint64_t type)
{
	kip_page.words[64 + i] = (struct kip_memory){low | type, high};
	kip_page.kip.memory_info = KIP_MEMORY_INFO(i + 1, 64 * 16);
}

TEST(later_descriptors_override_earlier_ones)
{
	describe(0, 0, ~UINT64_C(0x3ff), KIP_MEMORY_SHARED);
	describe(1, 0, 32 * MIB - 0x400, KIP_MEMORY_CONVENTIONAL);
	describe(2, MIB, 2 * MIB - 0x400, KIP_MEMORY_RESERVED);
	describe(3, 3 * MIB, 3 * MIB + 0xc00,
		KIP_MEMORY_BOOTLOADER | KIP_MEMORY_BOOT_MODULE);
	describe(4, 0, 16 * MIB - 0x400,
		KIP_MEMORY_RESERVED | KIP_MEMORY_VIRTUAL);
	kip_page.kip.sigma0.low = 15 * MIB;
	kip_page.kip.sigma0.high = 15 * MIB + 0x1234;
	kip_page.kip.root.low = 16 * MIB;
	kip_page.kip.root.high = 16 * MIB + 0x5000;

	CHECK(memory_read(&pool, &kip_page.kip));
	CHECK(!pool_take(&pool, page(MIB), alice));
	CHECK(!pool_take(&pool, page(2 * MIB - 0x1000), alice));
	CHECK(pool_take(&pool, page(2 * MIB), alice));
	CHECK(pool_take(&pool, page(3 * MIB), alice));
	CHECK(!pool_take(&pool, page(15 * MIB + 0x1000), alice));
	CHECK(pool_take(&pool, page(15 * MIB + 0x2000), alice));
	CHECK(!pool_take(&pool, page(16 * MIB), alice));
	CHECK(!fpage_is_nil(pool_fault(&pool, 16 * MIB, THREAD_ROOT)));
	CHECK(pool_take(&pool, page(64 * MIB), alice));
	CHECK(pool_take(&pool, page(64 * MIB), bob));
}

TEST(descriptors_outside_of_the_page_are_refused)
{
	kip_page.kip.memory_info = KIP_MEMORY_INFO(1, KIP_SIZE);
	CHECK(!memory_read(&pool, &kip_page.kip));
	kip_page.kip.memory_info = KIP_MEMORY_INFO(1000, 1024);
	CHECK(!memory_read(&pool, &kip_page.kip));
	kip_page.kip.memory_info = UINT64_MAX;
	CHECK(!memory_read(&pool, &kip_page.kip));
}

TAP_MAIN(CASE(nothing_is_handed_out_before_memory_is_described),
	CASE(a_page_has_one_owner),
	CASE(a_region_of_which_a_page_is_taken_is_refused_whole),
	CASE(shared_memory_goes_to_everyone),
	CASE(any_gives_distinct_aligned_conventional_memory),
	CASE(all_of_memory_can_be_taken_page_by_page),
	CASE(faults_get_ram_and_what_is_owned_but_no_device),
	CASE(malformed_regions_are_refused),
	CASE(when_the_map_is_full_requests_are_refused),
	CASE(later_descriptors_override_earlier_ones),
	CASE(descriptors_outside_of_the_page_are_refused))
