/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where things lie in the memory of the probe guest; for guest.S and vm.c.
 *
 *	0x1000  page tables: 2 MiB at 0, user may read, write, execute
 *	0x4000  GDT     0x5000  IDT     0x6000  TSS
 *	0x8000  code and its 16-byte data
 *	0xc000  top of the user stack
 *	0xe000  top of the kernel stack
 */
#ifndef VMM_PROBE_LAYOUT_H
#define VMM_PROBE_LAYOUT_H

#define PROBE_MEMORY 0x10000
#define PROBE_PML4 0x1000
#define PROBE_PDPT 0x2000
#define PROBE_PD 0x3000
#define PROBE_GDT 0x4000
#define PROBE_IDT 0x5000
#define PROBE_TSS 0x6000
#define PROBE_CODE 0x8000
#define PROBE_USTACK 0xc000
#define PROBE_KSTACK 0xe000

#define PROBE_HOLE 0x400000 /* nothing is mapped here */

/* The one port; what is written to it is the verdict. */
#define PROBE_PORT 0x10
#define PROBE_PASSED 0xa5
#define PROBE_FAILED 0x5a

#define PROBE_KCODE 0x08
#define PROBE_KDATA 0x10
#define PROBE_UDATA 0x1b
#define PROBE_UCODE 0x23
#define PROBE_TR 0x28

#define PROBE_VECTOR_UD 6
#define PROBE_VECTOR_GP 13
#define PROBE_VECTOR_PF 14
#define PROBE_VECTOR_SOFT 0x80	 /* int n returns to ring 3 ... */
#define PROBE_VECTOR_AGAIN 0x81	 /* ... which says so by a second one */
#define PROBE_VECTOR_DEVICE 0x40 /* injected */

#endif
