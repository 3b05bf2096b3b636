/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Linked into a kernel before its entry for events (--wrap). */
#include "tests/bench/event_stamp.h"

	.text
	.globl	__wrap_event_stub
	.type	__wrap_event_stub, @function
__wrap_event_stub:
	STAMP_AND_GO thread_gs_page + EVENT_STAMP, __real_event_stub
	.size	__wrap_event_stub, . - __wrap_event_stub

	.section .note.GNU-stack, "", @progbits
