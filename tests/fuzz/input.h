/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes that a fuzzer makes a program of operations from.
 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct input {
	const uint8_t *at;
	size_t left;
};

/** take - the next @bytes, 8 at most, as a number; 0s behind the end. */
static inline uint64_t take(struct input *in, unsigned bytes)
{
	uint64_t value = 0;
	unsigned n = bytes < in->left ? bytes : (unsigned)in->left;

	memcpy(&value, in->at, n);
	in->at += n;
	in->left -= n;
	return value;
}

#endif
