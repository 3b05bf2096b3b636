/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/x86/gdt.h"

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/reg.h"

_Static_assert(SEL_UDATA == BOOT_SEL_UDATA && SEL_UCODE == BOOT_SEL_UCODE &&
		       SEL_TSS == BOOT_SEL_TSS,
	"the GDT is the VMM's");
_Static_assert(TRAP_STUBS == BOOT_TRAP_STUBS, "the IDT is the VMM's");
_Static_assert(EVENT_VECTOR == VECTOR_EXCEPTIONS, "entry.S pushes the latter");

void gdt_load_user(uint64_t fs, uint64_t gs, bool com1)
{
	tss.io_map_base = com1 ? __builtin_offsetof(struct boot_tss, io_map)
			       : sizeof(tss);
	load_fs(0);
	load_gs(0);
	wrmsr(IA32_FS_BASE, fs);
	wrmsr(IA32_GS_BASE, gs);
}

bool gdt_repair_gs(void)
{
	/* It is what a selector says, 0, if it is not that. */
	if (rdmsr_low(IA32_GS_BASE) == (uint32_t)GS_PAGE)
		return false;
	load_gs(0);
	wrmsr(IA32_GS_BASE, GS_PAGE);
	return true;
}
