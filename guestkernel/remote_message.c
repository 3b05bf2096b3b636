/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/remote_message.h"

void remote_put_words(const struct tcb *t, unsigned last)
{
	volatile uint64_t *out = CONTROL->message_out;
	const uint64_t *from = frame_of(t)->mr;

	out[0] = from[0] & ~MSGTAG_FLAGS;
	for (unsigned i = 1; i <= last; i++) {
		if (i == FRAME_MRS)
			from = t->utcb;
		out[i] = from[i];
	}
}

void remote_take_message(struct tcb *t)
{
	const volatile uint64_t *in = CONTROL->message_in;
	uint64_t tag = in[0];
	uint64_t *to = frame_of(t)->mr;
	unsigned last =
		msgtag_untyped((msgtag_t){tag}) + msgtag_typed((msgtag_t){tag});

	if (last >= MESSAGE_WORDS)
		last = 0;
	to[0] = tag & ~MSGTAG_FLAGS;
	for (unsigned i = 1; i <= last; i++) {
		if (i == FRAME_MRS)
			to = t->utcb;
		to[i] = in[i];
	}
}
