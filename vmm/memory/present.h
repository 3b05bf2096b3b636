/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is there before it is touched.
 */
#ifndef VMM_MEMORY_PRESENT_H
#define VMM_MEMORY_PRESENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

/**
 * present_make - have all pages of a mapping present, writable and zeroed if
 * they are new.
 *
 * Returns false where the host cannot: memory is short, or it is too old.
 */
static inline bool present_make(void *at, size_t size)
{
	return madvise(at, size, MADV_POPULATE_WRITE) == 0;
}

#endif
