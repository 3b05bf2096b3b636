/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/remote_message.h"

#include "guestkernel/ipc.h"

void remote_put_words(const struct tcb *t, unsigned last)
{
	message_copy(CONTROL->message_out, CONTROL->message_out,
		frame_of(t)->mr, t->utcb, last);
}

/* The VMM has checked it. */
void remote_take_message(struct tcb *t)
{
	msgtag_t tag = {CONTROL->message_in[0]};

	message_copy(frame_of(t)->mr, t->utcb, CONTROL->message_in,
		CONTROL->message_in, msgtag_untyped(tag) + msgtag_typed(tag));
}
