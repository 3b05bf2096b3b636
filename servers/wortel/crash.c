/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions of the tasks: what happened, and with which registers.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/abi/wortel.h"
#include "servers/lib/libhurd/console.h"
#include "servers/wortel/service.h"

/* Source: Intel SDM vol. 3, "Exception and Interrupt Vectors". */
static const char *vector_name(uint64_t vector)
{
	static const char *const name[] = {
		[0] = "divide error",
		[1] = "debug",
		[3] = "breakpoint",
		[4] = "overflow",
		[5] = "bound",
		[6] = "invalid opcode",
		[7] = "no floating point",
		[10] = "invalid TSS",
		[11] = "segment not present",
		[12] = "stack fault",
		[13] = "general protection",
		[14] = "page fault",
		[16] = "floating point",
		[17] = "alignment check",
		[18] = "machine check",
		[19] = "SIMD floating point",
	};

	if (vector >= sizeof(name) / sizeof(name[0]) || name[vector] == NULL)
		return "exception";
	return name[vector];
}

bool crash_serve(struct task *task, L4_ThreadId_t from, const L4_Msg_t *msg)
{
	const L4_Word_t *mr = msg->mr;

	print("wortel: %s crashed: %s (vector %lu, error %lx) at %lx, "
	      "thread %lx\n",
		task->module->name, vector_name(mr[EXCEPTION_MR_VECTOR]),
		mr[EXCEPTION_MR_VECTOR], mr[EXCEPTION_MR_ERROR],
		mr[EXCEPTION_MR_RIP], from.raw);
	print("  rax %016lx rbx %016lx rcx %016lx rdx %016lx\n"
	      "  rsi %016lx rdi %016lx rbp %016lx rsp %016lx\n",
		mr[EXCEPTION_MR_RAX], mr[EXCEPTION_MR_RBX],
		mr[EXCEPTION_MR_RCX], mr[EXCEPTION_MR_RDX],
		mr[EXCEPTION_MR_RSI], mr[EXCEPTION_MR_RDI],
		mr[EXCEPTION_MR_RBP], mr[EXCEPTION_MR_RSP]);
	print("  r8  %016lx r9  %016lx r10 %016lx r11 %016lx\n"
	      "  r12 %016lx r13 %016lx r14 %016lx r15 %016lx\n"
	      "  rflags %lx\n",
		mr[EXCEPTION_MR_R8], mr[EXCEPTION_MR_R9], mr[EXCEPTION_MR_R10],
		mr[EXCEPTION_MR_R11], mr[EXCEPTION_MR_R12],
		mr[EXCEPTION_MR_R13], mr[EXCEPTION_MR_R14],
		mr[EXCEPTION_MR_R15], mr[EXCEPTION_MR_RFLAGS]);
	task_end(task, WORTEL_STATUS_CRASH);
	return false;
}
