/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign spaces: the threads of such a space run programs that know nothing
 * of L4.  Whatever enters the kernel there, be it SYSCALL, INT n, a fault or a
 * page fault, becomes one message to the thread's pager, with all registers;
 * the reply sets them and may map pages, and the thread goes on.
 *
 * Owner: guest kernel.  Users: personalities.  Freestanding C11 only.
 *
 * A space becomes foreign by SPACE_CONTROL_FOREIGN in the SpaceControl that
 * gives it its UTCB area.  It has no KIP (the KIP area is not looked at), and
 * its program can reach neither UTCBs nor COM1: %gs, %fs and all addresses
 * but the UTCB area's are the program's own.  The area may lie anywhere in
 * user memory; below 64 KiB no Linux program maps anything.
 *
 * Threads are made, started and controlled like others.  The message is that
 * of an exception (protocol.h) with more words.  Of a reply's words, as many as
 * there are, vector, error code and fault address are ignored; the flags are
 * restricted to FOREIGN_RFLAGS, the base addresses to user memory (else: 0).
 */
#ifndef GUESTKERNEL_ABI_FOREIGN_H
#define GUESTKERNEL_ABI_FOREIGN_H

#include <stdint.h>

#include "guestkernel/abi/protocol.h"

/* SpaceControl, control in and out. */
#define SPACE_CONTROL_FOREIGN (UINT64_C(1) << 62)

/* An area for 32 threads that is out of a Linux program's way. */
#define FOREIGN_UTCB_AREA UINT64_C(0x8000)
#define FOREIGN_UTCB_AREA_LOG2 15

/* Beyond those of an exception message. */
#define FOREIGN_MR_FS_BASE 21
#define FOREIGN_MR_GS_BASE 22
#define FOREIGN_MR_ADDRESS 23 /* of a page fault (vector 14); else 0 */
#define FOREIGN_WORDS 23

/*
 * EXCEPTION_MR_VECTOR, besides the processor's 0..31.  RIP is behind the
 * instruction; RCX and R11 of a SYSCALL are as the processor left them.
 */
#define FOREIGN_VECTOR_INT UINT64_C(0x100) /* + n: INT n */
#define FOREIGN_VECTOR_SYSCALL UINT64_C(0x200)

/* What a reply may change: CF PF AF ZF SF TF DF OF, RF, AC. */
#define FOREIGN_RFLAGS UINT64_C(0x50dd5)

_Static_assert(FOREIGN_MR_FS_BASE == EXCEPTION_WORDS + 1, "");

#endif
