/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/x86/gdt.h"

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/reg.h"

#define COM1_FIRST 0x3f8 /* 8 ports, one byte of the map */

#define SEGMENT_KCODE UINT64_C(0x00209b0000000000)
#define SEGMENT_KDATA UINT64_C(0x0000930000000000)
#define SEGMENT_UDATA UINT64_C(0x0000f30000000000)
#define SEGMENT_UCODE UINT64_C(0x0020fb0000000000)
#define SEGMENT_TSS UINT64_C(0x0000890000000000)

struct pseudo_descriptor {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

extern const char syscall_entry[];		       /* ipc.S */
extern const char legacy_syscall[], fatal_stack_top[]; /* entry.S */

/* No field of interest across two cache lines. */
struct tss tss __attribute__((aligned(64)));

static uint64_t gdt[8] = {
	[SEL_KCODE / 8] = SEGMENT_KCODE,
	[SEL_KDATA / 8] = SEGMENT_KDATA,
	[SEL_UDATA / 8] = SEGMENT_UDATA,
	[SEL_UCODE / 8] = SEGMENT_UCODE,
};

_Static_assert((SEL_SYSRET | 3) + 8 == SEL_UDATA, "SYSRET's SS");
_Static_assert((SEL_SYSRET | 3) + 16 == SEL_UCODE, "SYSRET's CS");

static void init_tss(void)
{
	uint64_t base = (uint64_t)&tss;

	tss.ist[0] = (uint64_t)fatal_stack_top;
	__builtin_memset(tss.io_map, 0xff, sizeof(tss.io_map));
	tss.io_map[COM1_FIRST / 8] = 0;

	gdt[SEL_TSS / 8] = SEGMENT_TSS | (sizeof(tss) - 1) |
			   (base & 0xffffff) << 16 | (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 1] = base >> 32;
}

void gdt_load_user(uint64_t fs, uint64_t gs, bool com1)
{
	tss.io_map_base =
		com1 ? __builtin_offsetof(struct tss, io_map) : sizeof(tss);
	load_fs(0);
	load_gs(0);
	wrmsr(IA32_FS_BASE, fs);
	wrmsr(IA32_GS_BASE, gs);
}

bool gdt_repair_gs(void)
{
	if (!read_gs() && rdmsr(IA32_GS_BASE) == GS_PAGE)
		return false;
	load_gs(0);
	wrmsr(IA32_GS_BASE, GS_PAGE);
	return true;
}

/* The segment registers are as these descriptors have it already. */
void gdt_init(void)
{
	struct pseudo_descriptor gdtr = {sizeof(gdt) - 1, (uint64_t)gdt};

	init_tss();
	lgdt(&gdtr);
	ltr(SEL_TSS);
	gdt_load_user(0, GS_PAGE, true);
	wrmsr(IA32_STAR,
		(uint64_t)SEL_SYSRET << 48 | (uint64_t)SEL_KCODE << 32);
	wrmsr(IA32_LSTAR, (uint64_t)syscall_entry);
	wrmsr(IA32_CSTAR, (uint64_t)legacy_syscall);
	wrmsr(IA32_FMASK, RFLAGS_TF | RFLAGS_IF | RFLAGS_DF | RFLAGS_NT |
				  RFLAGS_RF | RFLAGS_VM | RFLAGS_AC);
}
