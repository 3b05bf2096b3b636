/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asking sigma0 for memory.
 */
#include "servers/lib/libl4/sigma0.h"

#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"

static fpage_t sigma0_request(
	L4_ThreadId_t sigma0, uint64_t fpage_word, fpage_t window)
{
	L4_Msg_t msg;
	L4_MsgTag_t tag;

	L4_MsgClear(&msg);
	L4_Set_MsgLabel(&msg, PROTOCOL_SIGMA0);
	L4_MsgAppendWord(&msg, fpage_word);
	L4_MsgAppendWord(&msg, SIGMA0_DEFAULT);
	L4_MsgLoad(&msg);

	L4_Accept(window.raw);
	tag = L4_Call(sigma0);
	L4_Accept(ACCEPT_UNTYPED);
	if (msgtag_failed(tag) || msgtag_untyped(tag) != 0 ||
		msgtag_typed(tag) != 2)
		return FPAGE_NIL;

	L4_MsgStore(tag, &msg);
	return (fpage_t){msg.mr[2]};
}

fpage_t L4_Sigma0_GetPage_RcvWindow(
	L4_ThreadId_t sigma0, fpage_t fpage, fpage_t window)
{
	return sigma0_request(sigma0, fpage.raw & ~FPAGE_EXTENDED, window);
}

fpage_t L4_Sigma0_GetPage(L4_ThreadId_t sigma0, fpage_t fpage)
{
	return L4_Sigma0_GetPage_RcvWindow(sigma0, fpage, FPAGE_COMPLETE);
}

fpage_t L4_Sigma0_GetAny(L4_ThreadId_t sigma0, unsigned log2)
{
	return sigma0_request(sigma0,
		SIGMA0_ANY | (uint64_t)log2 << FPAGE_LOG2_SHIFT | FPAGE_RIGHTS,
		FPAGE_COMPLETE);
}
