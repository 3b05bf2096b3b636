/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/set.h"

uint32_t set_take(uint64_t *set, unsigned words)
{
	for (unsigned w = 0; w < words; w++) {
		uint64_t bits = set[w];

		if (!bits)
			continue;
		set[w] = bits & (bits - 1);
		return w * 64 + (uint32_t)__builtin_ctzll(bits);
	}
	return 0;
}
