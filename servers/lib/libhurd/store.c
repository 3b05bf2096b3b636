/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd/store.h"

#include "servers/lib/libhurd/container.h"
#include "servers/lib/libl4/ipc.h"

#define READ_WRITE (CONTAINER_MAP_READ | CONTAINER_MAP_WRITE)

static uint64_t call(thread_id_t store, L4_Msg_t *msg, uint64_t label)
{
	msgtag_t tag;

	L4_Set_MsgLabel(msg, label);
	L4_MsgLoad(msg);
	tag = L4_Call(store);
	if (msgtag_failed(tag) || msgtag_untyped(tag) != 3)
		return STORE_UNREACHABLE;
	L4_MsgStore(tag, msg);
	return L4_MsgWord(msg, 0);
}

uint64_t store_info(thread_id_t store, uint64_t *sectors, uint64_t *read_only)
{
	L4_Msg_t msg;
	uint64_t error;

	L4_MsgClear(&msg);
	error = call(store, &msg, STORE_INFO);
	*sectors = error ? 0 : L4_MsgWord(&msg, 1);
	*read_only = error ? 1 : L4_MsgWord(&msg, 2);
	return error;
}

uint64_t store_grant(thread_id_t store, uint64_t domain, uint64_t rights,
	const struct store_extent *extent, unsigned nr, uint64_t *capability)
{
	L4_Msg_t msg;
	uint64_t error;

	L4_MsgClear(&msg);
	L4_MsgAppendWord(&msg, domain);
	L4_MsgAppendWord(&msg, rights);
	for (unsigned i = 0; i < nr; i++) {
		L4_MsgAppendWord(&msg, extent[i].sector);
		L4_MsgAppendWord(&msg, extent[i].nr);
	}
	error = call(store, &msg, STORE_GRANT);
	*capability = error ? 0 : L4_MsgWord(&msg, 1);
	return error;
}

uint64_t store_revoke(thread_id_t store, uint64_t capability)
{
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	L4_MsgAppendWord(&msg, capability);
	return call(store, &msg, STORE_REVOKE);
}

uint64_t store_transfer(thread_id_t store, uint64_t capability, uint64_t right,
	uint64_t container, const struct store_piece *piece, unsigned nr)
{
	uint64_t error = STORE_EINVAL;

	for (unsigned done = 0, now; done < nr; done += now) {
		L4_Msg_t msg;

		now = nr - done < STORE_PIECES_MAX ? nr - done
						   : STORE_PIECES_MAX;
		L4_MsgClear(&msg);
		L4_MsgAppendWord(&msg, capability);
		L4_MsgAppendWord(
			&msg, done + now < nr ? right | STORE_MORE : right);
		L4_MsgAppendWord(&msg, container);
		for (unsigned i = done; i < done + now; i++) {
			L4_MsgAppendWord(&msg, piece[i].sector);
			L4_MsgAppendWord(&msg, piece[i].nr);
			L4_MsgAppendWord(&msg, piece[i].offset);
		}
		error = call(store, &msg, STORE_TRANSFER);
		if (error)
			return error;
	}
	return error;
}

uint64_t store_flush(thread_id_t store)
{
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	return call(store, &msg, STORE_FLUSH);
}

uint64_t store_memory(
	thread_id_t store, uint64_t gpa, uint64_t frames, uint64_t *there)
{
	uint64_t ref;

	if (container_create(&ref) != VMM_OK ||
		container_allocate(ref, 0, frames, 0) != VMM_OK ||
		container_map(ref, 0, frames, READ_WRITE, gpa, NULL) !=
			VMM_OK ||
		container_share(ref, READ_WRITE, store, there) != VMM_OK)
		return STORE_ECONTAINER;
	return STORE_OK;
}
