/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What wortel, the root task, does for the tasks it started.
 *
 * Owner: wortel.  Users: every task of the domain.  Freestanding C11 only.
 *
 * A request is an Ipc (call) with a label of WORTEL_*, its arguments in MR1
 * and up.  The reply has label 0, MR1 = an error (WORTEL_OK, ...), results
 * from MR2 on.  A task can name only its own threads.
 */
#ifndef SERVERS_ABI_WORTEL_H
#define SERVERS_ABI_WORTEL_H

#define WORTEL_ABI_VERSION 1

/*
 * MR1 = IP, MR2 = SP of a new thread in the sender's space; it runs at once.
 * Reply: MR2 = its global id.  WORTEL_ENOMEM: no thread or UTCB is left.
 */
#define WORTEL_THREAD_CREATE 1u
/*
 * MR1 = global id.  The sender may delete itself, then there is no reply.
 * WORTEL_EINVAL: not a thread of the task, or its first (end the task).
 */
#define WORTEL_THREAD_DELETE 2u
/* MR1 = global id, MR2 = priority, 0..WORTEL_PRIORITY_MAX. */
#define WORTEL_THREAD_PRIORITY 3u
/*
 * MR1 = interrupt number: the sender gets its messages from now on.
 * WORTEL_EINVAL: no such interrupt; WORTEL_EBUSY: another task has it.
 */
#define WORTEL_INTERRUPT 4u
/* MR1 = exit status, 0..255.  The task ends; there is no reply. */
#define WORTEL_TASK_EXIT 5u

#define WORTEL_PRIORITY_MAX 200u

#define WORTEL_OK 0u
#define WORTEL_EINVAL 1u
#define WORTEL_ENOMEM 2u
#define WORTEL_EBUSY 3u

/*
 * A task ends with its exit status, or with one of these.  The domain ends
 * with the status of the first task that is marked "essential" in its
 * arguments, else with that of the last task to end.
 */
#define WORTEL_STATUS_CRASH 134u /* exception or page fault */

#endif
