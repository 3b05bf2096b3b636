/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigma0: owns the domain's memory and hands it out, first come first served.
 *
 * It answers two requests, "give me this region" and page faults, from whoever
 * can reach it, and survives every message.  What is no request gets no reply.
 *
 * Source: L4 X.2 Reference Manual, "Sigma0".
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/sigma0/memory.h"

static struct pool pool;
static uint64_t verbosity; /* 0: silent */

const char *program_name(void)
{
	return "sigma0";
}

static void pool_print(void)
{
	static const char *const kind[] = {
		[POOL_RESERVED] = "reserved",
		[POOL_CONVENTIONAL] = "conventional",
		[POOL_DEDICATED] = "dedicated",
		[POOL_SHARED] = "shared",
	};

	for (unsigned i = 0; i < pool.nr; i++)
		print("sigma0: from %012lx %-12s owner %lx\n",
			pool.region[i].start, kind[pool.region[i].kind],
			pool.region[i].owner.raw);
}

static void reply_map(fpage_t fpage)
{
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(fpage_base(fpage)));
	L4_LoadMR(2, fpage.raw);
}

/* A request for memory: MR1 the region, MR2 attributes. */
static bool serve_request(L4_ThreadId_t from, L4_MsgTag_t tag, L4_Msg_t *msg)
{
	fpage_t wanted = {L4_MsgWord(msg, 0)};
	bool extended = (wanted.raw & FPAGE_EXTENDED) != 0;
	fpage_t given = FPAGE_NIL;

	if (msgtag_untyped(tag) != (extended ? 3 : 2))
		return false;

	wanted.raw &= ~FPAGE_EXTENDED;
	if (L4_MsgWord(msg, 1) == SIGMA0_DEFAULT) {
		if ((wanted.raw & SIGMA0_ANY) == SIGMA0_ANY)
			given = pool_take_any(&pool, fpage_log2(wanted), from);
		else if (pool_take(&pool, wanted, from))
			given = fpage_make(fpage_base(wanted),
				fpage_log2(wanted), FPAGE_RIGHTS);
	}
	if (verbosity > 0)
		print("sigma0: %lx wants %lx, gets %lx\n", from.raw, wanted.raw,
			given.raw);
	reply_map(given);
	return true;
}

/* A fault that cannot be resolved leaves its thread waiting. */
static bool serve_fault(L4_ThreadId_t from, L4_MsgTag_t tag, L4_Msg_t *msg)
{
	if (msgtag_untyped(tag) != PAGEFAULT_WORDS)
		return false;

	fpage_t given = pool_fault(&pool, L4_MsgWord(msg, 0), from);

	if (fpage_is_nil(given)) {
		print("sigma0: %lx faults at %lx, IP %lx: not its memory\n",
			from.raw, L4_MsgWord(msg, 0), L4_MsgWord(msg, 1));
		return false;
	}
	reply_map(given);
	return true;
}

/* For the root task and the kernel: say more, or print the map. */
static bool serve_extended(L4_ThreadId_t from, L4_MsgTag_t tag, L4_Msg_t *msg)
{
	if (msgtag_untyped(tag) != 2 ||
		thread_id_number(from) > thread_id_number(THREAD_ROOT))
		return false;

	if (L4_MsgWord(msg, 0) == SIGMA0_EXT_VERBOSE)
		verbosity = L4_MsgWord(msg, 1);
	if (L4_MsgWord(msg, 0) != SIGMA0_EXT_DUMP)
		return false;
	pool_print();
	L4_Set_MsgTag(MSGTAG_EMPTY);
	return L4_MsgWord(msg, 1) != 0;
}

/* Returns whether there is a reply, which then is in the message registers. */
static bool serve(L4_ThreadId_t from, L4_MsgTag_t tag)
{
	L4_Msg_t msg;
	uint32_t number = thread_id_number(from);

	/* The kernel does not ask; interrupts are not sigma0's. */
	if (number < THREAD_USER_BASE || msgtag_typed(tag) != 0)
		return false;

	L4_MsgStore(tag, &msg);
	switch (msgtag_label(tag) & ~PROTOCOL_DETAIL_MASK) {
	case PROTOCOL_SIGMA0:
		return serve_request(from, tag, &msg);
	case PROTOCOL_PAGEFAULT:
		return serve_fault(from, tag, &msg);
	case PROTOCOL_SIGMA0_EXT:
		return serve_extended(from, tag, &msg);
	default:
		return false;
	}
}

int main(void)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag;

	if (!memory_read(&pool, l4_kip()))
		panic("bad memory descriptors");

	L4_Accept(ACCEPT_UNTYPED);
	tag = L4_Wait(&from);
	for (;;) {
		/* A reply that its thread does not await is dropped. */
		if (msgtag_failed(tag) || !serve(from, tag))
			tag = L4_Wait(&from);
		else
			tag = L4_ReplyWait(from, &from);
	}
}
