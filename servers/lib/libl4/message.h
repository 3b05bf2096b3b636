/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages in memory: built word by word, then loaded into the registers.
 *
 * Source: L4 X.2 Reference Manual, "Messages And Message Registers"; the names
 * are the manual's, thread items are this project's.
 */
#ifndef SERVERS_LIB_LIBL4_MESSAGE_H
#define SERVERS_LIB_LIBL4_MESSAGE_H

#include "guestkernel/abi/fpage.h"
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/msgtag.h"
#include "servers/lib/libl4/utcb.h"

typedef msgtag_t L4_MsgTag_t;

/* A message as it will stand in MR0 .. MR63; mr[0] is the tag. */
typedef struct {
	L4_Word_t mr[UTCB_MR_COUNT];
} L4_Msg_t;

static inline L4_MsgTag_t L4_MsgTag(void)
{
	return (L4_MsgTag_t){l4_utcb()->mr[0]};
}

static inline void L4_Set_MsgTag(L4_MsgTag_t tag)
{
	l4_utcb()->mr[0] = tag.raw;
}

static inline L4_MsgTag_t L4_MsgMsgTag(const L4_Msg_t *msg)
{
	return (L4_MsgTag_t){msg->mr[0]};
}

/** L4_MsgClear - an empty message with label 0. */
static inline void L4_MsgClear(L4_Msg_t *msg)
{
	msg->mr[0] = 0;
}

/** L4_Set_MsgLabel - @label: 48 bits. */
static inline void L4_Set_MsgLabel(L4_Msg_t *msg, L4_Word_t label)
{
	L4_MsgTag_t tag = L4_MsgMsgTag(msg);

	msg->mr[0] =
		msgtag_make(label, msgtag_untyped(tag), msgtag_typed(tag)).raw;
}

static inline L4_Word_t L4_MsgLabel(const L4_Msg_t *msg)
{
	return msgtag_label(L4_MsgMsgTag(msg));
}

/** L4_MsgWord - untyped word @i, from 0 (it is MR @i + 1). */
static inline L4_Word_t L4_MsgWord(const L4_Msg_t *msg, unsigned i)
{
	return msg->mr[1 + i];
}

/**
 * L4_MsgAppendWord - add an untyped word.
 *
 * Before any item is added.  A message that is full (63 words) stays as it is.
 */
void L4_MsgAppendWord(L4_Msg_t *msg, L4_Word_t word);

/** L4_MsgAppendItem - add a typed item of two words (item.h). */
void L4_MsgAppendItem(L4_Msg_t *msg, L4_Word_t word, L4_Word_t second);

/** L4_MsgAppendMapItem - map @fpage; @send_base: see X.2, "MapItem". */
static inline void L4_MsgAppendMapItem(
	L4_Msg_t *msg, L4_Word_t send_base, fpage_t fpage)
{
	L4_MsgAppendItem(msg, item_map_word(send_base), fpage.raw);
}

/** L4_MsgAppendThreadItem - pass a portal; @rights: PORTAL_*. */
static inline void L4_MsgAppendThreadItem(
	L4_Msg_t *msg, uint32_t rights, L4_ThreadId_t id)
{
	L4_MsgAppendItem(msg, item_thread_word(rights), id.raw);
}

/** L4_MsgLoad - put the message into the message registers. */
void L4_MsgLoad(const L4_Msg_t *msg);

/** L4_MsgStore - take the message of @tag out of the message registers. */
void L4_MsgStore(L4_MsgTag_t tag, L4_Msg_t *msg);

#endif
