/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Segments, the task state segment with its I/O bitmap, SYSCALL's registers. */
#ifndef GUESTKERNEL_X86_GDT_H
#define GUESTKERNEL_X86_GDT_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/x86/trapframe.h"

#define IO_BITMAP_PORTS 0x400 /* ports from here on fault without a bitmap */

/* Source: AMD64 Architecture Programmer's Manual vol. 2, "64-Bit TSS". */
struct tss {
	uint32_t reserved_0;
	uint64_t rsp[3];
	uint64_t reserved_1;
	uint64_t ist[7];
	uint64_t reserved_2;
	uint16_t reserved_3;
	uint16_t io_map_base;
	uint8_t io_map[IO_BITMAP_PORTS / 8 + 1]; /* the last byte is all ones */
} __attribute__((packed));

extern struct tss tss;

/** gdt_init - load GDT and TSS, open COM1 to user mode, enable SYSCALL. */
void gdt_init(void);

_Static_assert(__builtin_offsetof(struct tss, rsp) == TSS_RSP0, "ipc.S");

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
bool gdt_repair_gs(void);

#endif
