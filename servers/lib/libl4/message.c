/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages in memory: appending, loading, storing.
 */
#include "servers/lib/libl4/message.h"

/* Words behind the tag; at most 63, whatever the tag says. */
static unsigned msg_words(L4_MsgTag_t tag)
{
	unsigned n = msgtag_untyped(tag) + msgtag_typed(tag);

	return n < UTCB_MR_COUNT ? n : UTCB_MR_COUNT - 1;
}

void L4_MsgAppendWord(L4_Msg_t *msg, L4_Word_t word)
{
	L4_MsgTag_t tag = L4_MsgMsgTag(msg);
	unsigned u = msgtag_untyped(tag);

	if (msg_words(tag) == UTCB_MR_COUNT - 1)
		return;

	msg->mr[1 + u] = word;
	msg->mr[0] = tag.raw + 1;
}

void L4_MsgAppendItem(L4_Msg_t *msg, L4_Word_t word, L4_Word_t second)
{
	L4_MsgTag_t tag = L4_MsgMsgTag(msg);
	unsigned at = 1 + msg_words(tag);

	if (at + 2 > UTCB_MR_COUNT)
		return;

	msg->mr[at] = word;
	msg->mr[at + 1] = second;
	msg->mr[0] = tag.raw + (UINT64_C(2) << MSGTAG_TYPED_SHIFT);
}

void L4_MsgLoad(const L4_Msg_t *msg)
{
	struct utcb *utcb = l4_utcb();
	unsigned n = msg_words(L4_MsgMsgTag(msg));

	for (unsigned i = 0; i <= n; i++)
		utcb->mr[i] = msg->mr[i];
}

void L4_MsgStore(L4_MsgTag_t tag, L4_Msg_t *msg)
{
	const struct utcb *utcb = l4_utcb();
	unsigned n = msg_words(tag);

	msg->mr[0] = tag.raw;
	for (unsigned i = 1; i <= n; i++)
		msg->mr[i] = utcb->mr[i];
}
