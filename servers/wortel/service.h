/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the messages of a task ask for.  Each function leaves the reply in the
 * message registers and returns whether there is one.
 */
#ifndef SERVERS_WORTEL_SERVICE_H
#define SERVERS_WORTEL_SERVICE_H

#include <stdbool.h>

#include "servers/lib/libl4/message.h"
#include "servers/wortel/task.h"

/** pager_serve - a page fault: gives the page, or ends the task. */
bool pager_serve(struct task *task, L4_MsgTag_t tag, const L4_Msg_t *msg);

/** crash_serve - an exception: tells people, and ends the task. */
bool crash_serve(struct task *task, L4_ThreadId_t from, const L4_Msg_t *msg);

/** service_serve - a request of servers/abi/wortel.h. */
bool service_serve(struct task *task, L4_ThreadId_t from, L4_MsgTag_t tag,
	const L4_Msg_t *msg);

#endif
