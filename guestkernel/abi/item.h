/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typed items of a message, and what a receiver accepts.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "MapItem", "GrantItem", "StringItem",
 * "Generic Programming Interface" (Acceptor).  The thread item is this
 * project's; its words are in vmm/abi/vmmcall.h.
 *
 *    63                              10 9         4 3    1 0
 *   +----------------------------------+-----------+------+--+
 *   |          send base >> 10         |     0     | type | C|  map, grant
 *   |          length in bytes         | c | j (5) | 0 cc | C|  string
 *   +----------------------------------+-----------+------+--+
 */
#ifndef GUESTKERNEL_ABI_ITEM_H
#define GUESTKERNEL_ABI_ITEM_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/abi/fpage.h"

#define ITEM_CONTINUES (UINT64_C(1) << 0) /* C; only receive buffers use it */
#define ITEM_TYPE_MASK UINT64_C(0xe)
#define ITEM_STRING_BIT UINT64_C(0x8) /* clear in a string item */
#define ITEM_MAP UINT64_C(0x8)
#define ITEM_GRANT UINT64_C(0xa)
#define ITEM_THREAD UINT64_C(0xe)

#define ITEM_BASE_MASK (~UINT64_C(0x3ff)) /* map, grant */
#define ITEM_STRING_PIECES(w) ((unsigned)((w) >> 4 & 0x1f) + 1)
#define ITEM_STRING_COMPOUND (UINT64_C(1) << 9)
#define ITEM_STRING_LENGTH(w) ((w) >> 10)
#define ITEM_THREAD_RIGHTS(w) ((uint32_t)((w) >> 4 & 0xf))

/** item_type - ITEM_MAP, ITEM_GRANT, ITEM_THREAD or what else bits 1-3 say. */
static inline uint64_t item_type(uint64_t word)
{
	return word & ITEM_TYPE_MASK;
}

/** item_is_string - a string item of one or more pieces. */
static inline bool item_is_string(uint64_t word)
{
	return (word & ITEM_STRING_BIT) == 0;
}

/** item_words - message registers that the item takes. */
static inline unsigned item_words(uint64_t word)
{
	return item_is_string(word) ? 1 + ITEM_STRING_PIECES(word) : 2;
}

/** item_map_word - first word of a map item; the fpage is the second. */
static inline uint64_t item_map_word(uint64_t send_base)
{
	return (send_base & ITEM_BASE_MASK) | ITEM_MAP;
}

/** item_grant_word - first word of a grant item; the fpage is the second. */
static inline uint64_t item_grant_word(uint64_t send_base)
{
	return (send_base & ITEM_BASE_MASK) | ITEM_GRANT;
}

/** item_thread_word - first word of a thread item; the id is the second. */
static inline uint64_t item_thread_word(uint32_t rights)
{
	return ((uint64_t)rights & 0xf) << 4 | ITEM_THREAD;
}

/** item_string_word - first word of a simple string; the address follows. */
static inline uint64_t item_string_word(uint64_t length)
{
	return length << 10;
}

/* The acceptor: BR0. */
#define ACCEPT_STRINGS (UINT64_C(1) << 0)
#define ACCEPT_UNTYPED UINT64_C(0)
#define ACCEPT_WINDOW_MASK (~UINT64_C(0xf))

/** acceptor_window - the fpage into which mappings may come; nil: none. */
static inline fpage_t acceptor_window(uint64_t acceptor)
{
	return (fpage_t){acceptor & ACCEPT_WINDOW_MASK};
}

#endif
