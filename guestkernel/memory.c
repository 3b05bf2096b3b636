/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memcpy and memset: the compiler calls them for structures and for
 * __builtin_memcpy of unknown length.
 */
#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int value, size_t size);

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	void *d = to;
	size_t words = size / 8;

	size %= 8;
	__asm__ volatile("rep movsq\n\t"
			 "mov %3, %%rcx\n\t"
			 "rep movsb"
			 : "+D"(d), "+S"(from), "+&c"(words)
			 : "r"(size)
			 : "memory");
	return to;
}

void *memset(void *to, int value, size_t size)
{
	void *d = to;

	__asm__ volatile("rep stosb"
			 : "+D"(d), "+c"(size)
			 : "a"(value)
			 : "memory");
	return to;
}
