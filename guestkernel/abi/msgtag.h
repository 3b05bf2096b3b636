/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Message tags: MR0, the head of every message.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "Messages And Message Registers".
 *
 *    63                          16 15 14 13 12 11     6 5      0
 *   +------------------------------+--+--+--+--+--------+--------+
 *   |            label             | E| X| R| P|   t    |   u    |
 *   +------------------------------+--+--+--+--+--------+--------+
 */
#ifndef GUESTKERNEL_ABI_MSGTAG_H
#define GUESTKERNEL_ABI_MSGTAG_H

#include <stdbool.h>
#include <stdint.h>

/** A struct, so that a tag is never taken for a label. */
typedef struct {
	uint64_t raw;
} msgtag_t;

_Static_assert(sizeof(msgtag_t) == 8, "msgtag_t is one message register");

#define MSGTAG_COUNT_MASK UINT64_C(0x3f)
#define MSGTAG_TYPED_SHIFT 6
#define MSGTAG_LABEL_SHIFT 16
#define MSGTAG_LABEL_MASK ((UINT64_C(1) << 48) - 1)

#define MSGTAG_PROPAGATED (UINT64_C(1) << 12)
#define MSGTAG_REDIRECTED (UINT64_C(1) << 13)
#define MSGTAG_CROSS_CPU (UINT64_C(1) << 14)
#define MSGTAG_ERROR (UINT64_C(1) << 15)
#define MSGTAG_FLAGS (UINT64_C(0xf) << 12)

#define MSGTAG_EMPTY ((msgtag_t){0}) /* label 0, no words */

/**
 * msgtag_make - the tag of a message.
 * @label:   48 bits; higher bits are dropped
 * @untyped: words, 0..63
 * @typed:   words of typed items, 0..63; @untyped + @typed at most 63
 */
static inline msgtag_t msgtag_make(
	uint64_t label, unsigned untyped, unsigned typed)
{
	return (msgtag_t){label << MSGTAG_LABEL_SHIFT |
			  (typed & MSGTAG_COUNT_MASK) << MSGTAG_TYPED_SHIFT |
			  (untyped & MSGTAG_COUNT_MASK)};
}

/** msgtag_untyped - number of untyped words, MR1 and up. */
static inline unsigned msgtag_untyped(msgtag_t tag)
{
	return (unsigned)(tag.raw & MSGTAG_COUNT_MASK);
}

/** msgtag_typed - number of words of typed items behind the untyped. */
static inline unsigned msgtag_typed(msgtag_t tag)
{
	return (unsigned)(tag.raw >> MSGTAG_TYPED_SHIFT & MSGTAG_COUNT_MASK);
}

/** msgtag_label - the 48-bit label. */
static inline uint64_t msgtag_label(msgtag_t tag)
{
	return tag.raw >> MSGTAG_LABEL_SHIFT;
}

/** msgtag_failed - the Ipc failed; the reason is in the ErrorCode TCR. */
static inline bool msgtag_failed(msgtag_t tag)
{
	return (tag.raw & MSGTAG_ERROR) != 0;
}

#endif
