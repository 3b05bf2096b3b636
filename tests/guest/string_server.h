/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What string_server does, by label: the partner that sends and receives
 * strings across domains.  Both sides use one pattern, so that what arrives
 * tells where it comes from.
 */
#ifndef TESTS_GUEST_STRING_SERVER_H
#define TESTS_GUEST_STRING_SERVER_H

/*
 * MR1: STRINGS_*, MR2: bytes, MR3: transfer timeouts.  From the reply on
 * messages are received so.
 */
#define STRINGS_PREPARE 1u
#define STRINGS_TAKE 2u /* with strings; reply: MR1 = first untyped word + 1 */
/* MR1: bytes; reply: MR1 how many at the beginning of the buffer are right. */
#define STRINGS_LOOK 3u
/* MR1: STRINGS_*, MR2: bytes, MR3: transfer timeouts; reply: such a string. */
#define STRINGS_GIVE 4u
/* Reply: MR1 and MR2, the errors of the last bad receive and reply, if any;
 * they are forgotten. */
#define STRINGS_ERRORS 5u
#define STRINGS_EXIT 6u /* the domain ends, no reply */
/* As STRINGS_GIVE, but the reply is made while the domain ends, from NOWHERE. */
#define STRINGS_GIVE_AND_DIE 7u

#define STRINGS_MAX 81920

#ifndef __ASSEMBLER__
#include <stdint.h>

/* Kinds of memory, as the source of a string or as buffers. */
enum strings_kind {
	STRINGS_NONE,	/* no strings are accepted */
	STRINGS_MAPPED, /* one piece, not aligned */
	STRINGS_FRESH,	/* likewise, and no page was touched before */
	STRINGS_PIECES, /* compound, in four and two pieces, backwards */
	STRINGS_TWO,	/* two strings, or two buffers */
	STRINGS_NOWHERE /* pages that never come */
};

/** string_byte - of the pattern, byte @i. */
static inline char string_byte(uint64_t i)
{
	return (char)(i * 7 + i / 256);
}
#endif

#endif
