/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory of each kind for strings across domains, in sender and receiver.
 */
#ifndef TESTS_GUEST_STRING_MEMORY_H
#define TESTS_GUEST_STRING_MEMORY_H

#include "guestkernel/abi/threadid.h"
#include "tests/guest/string_server.h"

/** strings_init - start what NOWHERE needs. */
void strings_init(void);

#define STRINGS_WORDS 16

/**
 * strings_source - items for @size bytes of the pattern in memory of @kind.
 * @word: OUT, the items' words, up to STRINGS_WORDS
 *
 * The calling thread's pager is one that answers, or does not, as needed.
 * Returns how many words.
 */
unsigned strings_source(enum strings_kind kind, uint64_t size, uint64_t *word);

/** strings_accept - use memory of @kind as buffers of this thread. */
void strings_accept(enum strings_kind kind, uint64_t size);

/** strings_right - how many bytes of the pattern are in these buffers. */
uint64_t strings_right(uint64_t size);

#endif
