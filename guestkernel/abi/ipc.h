/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How an Ipc fails: the values of the ErrorCode register.
 *
 * Owner: guest kernel.  Users: every server, and the VMM for calls between
 * domains.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "IPC" (ErrorCode).
 *
 *    63                                  4 3    1 0
 *   +-------------------------------------+------+-+
 *   | string bytes transferred, error 4-7 | error|p|   p: 0 send, 1 receive
 *   +-------------------------------------+------+-+
 */
#ifndef GUESTKERNEL_ABI_IPC_H
#define GUESTKERNEL_ABI_IPC_H

#include <stdint.h>

enum ipc_error {
	IPC_OK = 0,
	IPC_TIMEOUT = 1,
	IPC_NO_PARTNER = 2,
	IPC_CANCELLED = 3,
	IPC_OVERFLOW = 4,
	IPC_XFER_TIMEOUT = 5,	      /* the thread's own */
	IPC_XFER_TIMEOUT_PARTNER = 6, /* the partner's */
	IPC_ABORTED = 7,
};

enum ipc_phase {
	IPC_SEND = 0,
	IPC_RECEIVE = 1,
};

/* Whole values, as the ErrorCode register holds them. */
#define IPC_SEND_TIMEOUT UINT64_C(2)
#define IPC_RECEIVE_TIMEOUT UINT64_C(3)
#define IPC_SEND_NO_PARTNER UINT64_C(4)
#define IPC_RECEIVE_NO_PARTNER UINT64_C(5)
#define IPC_SEND_CANCELLED UINT64_C(6)
#define IPC_RECEIVE_CANCELLED UINT64_C(7)
#define IPC_SEND_OVERFLOW UINT64_C(8)
#define IPC_RECEIVE_OVERFLOW UINT64_C(9)

/**
 * ipc_error_code - build an ErrorCode.
 * @bytes: string bytes transferred before the error; 0 for errors 1-3
 */
static inline uint64_t ipc_error_code(
	enum ipc_phase phase, enum ipc_error error, uint64_t bytes)
{
	return bytes << 4 | (uint64_t)error << 1 | (uint64_t)phase;
}

/** ipc_error_of - what went wrong. */
static inline enum ipc_error ipc_error_of(uint64_t code)
{
	return (enum ipc_error)(code >> 1 & 7);
}

/** ipc_error_phase - in which phase. */
static inline enum ipc_phase ipc_error_phase(uint64_t code)
{
	return (enum ipc_phase)(code & 1);
}

/** ipc_error_bytes - string bytes transferred before the error. */
static inline uint64_t ipc_error_bytes(uint64_t code)
{
	return code >> 4;
}

#endif
