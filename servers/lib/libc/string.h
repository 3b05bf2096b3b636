/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory and string functions that compilers and programs expect.
 *
 * Source: C11, "String handling"; same names, same contracts.
 */
#ifndef SERVERS_LIB_LIBC_STRING_H
#define SERVERS_LIB_LIBC_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

/**
 * string_copy - copy @src into @dst, always terminated, cut if it is longer.
 * @size: bytes of @dst, at least 1
 */
static inline void string_copy(char *dst, const char *src, size_t size)
{
	size_t i = 0;

	for (; i + 1 < size && src[i] != '\0'; i++)
		dst[i] = src[i];
	dst[i] = '\0';
}

#endif
