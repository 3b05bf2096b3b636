/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/mm.h"

#include <string.h>

#include "servers/lib/libhurd-mm/pager.h"
#include "servers/lib/libhurd-mm/request.h"
#include "servers/lib/libl4/ipc.h"

static thread_id_t pager;

static bool setup_is_valid(const struct mm_setup *setup)
{
	return setup->frames && setup->frames <= MM_FRAMES_MAX &&
	       setup->frames % MM_CHUNK == 0 &&
	       setup->gpa % MM_PAGE_SIZE == 0 && setup->policy &&
	       setup->notice <= 15;
}

enum mm_error mm_start(const struct mm_setup *setup)
{
	enum mm_error error;

	if (!setup_is_valid(setup))
		return MM_EINVAL;
	error = pager_start(setup, &pager);
	if (!error)
		mm_adopt();
	return error;
}

void mm_adopt(void)
{
	L4_Set_Pager(pager);
}

static enum mm_error ask(struct request *request)
{
	uint64_t error, word[REQUEST_WORDS];
	msgtag_t tag;

	memcpy(word, request, sizeof(*request));
	L4_Set_MsgTag(msgtag_make(PAGER_REQUEST, REQUEST_WORDS, 0));
	for (unsigned i = 0; i < REQUEST_WORDS; i++)
		L4_LoadMR(1 + i, word[i]);
	tag = L4_Call(pager);
	if (msgtag_failed(tag) || msgtag_untyped(tag) != 1 + REQUEST_WORDS)
		return MM_UNREACHABLE;
	L4_StoreMR(1, &error);
	for (unsigned i = 0; i < REQUEST_WORDS; i++)
		L4_StoreMR(2 + i, &word[i]);
	memcpy(request, word, sizeof(*request));
	return (enum mm_error)error;
}

static enum mm_error ask_range(
	enum request_op op, void *address, size_t size, uint64_t rights)
{
	return ask(&(struct request){
		.op = op,
		.address = (uint64_t)address,
		.size = size,
		.rights = rights,
	});
}

static enum mm_error ask_map(struct request *request, void **address)
{
	enum mm_error error;

	request->address = (uint64_t)*address;
	error = ask(request);
	if (!error)
		*address = (void *)request->address;
	return error;
}

enum mm_error mm_map(
	void **address, size_t size, uint64_t rights, unsigned group)
{
	return ask_map(&(struct request){.op = REQUEST_MAP,
			       .size = size,
			       .rights = rights,
			       .group = group},
		address);
}

enum mm_error mm_map_window(
	void **address, size_t size, uint64_t rights, uint64_t gpa)
{
	return ask_map(&(struct request){.op = REQUEST_MAP_WINDOW,
			       .size = size,
			       .rights = rights,
			       .gpa = gpa},
		address);
}

enum mm_error mm_unmap(void *address, size_t size)
{
	return ask_range(REQUEST_UNMAP, address, size, 0);
}

enum mm_error mm_protect(void *address, size_t size, uint64_t rights)
{
	return ask_range(REQUEST_PROTECT, address, size, rights);
}

enum mm_error mm_lock(void *address, size_t size)
{
	return ask_range(REQUEST_LOCK, address, size, 0);
}

enum mm_error mm_unlock(void *address, size_t size)
{
	return ask_range(REQUEST_UNLOCK, address, size, 0);
}

enum mm_error mm_group_create(
	const struct mm_policy *policy, uint32_t limit, unsigned *group)
{
	struct request request = {
		.op = REQUEST_GROUP_CREATE,
		.policy = policy,
		.limit = limit,
	};
	enum mm_error error = ask(&request);

	if (!error)
		*group = request.group;
	return error;
}

enum mm_error mm_grow(void)
{
	return ask(&(struct request){.op = REQUEST_GROW});
}

enum mm_error mm_shrink(void)
{
	return ask(&(struct request){.op = REQUEST_SHRINK});
}

enum mm_error mm_stat(struct mm_stat *stat)
{
	struct request request = {.op = REQUEST_STAT};
	enum mm_error error = ask(&request);

	if (!error)
		*stat = request.stat;
	return error;
}
