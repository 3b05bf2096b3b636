/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running thread's registers: message, buffer and control registers.
 *
 * Source: L4 X.2 Reference Manual, "Virtual Registers", "Thread Control
 * Registers"; the names are the manual's.
 */
#ifndef SERVERS_LIB_LIBL4_UTCB_H
#define SERVERS_LIB_LIBL4_UTCB_H

#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "guestkernel/abi/utcb.h"

typedef uint64_t L4_Word_t;
typedef thread_id_t L4_ThreadId_t;

/** l4_utcb - the UTCB of the running thread. */
static inline struct utcb *l4_utcb(void)
{
	uint64_t pointer;

	__asm__("movq %%gs:0, %0" : "=r"(pointer));
	return (struct utcb *)(pointer - UTCB_POINTER);
}

static inline L4_ThreadId_t L4_MyLocalId(void)
{
	return (L4_ThreadId_t){(uint64_t)l4_utcb() + UTCB_POINTER};
}

static inline L4_ThreadId_t L4_MyGlobalId(void)
{
	return (L4_ThreadId_t){l4_utcb()->my_global_id};
}

/** L4_ErrorCode - why the last system call failed: ipc.h or error.h. */
static inline L4_Word_t L4_ErrorCode(void)
{
	return l4_utcb()->error_code;
}

static inline L4_ThreadId_t L4_Pager(void)
{
	return (L4_ThreadId_t){l4_utcb()->pager};
}

static inline void L4_Set_Pager(L4_ThreadId_t pager)
{
	l4_utcb()->pager = pager.raw;
}

static inline L4_ThreadId_t L4_ExceptionHandler(void)
{
	return (L4_ThreadId_t){l4_utcb()->exception_handler};
}

static inline void L4_Set_ExceptionHandler(L4_ThreadId_t handler)
{
	l4_utcb()->exception_handler = handler.raw;
}

static inline L4_Word_t L4_UserDefinedHandle(void)
{
	return l4_utcb()->user_handle;
}

static inline void L4_Set_UserDefinedHandle(L4_Word_t handle)
{
	l4_utcb()->user_handle = handle;
}

static inline void L4_Set_VirtualSender(L4_ThreadId_t sender)
{
	l4_utcb()->virtual_sender = sender.raw;
}

static inline L4_ThreadId_t L4_ActualSender(void)
{
	return (L4_ThreadId_t){l4_utcb()->virtual_sender};
}

static inline L4_Word_t L4_ProcessorNo(void)
{
	return l4_utcb()->processor_no;
}

/** L4_LoadMR - set message register @i (0..63). */
static inline void L4_LoadMR(unsigned i, L4_Word_t word)
{
	l4_utcb()->mr[i] = word;
}

/** L4_StoreMR - read message register @i (0..63). */
static inline void L4_StoreMR(unsigned i, L4_Word_t *word)
{
	*word = l4_utcb()->mr[i];
}

/** L4_LoadBR - set buffer register @i (0..32). */
static inline void L4_LoadBR(unsigned i, L4_Word_t word)
{
	l4_utcb()->br[UTCB_BR(i)] = word;
}

static inline L4_Word_t L4_BR(unsigned i)
{
	return l4_utcb()->br[UTCB_BR(i)];
}

/** L4_Accept - say what the next receive takes: item.h, ACCEPT_*. */
static inline void L4_Accept(L4_Word_t acceptor)
{
	L4_LoadBR(0, acceptor);
}

#endif
