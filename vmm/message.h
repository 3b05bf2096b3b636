/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages on their way through a portal.
 */
#ifndef VMM_MESSAGE_H
#define VMM_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

struct domain;

#define TAG_UNTYPED(tag) ((unsigned)((tag)&63))
#define TAG_TYPED(tag) ((unsigned)((tag) >> 6 & 63))
#define TAG_LABEL(tag) ((tag) >> 16)
#define TAG_FLAGS UINT64_C(0xf000)
#define TAG_MAKE(label, u) ((uint64_t)(label) << 16 | (unsigned)(u))

/**
 * message_take - copy the outgoing message of @from out of its control page,
 * and check it on the copy.
 * @word: OUT, room for MESSAGE_WORDS
 *
 * Returns the number of words, or 0 if u + t is too long or an item is none
 * that passes a portal ("message overflow").
 */
unsigned message_take(const struct domain *from, uint64_t *word);

/** message_has_strings - a checked message has string items. */
bool message_has_strings(const uint64_t *word);

/**
 * message_translate - make the thread items of a checked message name the
 * same portals in @to's table.
 *
 * An item that @from may not pass, or that finds no room in a table, arrives
 * with id 0 (nilthread).
 */
void message_translate(struct domain *from, struct domain *to, uint64_t *word);

#endif
