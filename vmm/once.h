/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading memory that someone else may write at any time: exactly once.
 */
#ifndef VMM_ONCE_H
#define VMM_ONCE_H

#include <stdint.h>

static inline uint32_t once_u32(const uint32_t *p)
{
	return *(const volatile uint32_t *)p;
}

static inline uint64_t once_u64(const uint64_t *p)
{
	return *(const volatile uint64_t *)p;
}

#endif
