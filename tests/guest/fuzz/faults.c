/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Instructions that a program must not use, or in a state that they must not
 * be used in, some of them changed at random; and bytes at random.
 */
#include "tests/guest/fuzz/fuzz.h"

#define SNIPPET_MAX 15

struct snippet {
	uint8_t size;
	uint8_t bytes[SNIPPET_MAX];
};

#define RET 0xc3

/* clang-format off */
static const struct snippet snippets[] = {
	{2, {0x0f, 0x0b}},			/* ud2 */
	{2, {0xf0, 0x90}},			/* lock; nop */
	{1, {0xf4}},				/* hlt */
	{1, {0xfa}},				/* cli */
	{1, {0xfb}},				/* sti */
	{1, {0xcc}},				/* int3 */
	{4, {0xcc, 0x90, 0x3c, 0x08}},		/* int3; nop; cmp $8, %al */
	{2, {0xcd, 0x0e}},			/* int $14 */
	{2, {0xcd, 0x20}},			/* int $32 */
	{2, {0xcd, 0x80}},			/* int $128 */
	{1, {0xec}},				/* in %dx, %al */
	{1, {0xef}},				/* out %eax, %dx */
	{2, {0xf3, 0x6e}},			/* rep outsb */
	{2, {0x0f, 0x32}},			/* rdmsr */
	{2, {0x0f, 0x30}},			/* wrmsr */
	{3, {0x0f, 0x22, 0xd8}},		/* mov %rax, %cr3 */
	{3, {0x0f, 0x20, 0xc0}},		/* mov %cr0, %rax */
	{3, {0x0f, 0x23, 0xc0}},		/* mov %rax, %db0 */
	{3, {0x0f, 0x01, 0x13}},		/* lgdt (%rbx) */
	{3, {0x0f, 0x01, 0x1b}},		/* lidt (%rbx) */
	{3, {0x0f, 0x00, 0xd8}},		/* ltr %ax */
	{3, {0x0f, 0x01, 0x3b}},		/* invlpg (%rbx) */
	{3, {0x0f, 0x01, 0xf8}},		/* swapgs */
	{3, {0x0f, 0x01, 0xd0}},		/* xgetbv */
	{2, {0x0f, 0x33}},			/* rdpmc */
	{2, {0x0f, 0x06}},			/* clts */
	{2, {0x0f, 0x09}},			/* wbinvd */
	{3, {0x0f, 0x01, 0xd9}},		/* vmmcall */
	{3, {0x0f, 0x01, 0xc1}},		/* vmcall */
	{5, {0xf3, 0x48, 0x0f, 0xae, 0xd8}},	/* wrgsbase %rax */
	{2, {0x50, 0x9d}},			/* push %rax; popf */
	{2, {0x48, 0xcf}},			/* iretq */
	{1, {0xcf}},				/* iretl */
	{4, {0x48, 0x89, 0xdc, 0xcf}},		/* mov %rbx, %rsp; iretl */
	{7, {0x50, 0x53, 0x52, 0x56, 0x57, 0x48, 0xcf}}, /* its frame; iretq */
	{2, {0x0f, 0x07}},			/* sysretl */
	{3, {0x48, 0x0f, 0x07}},		/* sysretq */
	{2, {0x48, 0xcb}},			/* lretq */
	{2, {0x0f, 0x34}},			/* sysenter */
	{5, {0x48, 0x89, 0xc4, 0x0f, 0x05}},	/* mov %rax, %rsp; syscall */
	{4, {0x48, 0x89, 0xc4, 0x53}},		/* mov %rax, %rsp; push %rbx */
	{7, {0x48, 0x0f, 0xba, 0xe8, 0x2e, 0xff, 0xe0}}, /* bts $46, %rax; jmp *%rax */
	{7, {0x48, 0x0f, 0xba, 0xeb, 0x2f, 0xff, 0xd3}}, /* bts $47, %rbx; call *%rbx */
	{3, {0x48, 0x8b, 0x03}},		/* mov (%rbx), %rax */
	{3, {0x48, 0x89, 0x03}},		/* mov %rax, (%rbx) */
	{3, {0x48, 0x8b, 0x00}},		/* mov (%rax), %rax */
	{3, {0x48, 0x89, 0x12}},		/* mov %rdx, (%rdx) */
	{4, {0x31, 0xc9, 0xf7, 0xf1}},		/* xor %ecx, %ecx; div %ecx */
	{2, {0x8e, 0xd8}},			/* mov %eax, %ds */
	{2, {0x8e, 0xe8}},			/* mov %eax, %gs */
	{2, {0x8e, 0xe0}},			/* mov %eax, %fs */
	{2, {0x8e, 0xd0}},			/* mov %eax, %ss */
	{5, {0x50, 0x0f, 0xae, 0x14, 0x24}},	/* push %rax; ldmxcsr (%rsp) */
	{4, {0x50, 0xd9, 0x2c, 0x24}},		/* push %rax; fldcw (%rsp) */
	{6, {0xd9, 0xee, 0xd9, 0xe8, 0xde, 0xf1}}, /* fldz; fld1; fdivp */
	{4, {0x0f, 0x5e, 0xc0, 0x9b}},		/* divps %xmm0, %xmm0; fwait */
	{4, {0x0f, 0xae, 0x0b, 0x9b}},		/* fxrstor (%rbx); fwait */
	{3, {0x0f, 0x05, 0xf4}},		/* syscall; hlt */
	{2, {0x0f, 0xa2}},			/* cpuid */
	{2, {0x0f, 0x31}},			/* rdtsc */
};
/* clang-format on */

static void write_snippet(struct fuzzer *f, uint64_t n)
{
	const struct snippet *s =
		&snippets[(n >> 8) % (sizeof(snippets) / sizeof(*s))];

	for (unsigned i = 0; i < FUZZ_CODE_MAX; i++)
		f->code[i] = i < s->size ? s->bytes[i] : RET;
	if (n % 8 != 1)
		return;
	f->code[(n >> 32) % s->size] ^= (uint8_t)(1u << (n >> 40) % 8);
}

static void write_garbage(struct fuzzer *f)
{
	for (unsigned i = 0; i < FUZZ_CODE_MAX; i++)
		f->code[i] = (uint8_t)fuzz_next(f);
}

/* Somewhere in this program, with a stack: most of it is not mapped here. */
static void write_jump(struct fuzzer *f, struct fuzz_registers *r, uint64_t n)
{
	static const uint8_t jump[] = {0x48, 0x89, 0xc4, 0xff, 0xe3};

	for (unsigned i = 0; i < sizeof(jump); i++)
		f->code[i] = jump[i]; /* mov %rax, %rsp; jmp *%rbx */
	r->rax = FUZZ_MEMORY_BASE + (n >> 8) % FUZZ_MEMORY_SIZE;
	r->rbx = (uint64_t)image_start +
		 (n >> 32) % (uint64_t)(image_text_end - image_start);
}

void fuzz_any_fault(struct fuzzer *f, struct fuzz_registers *r)
{
	uint64_t n = fuzz_next(f);

	if (n % 16 == 0)
		write_jump(f, r, n);
	else if (n % 8 == 0)
		write_garbage(f);
	else
		write_snippet(f, n);
	fuzz_unlock_bits(f->code, f->code + FUZZ_CODE_MAX);
	r->target = (uint64_t)f->code;
	r->rbp = 0;
	fuzz_enter(r);
}
