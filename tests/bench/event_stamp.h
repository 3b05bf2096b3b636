/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When an event was injected: the time, where user programs can read it.
 */
#ifndef TESTS_BENCH_EVENT_STAMP_H
#define TESTS_BENCH_EVENT_STAMP_H

#define EVENT_STAMP 8 /* in the page at %gs:0, behind what that is for */

#ifdef __ASSEMBLER__
/* clang-format off */
	/* What stands between reading the counter and going on at \target. */
	.macro	STAMP_AND_GO where, target
	pushq	%rax
	pushq	%rdx
	rdtsc
	movl	%eax, \where
	movl	%edx, 4 + \where
	popq	%rdx
	popq	%rax
	jmp	\target
	.endm
/* clang-format on */
#else
#include <stdint.h>

/**
 * event_wait - acknowledge interrupt @id and wait for it.
 *
 * Returns the time-stamp counter, read by the first instruction after the
 * message.
 */
uint64_t event_wait(uint64_t id);

/** event_empty - from the stamp to that first instruction, without a kernel. */
uint64_t event_empty(void);

/** event_stamp - when the last event was injected. */
static inline uint64_t event_stamp(void)
{
	uint64_t stamp;

	__asm__ volatile("movq %%gs:%c1, %0"
			 : "=r"(stamp)
			 : "i"(EVENT_STAMP)
			 : "memory");
	return stamp;
}
#endif

#endif
