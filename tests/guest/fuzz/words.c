/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random words that are nearly right: ids, fpages, addresses. */
#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/utcb.h"
#include "tests/guest/fixture.h"
#include "tests/guest/fuzz/fuzz.h"

/* Random code may have written it: 0 would stay 0. */
uint64_t fuzz_next(struct fuzzer *f)
{
	if (!f->random)
		f->random = 1;
	f->random ^= f->random << 13;
	f->random ^= f->random >> 7;
	f->random ^= f->random << 17;
	return f->random;
}

uint64_t fuzz_victim(uint64_t r)
{
	return thread_id_global(
		FUZZ_FIRST_VICTIM + r % FUZZ_VICTIMS, 1 + r / 64 % 2)
		.raw;
}

/*
 * The compiler sets bit 63 by BTS, and the end of an instruction before it can
 * be a LOCK prefix to who jumps there: see locked.c.
 */
static uint64_t remote_bit(void)
{
	uint64_t bit = THREAD_REMOTE_BIT;

	__asm__("" : "+r"(bit));
	return bit;
}

uint64_t fuzz_any_id(uint64_t r)
{
	switch (r % 12) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return UINT64_MAX << 6;
	case 3:
		return fuzz_root.raw;
	case 4:
		return thread_id_global(THREAD_USER_BASE, 1).raw;
	case 5:
		return thread_id_global((uint32_t)(r >> 8) % 64, 1).raw;
	case 6:
		return UTCB_AREA_BASE + UTCB_POINTER +
		       (r >> 8) % 260 * UTCB_SIZE;
	case 7:
		return r;
	case 8:
		return remote_bit() | (1 + (r >> 8) % 600) << 32 |
		       ((r >> 20) % 3 * 64 + 1);
	case 9:
		return fuzz_victim(r >> 8);
	default:
		return fuzz_id((unsigned)(r >> 8) % FUZZ_THREADS).raw;
	}
}

/* The image, the large pages, where others accept, or anywhere. */
uint64_t fuzz_any_address(uint64_t r)
{
	uint64_t at = r >> 8;

	switch (r % 8) {
	case 0:
	case 1:
		return (uint64_t)image_start + at % (64 * PAGE_SIZE);
	case 2:
	case 3:
	case 4:
		return FUZZ_MEMORY_BASE + at % FUZZ_MEMORY_SIZE;
	case 5:
		return FUZZ_WINDOW_BASE + at % (2 * FUZZ_MEMORY_SIZE);
	case 6:
		return UTCB_AREA_BASE + at % (UINT64_C(1) << 20);
	default:
		return r << (at & 63);
	}
}

uint64_t fuzz_any_fpage(uint64_t r)
{
	/* Regions of many small pages take long: some will do. */
	static const uint8_t common[] = {
		12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 13, 13, 14, 16, 21, 22};
	uint64_t log2 =
		(r >> 16) % 32 ? common[(r >> 21) % 16] : (r >> 21) % 64;
	uint64_t base = fuzz_any_address(r >> 24);

	if (r % 4)
		base &= ~((UINT64_C(1) << log2) - 1);
	return (base & ~UINT64_C(0x3ff)) | log2 << FPAGE_LOG2_SHIFT |
	       (r >> 8 & 0xf);
}

uint64_t fuzz_any_word(struct fuzzer *f)
{
	uint64_t r = fuzz_next(f);

	switch (r % 8) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
	case 3:
		return fuzz_any_id(r >> 4);
	case 4:
		return fuzz_any_fpage(r >> 4);
	case 5:
		return fuzz_any_address(r >> 4);
	case 6:
		return r >> 4 & 0xfff;
	default:
		return r;
	}
}
