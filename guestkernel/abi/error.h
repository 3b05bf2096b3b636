/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the other system calls fail: ErrorCode after a result of 0.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "ThreadControl" and its neighbours.
 */
#ifndef GUESTKERNEL_ABI_ERROR_H
#define GUESTKERNEL_ABI_ERROR_H

#include <stdint.h>

/* The one list: name, value, text. */
#define L4_ERROR_LIST(X)                                \
	X(L4_OK, 0, "no error")                         \
	X(L4_NO_PRIVILEGE, 1, "no privilege")           \
	X(L4_INVALID_THREAD, 2, "invalid thread")       \
	X(L4_INVALID_SPACE, 3, "invalid space")         \
	X(L4_INVALID_SCHEDULER, 4, "invalid scheduler") \
	X(L4_INVALID_PARAMETER, 5, "invalid parameter") \
	X(L4_UTCB_AREA, 6, "UTCB area")                 \
	X(L4_KIP_AREA, 7, "KIP area")                   \
	X(L4_NO_MEMORY, 8, "no memory")

#define L4_ERROR_ENUM(name, value, text) name = value,
enum l4_error { L4_ERROR_LIST(L4_ERROR_ENUM) };
#undef L4_ERROR_ENUM

/** l4_error_text - what a value means, in words. */
static inline const char *l4_error_text(uint64_t error)
{
#define L4_ERROR_CASE(name, value, text) \
	case name:                       \
		return text;
	switch (error) {
		L4_ERROR_LIST(L4_ERROR_CASE)
	default:
		return "unknown error";
	}
#undef L4_ERROR_CASE
}

#endif
