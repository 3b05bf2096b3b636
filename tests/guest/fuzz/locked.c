/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * LOCK before BT, BTS, BTR or BTC of a register is an invalid opcode.  QEMU 7.2
 * takes the address of an operand that is not in memory instead, and aborts.
 */
#include "tests/guest/fuzz/fuzz.h"

#define LOCK 0xf0
#define NOP 0x90
#define ESCAPE 0x0f

static bool is_prefix(uint8_t byte)
{
	switch (byte) {
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e:
	case 0x64:
	case 0x65:
	case 0x66:
	case 0x67:
	case LOCK:
	case 0xf2:
	case 0xf3:
		return true;
	default:
		return (byte & 0xf0) == 0x40; /* REX */
	}
}

/* Behind the prefixes: 0f a3, ab, b3, bb, or 0f ba /4 to /7; no memory. */
static bool is_locked_bit(const uint8_t *at, const uint8_t *end)
{
	if (*at != LOCK)
		return false;
	while (at < end && is_prefix(*at))
		at++;
	if (end - at < 3 || at[0] != ESCAPE || at[2] < 0xc0)
		return false;
	return (at[1] & 0xe7) == 0xa3 || (at[1] == 0xba && (at[2] & 0x20));
}

bool fuzz_has_locked_bit(const uint8_t *code, const uint8_t *end)
{
	for (; code < end; code++)
		if (is_locked_bit(code, end))
			return true;
	return false;
}

void fuzz_unlock_bits(uint8_t *code, const uint8_t *end)
{
	for (; code < end; code++)
		if (is_locked_bit(code, end))
			*code = NOP;
}
