/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets of slots: bits in an array of words; see also bit_set() and the like.
 * No set holds slot 0, which is the VMM's, or nobody's.
 */
#ifndef GUESTKERNEL_SET_H
#define GUESTKERNEL_SET_H

#include <stdint.h>

/** set_take - take the lowest slot out of a set; 0: it is empty. */
uint32_t set_take(uint64_t *set, unsigned words);

#endif
