/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which slots of the backing store are in use.
 */
#ifndef SERVERS_LIB_LIBHURD_MM_SLOTS_H
#define SERVERS_LIB_LIBHURD_MM_SLOTS_H

#include <stdint.h>

#define SLOT_NONE UINT32_MAX

/** slots_reset - slots 0 .. @nr - 1 are free; MM_AREA_PAGES at most. */
void slots_reset(uint32_t nr);

/** slot_get - a free slot, or SLOT_NONE. */
uint32_t slot_get(void);

/** slot_put - @slot is free again. */
void slot_put(uint32_t slot);

#endif
