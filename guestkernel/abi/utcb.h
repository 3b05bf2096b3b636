/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user-level thread control block: message, buffer and control registers.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "Virtual Registers".
 *
 *   location                UTCB pointer = local id = location + 512
 *   |                       |
 *   v                       v
 *   +----------+------------+---------------------+
 *   | BR32..BR0 | TCRs      | MR0 .. MR63         |
 *   +----------+------------+---------------------+
 *
 * In user mode %gs:0 holds the UTCB pointer of the running thread.
 */
#ifndef GUESTKERNEL_ABI_UTCB_H
#define GUESTKERNEL_ABI_UTCB_H

#define UTCB_SIZE 1024
#define UTCB_SIZE_LOG2 10
#define UTCB_POINTER 512 /* from the location to MR0 */

/* Word indices relative to the UTCB pointer. */
#define UTCB_MR0 0
#define UTCB_WORD_SIZE_MASK (-1)
#define UTCB_THREAD_WORD0 (-4)
#define UTCB_THREAD_WORD1 (-5)
#define UTCB_VIRTUAL_SENDER (-6)
#define UTCB_INTENDED_RECEIVER (-7)
#define UTCB_XFER_TIMEOUTS (-8)
#define UTCB_ERROR_CODE (-9)
#define UTCB_FLAGS (-10) /* preemption byte 0, coprocessor byte 1 */
#define UTCB_EXCEPTION_HANDLER (-11)
#define UTCB_PAGER (-12)
#define UTCB_USER_HANDLE (-13)
#define UTCB_PROCESSOR_NO (-14)
#define UTCB_MY_GLOBAL_ID (-15)
#define UTCB_BR0 (-16) /* BRn is word UTCB_BR0 - n */

#define UTCB_MR_COUNT 64
#define UTCB_BR_COUNT 33

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct utcb {
	uint64_t reserved_0[16];
	uint64_t br[UTCB_BR_COUNT]; /* backwards: BRn is br[UTCB_BR(n)] */
	uint64_t my_global_id;	    /* OUT */
	uint64_t processor_no;	    /* OUT */
	uint64_t user_handle;
	uint64_t pager;
	uint64_t exception_handler;
	uint64_t flags;
	uint64_t error_code;	    /* OUT */
	uint64_t xfer_timeouts;	    /* IN: send in bits 16-31, receive 0-15 */
	uint64_t intended_receiver; /* OUT */
	uint64_t virtual_sender;    /* IN; OUT: the actual sender */
	uint64_t thread_word1;
	uint64_t thread_word0;
	uint64_t reserved_1[2];
	uint64_t word_size_mask;
	uint64_t mr[UTCB_MR_COUNT];
};

#define UTCB_BR(n) (UTCB_BR_COUNT - 1 - (n))

#define UTCB_WORD(field) \
	(((int)offsetof(struct utcb, field) - UTCB_POINTER) / 8)

_Static_assert(sizeof(struct utcb) == UTCB_SIZE, "X.2 UTCB, 64 bit");
_Static_assert(offsetof(struct utcb, mr) == UTCB_POINTER, "");
_Static_assert(UTCB_WORD(br) == UTCB_BR0 - (UTCB_BR_COUNT - 1), "");
_Static_assert(UTCB_WORD(my_global_id) == UTCB_MY_GLOBAL_ID, "");
_Static_assert(UTCB_WORD(processor_no) == UTCB_PROCESSOR_NO, "");
_Static_assert(UTCB_WORD(user_handle) == UTCB_USER_HANDLE, "");
_Static_assert(UTCB_WORD(pager) == UTCB_PAGER, "");
_Static_assert(UTCB_WORD(exception_handler) == UTCB_EXCEPTION_HANDLER, "");
_Static_assert(UTCB_WORD(flags) == UTCB_FLAGS, "");
_Static_assert(UTCB_WORD(error_code) == UTCB_ERROR_CODE, "");
_Static_assert(UTCB_WORD(xfer_timeouts) == UTCB_XFER_TIMEOUTS, "");
_Static_assert(UTCB_WORD(intended_receiver) == UTCB_INTENDED_RECEIVER, "");
_Static_assert(UTCB_WORD(virtual_sender) == UTCB_VIRTUAL_SENDER, "");
_Static_assert(UTCB_WORD(thread_word1) == UTCB_THREAD_WORD1, "");
_Static_assert(UTCB_WORD(thread_word0) == UTCB_THREAD_WORD0, "");
_Static_assert(UTCB_WORD(word_size_mask) == UTCB_WORD_SIZE_MASK, "");
#endif

#endif
