/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that the kernel sends in a thread's name, and sigma0's.
 *
 * Owner: guest kernel.  Users: every pager and handler.  Freestanding C11.
 * Source: L4 X.2 Reference Manual, "Protocols".
 *
 * A label is a small negative number in the upper 44 of the 48 label bits; the
 * low 4 bits say more, in a page fault the access.
 */
#ifndef GUESTKERNEL_ABI_PROTOCOL_H
#define GUESTKERNEL_ABI_PROTOCOL_H

#include <stdint.h>

#define PROTOCOL_LABEL(minus_n) \
	((UINT64_C(0) - (minus_n)) << 4 & ((UINT64_C(1) << 48) - 1))
#define PROTOCOL_DETAIL_MASK UINT64_C(0xf)

#define PROTOCOL_INTERRUPT PROTOCOL_LABEL(UINT64_C(1))
#define PROTOCOL_PAGEFAULT PROTOCOL_LABEL(UINT64_C(2)) /* | FPAGE_R,W,X */
#define PROTOCOL_PREEMPTION PROTOCOL_LABEL(UINT64_C(3))
#define PROTOCOL_EXCEPTION PROTOCOL_LABEL(UINT64_C(5))
#define PROTOCOL_SIGMA0 PROTOCOL_LABEL(UINT64_C(6))
#define PROTOCOL_IO_FAULT PROTOCOL_LABEL(UINT64_C(8))
#define PROTOCOL_SIGMA0_EXT PROTOCOL_LABEL(UINT64_C(1001))

_Static_assert(PROTOCOL_PAGEFAULT == UINT64_C(0xffffffffffe0), "");
_Static_assert(PROTOCOL_SIGMA0 == UINT64_C(0xffffffffffa0), "");
_Static_assert(PROTOCOL_SIGMA0_EXT == UINT64_C(0xffffffffc170), "");

/* Page fault: u = 2, MR1 = address, MR2 = IP.  Reply: a map or grant item. */
#define PAGEFAULT_WORDS 2
#define PAGEFAULT_NO_IP UINT64_MAX /* from a string copy */

/* Start of a thread, from its pager: u = 2, MR1 = IP, MR2 = SP. */
#define START_WORDS 2

/*
 * Preemption: u = 2, MR1 = the system clock then, MR2 = 0.  To the scheduler
 * when the total quantum is used up; the thread waits for an answer, and asks
 * again if it got no new quantum by then.  To the exception handler, if it
 * waits, when a thread with PREEMPT_SIGNAL was preempted; it goes on at once.
 */
#define PREEMPTION_WORDS 2

/* sigma0: u = 2, MR1 = fpage, MR2 = attributes; u = 3 with FPAGE_EXTENDED. */
#define SIGMA0_ANY (UINT64_MAX << 10) /* base: any page of that size */
#define SIGMA0_DEFAULT 0	      /* attributes */
#define SIGMA0_EXT_VERBOSE 1	      /* MR1 of PROTOCOL_SIGMA0_EXT; no reply */
#define SIGMA0_EXT_DUMP 2	      /* MR2 not 0: reply when done */

/*
 * Exception: the registers of the thread.  The reply's words are written back
 * (of RFLAGS the arithmetic flags), but for vector and error code.
 */
#define EXCEPTION_MR_RIP 1
#define EXCEPTION_MR_RBX 2
#define EXCEPTION_MR_R10 3
#define EXCEPTION_MR_R12 4
#define EXCEPTION_MR_R13 5
#define EXCEPTION_MR_R14 6
#define EXCEPTION_MR_R15 7
#define EXCEPTION_MR_RAX 8
#define EXCEPTION_MR_RCX 9
#define EXCEPTION_MR_RDX 10
#define EXCEPTION_MR_RSI 11
#define EXCEPTION_MR_RDI 12
#define EXCEPTION_MR_RBP 13
#define EXCEPTION_MR_R8 14
#define EXCEPTION_MR_R9 15
#define EXCEPTION_MR_R11 16
#define EXCEPTION_MR_RSP 17
#define EXCEPTION_MR_RFLAGS 18
#define EXCEPTION_MR_VECTOR 19
#define EXCEPTION_MR_ERROR 20
#define EXCEPTION_WORDS 20

#endif
