/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flexpages: size-aligned, power-of-two regions of an address space.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "Fpages" (layout of the word).
 */
#ifndef GUESTKERNEL_ABI_FPAGE_H
#define GUESTKERNEL_ABI_FPAGE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * An fpage as it travels in a message register:
 *
 *    63                         10 9      4  3  2  1  0
 *   +-----------------------------+--------+--+--+--+--+
 *   |          base >> 10         |  log2  |0 |R |W |X |
 *   +-----------------------------+--------+--+--+--+--+
 *
 * A struct, so that an fpage is never taken for an address.  Shifts rather
 * than C bit-fields: their order is the compiler's choice (C11 6.7.2.1p11).
 */
typedef struct {
	uint64_t raw;
} fpage_t;

_Static_assert(sizeof(fpage_t) == 8, "fpage_t is one message register");

#define FPAGE_X (UINT64_C(1) << 0)
#define FPAGE_W (UINT64_C(1) << 1)
#define FPAGE_R (UINT64_C(1) << 2)
#define FPAGE_RIGHTS (FPAGE_R | FPAGE_W | FPAGE_X)
#define FPAGE_EXTENDED (UINT64_C(1) << 3) /* sigma0 requests: MR3 follows */
#define FPAGE_LOG2_SHIFT 4
#define FPAGE_LOG2_MASK UINT64_C(0x3f)
#define FPAGE_LOG2_MIN 12 /* one frame, 4 KiB */
#define FPAGE_LOG2_MAX 47 /* the lower canonical half */
#define FPAGE_NIL ((fpage_t){0})
#define FPAGE_COMPLETE ((fpage_t){0x10}) /* the whole address space */

/* What Unmap reports in the place of the rights. */
#define FPAGE_EXECUTED FPAGE_X
#define FPAGE_WRITTEN FPAGE_W
#define FPAGE_REFERENCED FPAGE_R

/**
 * fpage_make - encode a region.
 * @base:   first byte; a multiple of 2^@log2
 * @log2:   log2 of the size in bytes, FPAGE_LOG2_MIN..FPAGE_LOG2_MAX
 * @rights: any of FPAGE_R, FPAGE_W, FPAGE_X
 *
 * Returns the fpage, or FPAGE_NIL if an argument is out of range, so that
 * hostile values need no check of their own: mapping FPAGE_NIL maps nothing.
 */
static inline fpage_t fpage_make(uint64_t base, unsigned log2, uint64_t rights)
{
	if (log2 < FPAGE_LOG2_MIN || log2 > FPAGE_LOG2_MAX)
		return FPAGE_NIL;
	if (base & ((UINT64_C(1) << log2) - 1))
		return FPAGE_NIL;
	if (rights & ~FPAGE_RIGHTS)
		return FPAGE_NIL;

	return (fpage_t){base | (uint64_t)log2 << FPAGE_LOG2_SHIFT | rights};
}

/** fpage_log2 - log2 of the size in bytes; 0 for nil, 1 for complete. */
static inline unsigned fpage_log2(fpage_t fp)
{
	return (unsigned)(fp.raw >> FPAGE_LOG2_SHIFT & FPAGE_LOG2_MASK);
}

/** fpage_size - size in bytes. */
static inline uint64_t fpage_size(fpage_t fp)
{
	return UINT64_C(1) << fpage_log2(fp);
}

/**
 * fpage_base - address of the first byte.
 *
 * Bits below the size may be set by a sender; they do not count.
 */
static inline uint64_t fpage_base(fpage_t fp)
{
	return fp.raw & ~UINT64_C(0x3ff) & ~(fpage_size(fp) - 1);
}

/** fpage_rights - any of FPAGE_R, FPAGE_W, FPAGE_X. */
static inline uint64_t fpage_rights(fpage_t fp)
{
	return fp.raw & FPAGE_RIGHTS;
}

/** fpage_with_rights - the same region with other rights. */
static inline fpage_t fpage_with_rights(fpage_t fp, uint64_t rights)
{
	return (fpage_t){(fp.raw & ~FPAGE_RIGHTS) | (rights & FPAGE_RIGHTS)};
}

/** fpage_is_nil - true for the region that names nothing. */
static inline bool fpage_is_nil(fpage_t fp)
{
	return (fp.raw & ~FPAGE_RIGHTS) == 0;
}

/** fpage_is_complete - true for the whole address space. */
static inline bool fpage_is_complete(fpage_t fp)
{
	return fpage_log2(fp) == 1;
}

/** fpage_is_valid - one or more whole frames; not nil, not complete. */
static inline bool fpage_is_valid(fpage_t fp)
{
	unsigned log2 = fpage_log2(fp);

	return log2 >= FPAGE_LOG2_MIN && log2 <= FPAGE_LOG2_MAX;
}

#endif
