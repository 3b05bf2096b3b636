/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd/container.h"

#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/space.h"
#include "vmm/abi/control.h"

#define VMM_THREAD ((thread_id_t){REMOTE_ID_PORTAL(PORTAL_SLOT_VMM)})

/* @reply: room for the request, too */
static uint64_t request(
	uint64_t label, const uint64_t *arg, unsigned nr, L4_Msg_t *reply)
{
	L4_MsgTag_t tag;

	L4_MsgClear(reply);
	L4_Set_MsgLabel(reply, label);
	for (unsigned i = 0; i < nr; i++)
		L4_MsgAppendWord(reply, arg[i]);
	L4_MsgLoad(reply);
	tag = L4_Call(VMM_THREAD);
	if (msgtag_failed(tag) || msgtag_untyped(tag) < 2)
		return VMM_UNREACHABLE;
	L4_MsgStore(tag, reply);
	return L4_MsgWord(reply, 0);
}

uint64_t container_request(
	uint64_t label, const uint64_t *arg, unsigned nr, uint64_t *result)
{
	L4_Msg_t msg;
	uint64_t error = request(label, arg, nr, &msg);

	if (result && error != VMM_UNREACHABLE)
		*result = L4_MsgWord(&msg, 1);
	return error;
}

uint64_t container_account(uint64_t account, struct container_account *now)
{
	L4_Msg_t msg;
	uint64_t error = request(CONTAINER_ACCOUNT, &account, 1, &msg);

	if (!error)
		*now = (struct container_account){
			.guaranteed = L4_MsgWord(&msg, 1),
			.used = L4_MsgWord(&msg, 2),
			.runs_guaranteed = L4_MsgWord(&msg, 3),
			.runs_used = L4_MsgWord(&msg, 4),
			.extra = L4_MsgWord(&msg, 5),
			.owed = L4_MsgWord(&msg, 6),
			.left_us = L4_MsgWord(&msg, 7),
		};
	return error;
}

uint64_t container_create(uint64_t *ref)
{
	return container_request(CONTAINER_CREATE, NULL, 0, ref);
}

uint64_t container_allocate(
	uint64_t ref, uint64_t start, uint64_t count, uint64_t flags)
{
	const uint64_t arg[] = {ref, start, count, flags};

	return container_request(CONTAINER_ALLOCATE, arg, 4, NULL);
}

uint64_t container_deallocate(
	uint64_t ref, uint64_t start, uint64_t count, uint64_t flags)
{
	const uint64_t arg[] = {ref, start, count, flags};

	return container_request(CONTAINER_DEALLOCATE, arg, 4, NULL);
}

static fpage_t page_at(uint64_t gpa, uint64_t i, uint64_t rights)
{
	return fpage_make(
		gpa + i * CONTAINER_FRAME_SIZE, FPAGE_LOG2_MIN, rights);
}

uint64_t container_map(uint64_t ref, uint64_t start, uint64_t count,
	uint64_t flags, uint64_t gpa, uint64_t *rights)
{
	const uint64_t arg[] = {ref, start, count, flags, gpa};
	const thread_id_t sigma0 = {startup_page()->sigma0};
	uint64_t got = 0;
	uint64_t error = container_request(CONTAINER_MAP, arg, 5, &got);

	for (uint64_t i = 0; !error && i < count; i++) {
		/* sigma0 gives all rights; the VMM may have given fewer. */
		if (fpage_is_nil(L4_Sigma0_GetPage(
			    sigma0, page_at(gpa, i, FPAGE_RIGHTS))))
			error = VMM_UNREACHABLE;
		else if (!(got & CONTAINER_MAP_WRITE))
			(void)L4_FlushFpage(page_at(gpa, i, FPAGE_W));
	}
	if (rights)
		*rights = got;
	return error;
}

uint64_t container_unmap(uint64_t gpa, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		(void)L4_FlushFpage(page_at(gpa, i, FPAGE_RIGHTS));
	return container_request(CONTAINER_UNMAP, &gpa, 1, NULL);
}

uint64_t container_share(
	uint64_t ref, uint64_t rights, thread_id_t portal, uint64_t *there)
{
	const uint64_t arg[] = {ref, rights, REMOTE_ID_SLOT(portal.raw)};

	return container_request(CONTAINER_SHARE, arg, 3, there);
}

uint64_t container_origin(uint64_t ref, uint64_t *domain)
{
	return container_request(CONTAINER_ORIGIN, &ref, 1, domain);
}

uint64_t container_copy(uint64_t from, uint64_t from_start, uint64_t to,
	uint64_t to_start, uint64_t count)
{
	const uint64_t arg[] = {from, from_start, to, to_start, count};

	return container_request(CONTAINER_COPY, arg, 5, NULL);
}

uint64_t container_lock_physical(uint64_t ref, uint64_t start, uint64_t count,
	uint64_t rights, struct container_piece *piece, unsigned *nr)
{
	const uint64_t arg[] = {ref, start, count, rights};
	uint64_t error =
		container_request(CONTAINER_LOCK_PHYSICAL, arg, 4, NULL);

	*nr = 0;
	if (error)
		return error;
	/* The reply is in the message registers still. */
	*nr = (msgtag_untyped(L4_MsgTag()) - 2) / 2;
	for (unsigned i = 0; i < *nr; i++) {
		L4_StoreMR(3 + 2 * i, &piece[i].address);
		L4_StoreMR(4 + 2 * i, &piece[i].count);
	}
	return VMM_OK;
}

uint64_t container_unlock(uint64_t ref)
{
	return container_request(CONTAINER_UNLOCK, &ref, 1, NULL);
}

uint64_t container_revoke(uint64_t ref, uint64_t itself)
{
	const uint64_t arg[] = {ref, itself};

	return container_request(CONTAINER_REVOKE, arg, 2, NULL);
}
