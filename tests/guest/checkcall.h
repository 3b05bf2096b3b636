/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls of the checking kernel. */
#ifndef TESTS_GUEST_CHECKCALL_H
#define TESTS_GUEST_CHECKCALL_H

#include <stdint.h>

#include "guestkernel/check/check.h"

/* What the kernel answers. */
struct check_result {
	uint64_t value; /* checks made so far; or whether there is an error now;
			   0: this is not the checking kernel */
	uint64_t pages; /* of the kernel's memory in use */
	uint64_t calls; /* system calls so far, but for the root task's */
};

/**
 * check_call - CHECK_CALL_*; any other kernel does nothing.
 * @fault:   CHECK_FAULT_*
 * @address: of a page to put it to, if it is about mappings
 */
static inline struct check_result check_call(
	uint32_t call, uint64_t fault, uint64_t address)
{
	struct check_result r = {.calls = address};

	__asm__ volatile("pushq %%rbp\n\t"
			 "movl %%ebx, %%ebp\n\t"
			 "syscall\n\t"
			 "popq %%rbp"
			 : "+a"(r.value), "=d"(r.pages), "+D"(fault),
			 "+S"(r.calls), "+b"(call)
			 :
			 : "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
			 "r15", "memory", "cc");
	return r;
}

#endif
