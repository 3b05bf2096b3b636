/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/remote_string.h"

#include "guestkernel/clock.h"
#include "guestkernel/remote.h"
#include "guestkernel/string.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"

_Static_assert(STRING_BUFFERS == UTCB_BR_COUNT, "all of a UTCB");

bool remote_string_is(const struct tcb *t)
{
	return (t->flags & THREAD_STRING) && !t->peer;
}

void remote_string_describe(struct tcb *t)
{
	uint64_t timeouts = *thread_tcr(t, UTCB_XFER_TIMEOUTS);

	CONTROL->string.caller_slot = t->caller_slot;
	CONTROL->string.tables = t->cr3;
	CONTROL->string.timeout = clock_ticks_of(
		(t->flags & THREAD_STRING_RECEIVER) ? TIMEOUTS_RECEIVE(timeouts)
						    : TIMEOUTS_SEND(timeouts));
	copy_words((uint64_t *)CONTROL->string.br,
		thread_tcr(t, UTCB_BR0 - (STRING_BUFFERS - 1)), STRING_BUFFERS);
}

void remote_string_begin(struct tcb *t, uint32_t role)
{
	t->state = THREAD_REMOTE;
	if (!remote_string_is(t))
		string_enter(t, role, NULL);
}

void remote_string_over(struct tcb *t)
{
	if (remote_string_is(t))
		string_leave(t);
}

void remote_string_continue(struct tcb *t)
{
	t->state = THREAD_REMOTE;
	remote_string_describe(t);
	remote_leave(ACTION_STRING);
}
