/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/remote_message.h"

#include "guestkernel/ipc.h"
#include "guestkernel/x86/insn.h"

void remote_put_words(const struct tcb *t, unsigned last)
{
	copy_words((uint64_t *)CONTROL->message_out, message_of(t), last + 1);
}

/* The VMM has checked it. */
void remote_take_message(struct tcb *t)
{
	msgtag_t tag = {CONTROL->message_in[0]};

	message_give(t, (const uint64_t *)CONTROL->message_in,
		msgtag_untyped(tag) + msgtag_typed(tag));
}
