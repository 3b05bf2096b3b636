/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of segments and of the task state segment changes. */
#ifndef GUESTKERNEL_X86_GDT_H
#define GUESTKERNEL_X86_GDT_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/x86/trapframe.h"
#include "vmm/abi/boot.h"

extern struct boot_tss tss; /* start.S; made by the VMM */

_Static_assert(__builtin_offsetof(struct boot_tss, rsp) == TSS_RSP0, "ipc.S");

/** gdt_set_entry_stack - where the processor pushes on entry by trap. */
static inline void gdt_set_entry_stack(const void *top)
{
	tss.rsp[0] = (uint64_t)top;
}

/** gdt_entry_stack - what was set: the running thread is known by it. */
static inline uint64_t gdt_entry_stack(void)
{
	return tss.rsp[0];
}

/**
 * gdt_load_user - what user mode has of segments and ports.
 * @fs, @gs: base addresses, canonical
 * @com1:    its ports are open
 */
void gdt_load_user(uint64_t fs, uint64_t gs, bool com1);

/**
 * gdt_repair_gs - undo a user program's loading of %gs.
 *
 * Returns true if there was something to undo.
 */
bool gdt_repair_gs(void) __attribute__((noinline));

#endif
