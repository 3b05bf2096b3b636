/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things are in every address space.
 *
 *   0 .. USER_END           the space's own: mappings, UTCB area, KIP
 *   KERNEL_WINDOW           the first GiB of RAM, linear; the kernel image
 *   TCB_AREA                thread control blocks, indexed by thread number
 *   BOOT_STUBS, GS_PAGE     what user programs may read of the kernel's half
 *   CONTROL_WINDOW          the control page; two windows for strings
 *   BOOT_THREAD_ENTRIES     what maps TCB_AREA
 *
 * The VMM makes the kernel's half (vmm/abi/boot.h).
 */
#ifndef GUESTKERNEL_X86_LAYOUT_H
#define GUESTKERNEL_X86_LAYOUT_H

#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/threadid.h"
#include "guestkernel/x86/trapframe.h"
#include "vmm/abi/boot.h"
#include "vmm/abi/control.h"

#define PAGE_LOG2 12
#define PAGE_SIZE UINT64_C(0x1000)
#define LARGE_LOG2 21
#define LARGE_SIZE UINT64_C(0x200000)

extern const uint64_t user_end; /* USER_END, in memory: stubs.S */

#define KERNEL_WINDOW BOOT_KERNEL_BASE
#define KERNEL_WINDOW_SIZE BOOT_IDENTITY_SIZE

#define TCB_AREA BOOT_THREADS
#define TCB_AREA_SIZE (UINT64_C(1) << (THREAD_NUMBER_BITS + TCB_SIZE_LOG2))

#define GS_PAGE BOOT_GS
#define CONTROL_WINDOW BOOT_CONTROL

_Static_assert(THREAD_SLOT_SHIFT == THREAD_SHIFT - TCB_SIZE_LOG2, "ipc.S");
_Static_assert(THREAD_SLOT_MASK == THREAD_NUMBER_MAX << TCB_SIZE_LOG2, "ipc.S");
_Static_assert(THREAD_LOCAL_BITS == THREAD_LOCAL_MASK, "ipc.S");
_Static_assert(TCB_AREA >> STACK_IS_FRAME & 1, "entry.S");
_Static_assert(!(KERNEL_WINDOW >> STACK_IS_FRAME & 1), "entry.S");
_Static_assert(KERNEL_WINDOW_SIZE <= 1u << STACK_IS_FRAME, "entry.S");
_Static_assert(TCB_AREA == TCB_AREA_START, "ipc.S");
_Static_assert(USER_END == KIP_USER_END, "stubs.S");
_Static_assert(STUBS_CLOCK == BOOT_STUBS_CLOCK, "stubs.S");
_Static_assert(
	KERNEL_MAGIC == (BOOT_KERNEL_MAGIC |
				BOOT_ABI_VERSION << BOOT_KERNEL_VERSION_SHIFT),
	"start.S");
_Static_assert(TCB_AREA_SIZE == BOOT_THREADS_SIZE, "boot ABI");

_Static_assert(CONTROL_NOTIFIED ==
		       CONTROL_WINDOW + offsetof(struct control_page, notified),
	"fault.S");
_Static_assert(
	CONTROL_EVENT_TYPE ==
		CONTROL_WINDOW + offsetof(struct control_page, event.type),
	"fault.S");

/* At CONTROL_WINDOW: to the linker a symbol, and so in reach of %rip. */
extern volatile struct control_page control_page; /* kernel.ld */
#define CONTROL (&control_page)

static inline void *phys_to_virt(uint64_t phys)
{
	return (void *)(phys + KERNEL_WINDOW);
}

static inline uint64_t virt_to_phys(const void *virt)
{
	return (uint64_t)virt & (KERNEL_WINDOW_SIZE - 1);
}

#endif
