/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests of the tasks: what in L4 only the root task may do.
 */
#include "servers/wortel/service.h"

#include "servers/abi/wortel.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/wortel/interrupt.h"

static bool reply(uint64_t error, uint64_t result)
{
	L4_Set_MsgTag(msgtag_make(0, 2, 0));
	L4_LoadMR(1, error);
	L4_LoadMR(2, result);
	return true;
}

static bool thread_create(struct task *task, const L4_Msg_t *msg)
{
	thread_id_t id = task_thread_create(
		task, L4_MsgWord(msg, 0), L4_MsgWord(msg, 1));

	return reply(thread_id_is_nil(id) ? WORTEL_ENOMEM : WORTEL_OK, id.raw);
}

static bool thread_delete(
	struct task *task, L4_ThreadId_t from, const L4_Msg_t *msg)
{
	thread_id_t id = {L4_MsgWord(msg, 0)};

	if (!task_thread_delete(task, id))
		return reply(WORTEL_EINVAL, 0);
	return !thread_id_equal(id, from) && reply(WORTEL_OK, 0);
}

static bool thread_priority(struct task *task, const L4_Msg_t *msg)
{
	thread_id_t id = {L4_MsgWord(msg, 0)};
	uint64_t priority = L4_MsgWord(msg, 1);

	if (task_of(id) != task || priority > WORTEL_PRIORITY_MAX ||
		L4_Set_Priority(id, priority) == SCHEDULE_ERROR)
		return reply(WORTEL_EINVAL, 0);
	return reply(WORTEL_OK, 0);
}

bool service_serve(struct task *task, L4_ThreadId_t from, L4_MsgTag_t tag,
	const L4_Msg_t *msg)
{
	if (msgtag_untyped(tag) < 2 || msgtag_typed(tag) != 0)
		return reply(WORTEL_EINVAL, 0);

	switch (msgtag_label(tag)) {
	case WORTEL_THREAD_CREATE:
		return thread_create(task, msg);
	case WORTEL_THREAD_DELETE:
		return thread_delete(task, from, msg);
	case WORTEL_THREAD_PRIORITY:
		return thread_priority(task, msg);
	case WORTEL_INTERRUPT:
		return reply(
			interrupt_associate(L4_MsgWord(msg, 0), task, from), 0);
	case WORTEL_TASK_EXIT:
		task_end(task, (unsigned)L4_MsgWord(msg, 0) & 0xff);
		return false;
	default:
		return reply(WORTEL_EINVAL, 0);
	}
}
