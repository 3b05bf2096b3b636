/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time and who runs: SystemClock, ThreadSwitch, Schedule.
 *
 * Source: L4 X.2 Reference Manual, "Scheduling".
 */
#ifndef SERVERS_LIB_LIBL4_SCHEDULE_H
#define SERVERS_LIB_LIBL4_SCHEDULE_H

#include "guestkernel/abi/syscall.h"
#include "guestkernel/abi/time.h"
#include "servers/lib/libl4/syscall.h"
#include "servers/lib/libl4/utcb.h"

/** L4_SystemClock - microseconds; one clock for all domains. */
static inline uint64_t L4_SystemClock(void)
{
	return l4_sys_system_clock();
}

/** L4_ThreadSwitch - give the rest of the time slice to @to, if it can run. */
static inline void L4_ThreadSwitch(L4_ThreadId_t to)
{
	l4_sys_thread_switch(to.raw);
}

static inline void L4_Yield(void)
{
	L4_ThreadSwitch(THREAD_NIL);
}

/**
 * L4_Schedule - change how @dest is scheduled; SCHEDULE_KEEP changes nothing.
 * @time: time slice in bits 16-31, total quantum in bits 0-15
 *
 * Returns SCHEDULE_*: what the thread was doing; 0 on error.
 */
static inline L4_Word_t L4_Schedule(L4_ThreadId_t dest, L4_Word_t time,
	L4_Word_t processor, L4_Word_t priority, L4_Word_t preemption,
	L4_Word_t *old_time)
{
	return l4_sys_schedule(
		dest.raw, time, processor, priority, preemption, old_time);
}

/** L4_Set_Priority - @priority: 0..PRIORITY_MAX. */
static inline L4_Word_t L4_Set_Priority(L4_ThreadId_t dest, L4_Word_t priority)
{
	L4_Word_t old;

	return L4_Schedule(dest, SCHEDULE_KEEP, SCHEDULE_KEEP, priority,
		SCHEDULE_KEEP, &old);
}

/** L4_Set_Timeslice - @slice: a period; the total quantum becomes endless. */
static inline L4_Word_t L4_Set_Timeslice(L4_ThreadId_t dest, l4_time_t slice)
{
	L4_Word_t old;

	return L4_Schedule(dest, (L4_Word_t)slice.raw << 16, SCHEDULE_KEEP,
		SCHEDULE_KEEP, SCHEDULE_KEEP, &old);
}

#endif
