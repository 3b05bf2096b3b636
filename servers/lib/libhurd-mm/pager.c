/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/lib/libhurd-mm/pager.h"

#include <string.h>

#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd-mm/machine.h"
#include "servers/lib/libhurd-mm/pages.h"
#include "servers/lib/libhurd-mm/region.h"
#include "servers/lib/libhurd-mm/request.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"

#define STACK_SIZE 8192
#define AREA_SIZE ((uint64_t)MM_AREA_PAGES * MM_PAGE_SIZE)

static unsigned notice; /* interrupt, 0: none */
static uint8_t stack[STACK_SIZE] __attribute__((aligned(16)));

static const char *const reason[] = {
	[MM_ENOENT] = "no region is there",
	[MM_EACCESS] = "its region does not allow it",
	[MM_ENOMEM] = "no frame can be had",
	[MM_ENOSPC] = "the backing store is full",
	[MM_EIO] = "the backing store failed",
};

/* Whatever is not in the area is wortel's to resolve, or to end. */
static void pass_on(
	thread_id_t from, msgtag_t tag, uint64_t address, uint64_t ip)
{
	L4_Set_VirtualSender(from);
	L4_Set_MsgTag((msgtag_t){tag.raw | MSGTAG_PROPAGATED});
	L4_LoadMR(1, address);
	L4_LoadMR(2, ip);
	(void)L4_Send((thread_id_t){startup_page()->wortel});
}

/* Returns whether the thread is to go on. */
static bool serve_fault(thread_id_t from, msgtag_t tag)
{
	uint64_t access = msgtag_label(tag) & PROTOCOL_DETAIL_MASK;
	uint64_t address, ip;
	enum mm_error error;

	L4_StoreMR(1, &address);
	L4_StoreMR(2, &ip);
	if (address - MM_AREA_START < AREA_SIZE) {
		error = pages_fault(
			(uint32_t)((address - MM_AREA_START) / MM_PAGE_SIZE),
			access);
		if (!error) {
			L4_Set_MsgTag(MSGTAG_EMPTY);
			return true;
		}
		print("%s: fault at %lx: %s\n", program_name(), address,
			reason[error]);
	}
	pass_on(from,
		msgtag_make(PROTOCOL_PAGEFAULT | access, PAGEFAULT_WORDS, 0),
		address, ip);
	return false;
}

static void serve_request(void)
{
	uint64_t word[REQUEST_WORDS];
	struct request request;

	for (unsigned i = 0; i < REQUEST_WORDS; i++)
		L4_StoreMR(1 + i, &word[i]);
	memcpy(&request, word, sizeof(request));

	enum mm_error error = request_serve(&request);

	memcpy(word, &request, sizeof(request));
	L4_Set_MsgTag(msgtag_make(0, 1 + REQUEST_WORDS, 0));
	L4_LoadMR(1, error);
	for (unsigned i = 0; i < REQUEST_WORDS; i++)
		L4_LoadMR(2 + i, word[i]);
}

/* Frames that the task has to give back, as long as it can. */
static void give_back(void)
{
	while (space_frames_owed() && !pages_shrink())
		;
}

/* Returns whom to answer, or nil. */
static thread_id_t serve(thread_id_t from, msgtag_t tag)
{
	uint64_t label = msgtag_label(tag);

	if (label == PROTOCOL_INTERRUPT &&
		thread_id_equal(from, thread_id_interrupt(notice))) {
		give_back();
		L4_Set_MsgTag(MSGTAG_EMPTY);
		return from;
	}
	/* The task's own threads have local ids here; others ask nothing. */
	if (!thread_id_is_local(from))
		return THREAD_NIL;
	if ((label & ~PROTOCOL_DETAIL_MASK) == PROTOCOL_PAGEFAULT &&
		msgtag_untyped(tag) == PAGEFAULT_WORDS)
		return serve_fault(from, tag) ? from : THREAD_NIL;
	if (label == PAGER_REQUEST && msgtag_untyped(tag) == REQUEST_WORDS) {
		serve_request();
		return from;
	}
	return THREAD_NIL;
}

static enum mm_error prepare(const struct mm_setup *setup)
{
	enum mm_error error;

	if (!space_start(setup->gpa))
		return MM_ENOMEM;
	region_reset();
	error = pages_reset(setup);
	notice = setup->notice;
	if (!error && notice &&
		(interrupt_attach(notice) != 0 || !space_notice(notice)))
		error = MM_EINVAL;
	return error;
}

/* The first message is from who started it and waits for the outcome. */
static void pager_main(void *argument)
{
	thread_id_t to = THREAD_NIL;
	msgtag_t tag = L4_Wait(&to);
	enum mm_error error = prepare(argument);

	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, error);
	for (;;) {
		thread_id_t from;

		tag = thread_id_is_nil(to) ? L4_Wait(&from)
					   : L4_ReplyWait(to, &from);
		to = msgtag_failed(tag) ? THREAD_NIL : serve(from, tag);
	}
}

enum mm_error pager_start(const struct mm_setup *setup, thread_id_t *id)
{
	uint64_t error;
	msgtag_t tag;

	*id = thread_create(
		pager_main, (void *)(uintptr_t)setup, stack, sizeof(stack));
	if (thread_id_is_nil(*id))
		return MM_ENOMEM;
	L4_Set_MsgTag(MSGTAG_EMPTY);
	tag = L4_Call(*id);
	if (msgtag_failed(tag) || msgtag_untyped(tag) != 1)
		return MM_UNREACHABLE;
	L4_StoreMR(1, &error);
	return (enum mm_error)error;
}
