/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thread ids: how threads, interrupts and remote partners are named.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "ThreadId".
 *
 *    63                              32 31                       6 5     0
 *   +----------------------------------+--------------------------+-------+
 *   |          thread number           |         version (low 6 bits not 0)|  global
 *   |        UTCB pointer / 64                                    |000000 |  local
 *   +-------------------------------------------------------------+-------+
 *
 * Thread numbers: 0 .. SYSTEM_BASE-1 interrupts, .. USER_BASE-1 the kernel's,
 * then threads of this domain.  Numbers with bit 31 set name partners in other
 * domains; their layout is in vmm/abi/control.h.
 */
#ifndef GUESTKERNEL_ABI_THREADID_H
#define GUESTKERNEL_ABI_THREADID_H

#include <stdbool.h>
#include <stdint.h>

/** A struct, so that an id is never taken for a number or an address. */
typedef struct {
	uint64_t raw;
} thread_id_t;

_Static_assert(sizeof(thread_id_t) == 8, "thread_id_t is one word");

#define THREAD_NUMBER_BITS 17 /* significant bits of a local domain's number */
#define THREAD_NUMBER_MAX ((1u << THREAD_NUMBER_BITS) - 1)
#define THREAD_SYSTEM_BASE 48u /* interrupts are 0 .. THREAD_SYSTEM_BASE - 1 */
#define THREAD_USER_BASE 56u
#define THREAD_SHIFT 32
#define THREAD_LOCAL_MASK UINT64_C(0x3f)
#define THREAD_REMOTE_BIT (UINT64_C(1) << 63)

#define THREAD_NIL ((thread_id_t){0})
#define THREAD_ANY ((thread_id_t){UINT64_MAX})
#define THREAD_ANY_LOCAL ((thread_id_t){UINT64_MAX << 6})

/** thread_id_global - id of thread number @number in @version (not 0). */
static inline thread_id_t thread_id_global(uint32_t number, uint32_t version)
{
	return (thread_id_t){(uint64_t)number << THREAD_SHIFT | version};
}

/** thread_id_interrupt - id of the interrupt thread of line @irq. */
static inline thread_id_t thread_id_interrupt(uint32_t irq)
{
	return thread_id_global(irq, 1);
}

/** The servers that the kernel starts itself. */
#define THREAD_SIGMA0 (thread_id_global(THREAD_USER_BASE, 1))
#define THREAD_ROOT (thread_id_global(THREAD_USER_BASE + 2, 1))

static inline bool thread_id_equal(thread_id_t a, thread_id_t b)
{
	return a.raw == b.raw;
}

static inline bool thread_id_is_nil(thread_id_t id)
{
	return id.raw == 0;
}

/** thread_id_is_local - a UTCB pointer; neither nil nor anylocalthread. */
static inline bool thread_id_is_local(thread_id_t id)
{
	return (id.raw & THREAD_LOCAL_MASK) == 0 && id.raw != 0 &&
	       id.raw != THREAD_ANY_LOCAL.raw;
}

/** thread_id_is_global - names one thread (or interrupt) by number. */
static inline bool thread_id_is_global(thread_id_t id)
{
	return (id.raw & THREAD_LOCAL_MASK) != 0 && id.raw != UINT64_MAX;
}

/** thread_id_is_remote - names a portal or a caller behind one. */
static inline bool thread_id_is_remote(thread_id_t id)
{
	return thread_id_is_global(id) && (id.raw & THREAD_REMOTE_BIT) != 0;
}

/** thread_id_number - the thread number of a global id. */
static inline uint32_t thread_id_number(thread_id_t id)
{
	return (uint32_t)(id.raw >> THREAD_SHIFT);
}

/** thread_id_version - the version of a global id. */
static inline uint32_t thread_id_version(thread_id_t id)
{
	return (uint32_t)id.raw;
}

#endif
