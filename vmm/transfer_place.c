/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message's strings beside the receiver's buffers: string k goes into buffer
 * k, either may be in pieces.  Both are read in private copies, and each word
 * is checked where it is used.
 */
#include "guestkernel/abi/item.h"
#include "vmm/once.h"
#include "vmm/portal.h"
#include "vmm/transfer.h"

/* How many bytes there are at *@address; 0 at the end, @p is behind it then. */
static uint64_t next_bytes(const uint64_t *word, unsigned last,
	struct transfer_place *p, uint64_t *address)
{
	while (p->word <= last) {
		uint64_t head = word[p->word];
		unsigned pieces = ITEM_STRING_PIECES(head);

		if (!item_is_string(head) || p->word + pieces > last)
			return 0;
		for (; p->piece < pieces; p->piece++, p->offset = 0) {
			if (p->offset >= ITEM_STRING_LENGTH(head))
				continue;
			*address = word[p->word + 1 + p->piece] + p->offset;
			return ITEM_STRING_LENGTH(head) - p->offset;
		}
		*p = (struct transfer_place){.word = p->word + 1 + pieces};
		if (!(head & ITEM_STRING_COMPOUND))
			return 0;
	}
	return 0;
}

static void begin_item(struct transfer *x, unsigned item)
{
	x->item = item;
	x->from = (struct transfer_place){.word = item};
}

static void begin_buffer(struct transfer *x, unsigned buffer)
{
	x->buffer = buffer;
	x->to = (struct transfer_place){.word = buffer};
}

void transfer_begin(struct call *c, const uint64_t *br)
{
	struct transfer *x = &c->transfer;

	begin_item(x, TAG_UNTYPED(c->word[0]) + 1);
	begin_buffer(x, STRING_BUFFERS);
	if (!br)
		return;
	for (unsigned i = 0; i < STRING_BUFFERS; i++)
		x->br[i] = once_u64(&br[STRING_BUFFERS - 1 - i]);
	if (x->br[0] & ACCEPT_STRINGS)
		begin_buffer(x, 1);
}

/* The buffer is done with, full or not. */
static void next_buffer(struct transfer *x)
{
	uint64_t address;

	while (next_bytes(x->br, STRING_BUFFERS - 1, &x->to, &address))
		x->to.piece++, x->to.offset = 0;
	begin_buffer(x, x->br[x->buffer] & ITEM_CONTINUES ? x->to.word
							  : STRING_BUFFERS);
}

enum transfer_next transfer_next(
	struct call *c, uint64_t *from, uint64_t *to, uint64_t *size)
{
	struct transfer *x = &c->transfer;
	unsigned last = TAG_UNTYPED(c->word[0]) + TAG_TYPED(c->word[0]);
	uint64_t room;

	while (x->item <= last) {
		if (!item_is_string(c->word[x->item])) {
			begin_item(x, x->item + 2);
			continue;
		}
		if (x->buffer >= STRING_BUFFERS)
			return TRANSFER_NO_ROOM;
		*size = next_bytes(c->word, last, &x->from, from);
		if (!*size) {
			begin_item(x, x->from.word);
			next_buffer(x);
			continue;
		}
		room = next_bytes(x->br, STRING_BUFFERS - 1, &x->to, to);
		if (room < *size)
			*size = room;
		return room ? TRANSFER_BYTES : TRANSFER_NO_ROOM;
	}
	return TRANSFER_END;
}

void transfer_advance(struct call *c, uint64_t size)
{
	struct transfer *x = &c->transfer;

	x->from.offset += size;
	x->to.offset += size;
	x->done += size;
}
