/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ipc and its short forms.
 *
 * Each returns the tag of the received message (of the sent one, for a send);
 * msgtag_failed() says whether it failed, L4_ErrorCode() why (abi/ipc.h).
 * The message to send stands in the message registers before the call.
 *
 * Source: L4 X.2 Reference Manual, "IPC".
 */
#ifndef SERVERS_LIB_LIBL4_IPC_H
#define SERVERS_LIB_LIBL4_IPC_H

#include "guestkernel/abi/ipc.h"
#include "guestkernel/abi/time.h"
#include "servers/lib/libl4/message.h"
#include "servers/lib/libl4/syscall.h"

typedef l4_time_t L4_Time_t;

#define L4_nilthread THREAD_NIL
#define L4_anythread THREAD_ANY
#define L4_anylocalthread THREAD_ANY_LOCAL
#define L4_Never TIME_NEVER
#define L4_ZeroTime TIME_ZERO

/** L4_TimePeriod - @us microseconds as a timeout; 0 is "at once". */
static inline L4_Time_t L4_TimePeriod(uint64_t us)
{
	return time_period(us);
}

/**
 * L4_Ipc - a send phase (@to not nil), then a receive phase (@from not nil).
 * @timeouts: TIMEOUTS(send, receive)
 * @sender:   OUT, who sent; defined after a receive that did not fail
 */
static inline L4_MsgTag_t L4_Ipc(L4_ThreadId_t to, L4_ThreadId_t from,
	uint64_t timeouts, L4_ThreadId_t *sender)
{
	return (L4_MsgTag_t){
		l4_sys_ipc(to.raw, from.raw, timeouts, &sender->raw)};
}

/** L4_Call_Timeouts - send to @to, then receive from it. */
static inline L4_MsgTag_t L4_Call_Timeouts(
	L4_ThreadId_t to, L4_Time_t send, L4_Time_t receive)
{
	L4_ThreadId_t sender;

	return L4_Ipc(to, to, TIMEOUTS(send, receive), &sender);
}

static inline L4_MsgTag_t L4_Call(L4_ThreadId_t to)
{
	return L4_Call_Timeouts(to, L4_Never, L4_Never);
}

static inline L4_MsgTag_t L4_Send_Timeout(L4_ThreadId_t to, L4_Time_t send)
{
	L4_ThreadId_t sender;

	return L4_Ipc(to, L4_nilthread, TIMEOUTS(send, L4_Never), &sender);
}

static inline L4_MsgTag_t L4_Send(L4_ThreadId_t to)
{
	return L4_Send_Timeout(to, L4_Never);
}

/** L4_Reply - send at once or not at all. */
static inline L4_MsgTag_t L4_Reply(L4_ThreadId_t to)
{
	return L4_Send_Timeout(to, L4_ZeroTime);
}

static inline L4_MsgTag_t L4_Receive_Timeout(
	L4_ThreadId_t from, L4_Time_t receive)
{
	L4_ThreadId_t sender;

	return L4_Ipc(
		L4_nilthread, from, TIMEOUTS(L4_ZeroTime, receive), &sender);
}

static inline L4_MsgTag_t L4_Receive(L4_ThreadId_t from)
{
	return L4_Receive_Timeout(from, L4_Never);
}

static inline L4_MsgTag_t L4_Wait_Timeout(
	L4_Time_t receive, L4_ThreadId_t *sender)
{
	return L4_Ipc(L4_nilthread, L4_anythread,
		TIMEOUTS(L4_ZeroTime, receive), sender);
}

static inline L4_MsgTag_t L4_Wait(L4_ThreadId_t *sender)
{
	return L4_Wait_Timeout(L4_Never, sender);
}

/** L4_ReplyWait - answer @to at once or not at all, then wait for anyone. */
static inline L4_MsgTag_t L4_ReplyWait(L4_ThreadId_t to, L4_ThreadId_t *sender)
{
	return L4_Ipc(
		to, L4_anythread, TIMEOUTS(L4_ZeroTime, L4_Never), sender);
}

/** L4_Sleep - let @time pass: a receive that nobody can satisfy. */
static inline void L4_Sleep(L4_Time_t time)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Receive_Timeout(L4_MyGlobalId(), time);
}

#endif
