/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items between domains: thread items pass portals, nothing else passes; and
 * calls nest through portals that were passed.
 */
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"
#include "vmm/abi/control.h"

static thread_id_t answerer, last_caller;

/* Answers each request with its first word plus one; with @arg, asks first. */
static void answer(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);
	uint64_t word;

	for (;;) {
		last_caller = from;
		L4_StoreMR(1, &word);
		if (arg != NULL) {
			thread_id_t object = *(thread_id_t *)arg;

			request(0, word);
			if (msgtag_failed(L4_Call(object)))
				word = 0;
			else
				L4_StoreMR(1, &word);
		}
		request(0, word + 1);
		tag = msgtag_failed(tag) ? L4_Wait(&from)
					 : L4_ReplyWait(from, &from);
	}
}

/* Has the server call @id; *@result what came back. */
static uint64_t call_back(
	thread_id_t id, uint32_t rights, uint64_t *result, uint64_t *error)
{
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	L4_Set_MsgLabel(&msg, SERVE_CALL_BACK);
	L4_MsgAppendWord(&msg, 40);
	L4_MsgAppendThreadItem(&msg, rights, id);
	L4_MsgLoad(&msg);

	uint64_t failed = error_of(L4_Call_Timeouts(
		partner(), L4_TimePeriod(LONG_US), L4_TimePeriod(LONG_US)));

	L4_StoreMR(1, result);
	L4_StoreMR(2, error);
	return failed;
}

static uint64_t object_get(thread_id_t *object)
{
	uint64_t unused;
	uint64_t error = ask(SERVE_OBJECT, 0, &unused);

	if (error != 0)
		return error;
	if (msgtag_typed(L4_MsgTag()) != 2)
		return UINT64_MAX;
	L4_StoreMR(3, &object->raw);
	return 0;
}

TEST(the_server_calls_a_thread_that_was_passed)
{
	uint64_t result, error;

	answerer = spawn(answer, NULL);
	CHECK_EQ(call_back(answerer, PORTAL_CALL, &result, &error), 0);
	CHECK_EQ(error, 0);
	CHECK_EQ(result, 41);
	/* Again: it is the same portal. */
	CHECK_EQ(call_back(answerer, PORTAL_CALL, &result, &error), 0);
	CHECK_EQ(error, 0);
	CHECK_EQ(result, 41);
}

TEST(a_portal_without_the_right_to_call_cannot_be_called)
{
	uint64_t result, error;

	CHECK_EQ(call_back(answerer, PORTAL_SEND, &result, &error), 0);
	CHECK_EQ(error, IPC_SEND_NO_PARTNER);
}

TEST(an_object_of_the_server_is_called_through_its_portal)
{
	thread_id_t object = THREAD_NIL;
	uint64_t result;

	CHECK_EQ(object_get(&object), 0);
	REQUIRE(thread_id_is_remote(object));
	CHECK(object.raw != partner().raw);
	request(0, 5);
	CHECK_EQ(error_of(L4_Call(object)), 0);
	L4_StoreMR(1, &result);
	CHECK_EQ(result, 5 + OBJECT_ADDS);
}

TEST(calls_nest_there_and_back_and_there_again)
{
	static thread_id_t object;
	uint64_t result, error;

	CHECK_EQ(object_get(&object), 0);

	thread_id_t nester = spawn(answer, &object);

	CHECK_EQ(call_back(nester, PORTAL_CALL, &result, &error), 0);
	CHECK_EQ(error, 0);
	CHECK_EQ(result, 40 + OBJECT_ADDS + 1);
}

TEST(a_revoked_portal_is_no_partner)
{
	uint64_t result, error;

	CHECK_EQ(call_back(answerer, PORTAL_CALL, &result, &error), 0);
	CHECK_EQ(ask(SERVE_CALL_AGAIN, 6, &result), 0);
	CHECK_EQ(result, 7);
	/* The portal's slot here is that of its callers' ids. */
	CHECK_EQ(vmm_portal_revoke(REMOTE_ID_SLOT(last_caller.raw)), VMM_OK);
	CHECK_EQ(ask(SERVE_CALL_AGAIN, 6, &result), 0);
	L4_StoreMR(2, &error);
	CHECK_EQ(error, IPC_SEND_NO_PARTNER);
}

static uint64_t send_item(uint64_t word, uint64_t second)
{
	L4_Set_MsgTag(msgtag_make(SERVE_NOTE, 1, 2));
	L4_LoadMR(1, 0);
	L4_LoadMR(2, word);
	L4_LoadMR(3, second);
	return error_of(L4_Call_Timeouts(
		partner(), L4_TimePeriod(LONG_US), L4_TimePeriod(LONG_US)));
}

TEST(map_grant_and_string_items_are_refused)
{
	uint64_t page = fpage_make(0x400000, FPAGE_LOG2_MIN, FPAGE_R).raw;
	uint64_t before, after;

	CHECK_EQ(ask(SERVE_NOTES, 0, &before), 0);
	CHECK_EQ(send_item(item_map_word(0), page), IPC_SEND_OVERFLOW);
	CHECK_EQ(send_item(item_grant_word(0), page), IPC_SEND_OVERFLOW);
	CHECK_EQ(send_item(item_string_word(8), 0x400000), IPC_SEND_OVERFLOW);
	CHECK_EQ(ask(SERVE_NOTES, 0, &after), 0);
	CHECK_EQ(after, before);
}

TAP_MAIN(CASE(the_server_calls_a_thread_that_was_passed),
	CASE(a_portal_without_the_right_to_call_cannot_be_called),
	CASE(an_object_of_the_server_is_called_through_its_portal),
	CASE(calls_nest_there_and_back_and_there_again),
	CASE(a_revoked_portal_is_no_partner),
	CASE(map_grant_and_string_items_are_refused))
