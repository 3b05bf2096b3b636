/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each fuzzer does for all its life: one random thing after another. */
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fuzz/fuzz.h"

void fuzz_enter(struct fuzz_registers *r)
{
	__asm__ volatile("pushq %%rbp\n\t"
			 "pushq %%rcx\n\t"
			 "movq 0(%%rcx), %%rax\n\t"
			 "movq 8(%%rcx), %%rbx\n\t"
			 "movq 16(%%rcx), %%rdx\n\t"
			 "movq 24(%%rcx), %%rsi\n\t"
			 "movq 32(%%rcx), %%rdi\n\t"
			 "movq 40(%%rcx), %%r8\n\t"
			 "movq 48(%%rcx), %%r9\n\t"
			 "movq 56(%%rcx), %%r10\n\t"
			 "movq 64(%%rcx), %%r12\n\t"
			 "movq 72(%%rcx), %%r13\n\t"
			 "movq 80(%%rcx), %%r14\n\t"
			 "movq 88(%%rcx), %%r15\n\t"
			 "movq 96(%%rcx), %%rbp\n\t"
			 "call *104(%%rcx)\n\t"
			 "cld\n\t"
			 "popq %%rcx\n\t"
			 "popq %%rbp\n\t"
			 : "+c"(r)
			 :
			 : "rax", "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10",
			 "r11", "r12", "r13", "r14", "r15", "memory", "cc");
}

/* Its argument is on the stack: libhurd's entry is not mapped here. */
__asm__(".text\n"
	".globl fuzz_entry\n"
	"fuzz_entry:\n\t"
	"popq %rdi\n\t"
	"xorl %ebp, %ebp\n\t"
	"call fuzz");

__attribute__((noreturn)) void fuzz(struct fuzzer *f);

void fuzz(struct fuzzer *f)
{
	L4_Set_ExceptionHandler(fuzz_root);
	for (;;) {
		struct fuzz_registers r;

		for (unsigned i = 0; i < sizeof(r) / 8; i++)
			((uint64_t *)&r)[i] = fuzz_any_word(f);
		f->calls++;
		if (f->number >= FUZZ_PRIVILEGED && fuzz_next(f) % 16 == 0)
			fuzz_any_fault(f, &r);
		else
			fuzz_any_call(f, &r);
	}
}
