/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls between domains carry words like calls inside of one.
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "tests/guest/portal_client.h"
#include "tests/tap.h"
#include "vmm/abi/control.h"

#define CALLERS 4
#define CALLS 50

static uint64_t word(unsigned count, unsigned i)
{
	return UINT64_C(0x9e3779b97f4a7c15) * (count * 64 + i + 1);
}

static void call_with_words(unsigned count)
{
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	L4_Set_MsgLabel(&msg, SERVE_ECHO);
	for (unsigned i = 0; i < count; i++)
		L4_MsgAppendWord(&msg, word(count, i));
	L4_MsgLoad(&msg);

	L4_MsgTag_t tag = L4_Call(partner());

	REQUIRE(CHECK_EQ(tag.raw, msgtag_make(SERVE_ECHO + 1, count, 0).raw));
	L4_MsgStore(tag, &msg);
	for (unsigned i = 0; i < count; i++)
		CHECK_EQ(L4_MsgWord(&msg, i), word(count, i) + 1);
}

TEST(every_count_of_words_crosses_both_ways)
{
	for (unsigned count = 0; count <= 63; count++)
		call_with_words(count);
}

TEST(the_server_knows_a_thread_by_one_remote_id)
{
	uint64_t id, again;

	CHECK_EQ(ask(SERVE_SENDER, 0, &id), 0);
	CHECK_EQ(ask(SERVE_SENDER, 0, &again), 0);
	CHECK_EQ(id, again);
	CHECK(thread_id_is_remote((thread_id_t){id}));
	CHECK_EQ(REMOTE_ID_VERSION(id) & 0x3f, 1);
	CHECK_EQ(REMOTE_ID_VERSION(id) >> 22, startup_page()->domain_index);
	CHECK((REMOTE_ID_VERSION(id) >> 6 & 0xffff) >= CALLER_SLOT_MIN);
}

static uint64_t other_id;
static volatile bool other_done;

static void ask_sender(void *arg)
{
	(void)arg;
	(void)ask(SERVE_SENDER, 0, &other_id);
	other_done = true;
}

TEST(two_threads_have_two_ids)
{
	uint64_t id;

	CHECK_EQ(ask(SERVE_SENDER, 0, &id), 0);
	(void)spawn(ask_sender, NULL);
	while (!other_done)
		pause_us(1000);
	CHECK(other_id != 0);
	CHECK(other_id != id);
	CHECK_EQ(other_id >> 32, id >> 32);
}

TEST(a_send_without_a_reply_arrives)
{
	uint64_t before, after, last;

	CHECK_EQ(ask(SERVE_NOTES, 0, &before), 0);
	request(SERVE_NOTE, 4711);
	CHECK_EQ(error_of(L4_Send_Timeout(partner(), L4_TimePeriod(LONG_US))),
		0);
	CHECK_EQ(ask(SERVE_NOTES, 0, &after), 0);
	L4_StoreMR(2, &last);
	CHECK_EQ(after, before + 1);
	CHECK_EQ(last, 4711);
}

static volatile uint64_t finished, wrong;

static void call_often(void *arg)
{
	for (uint64_t i = 0; i < CALLS; i++) {
		uint64_t sent = (uint64_t)arg << 32 | i;
		uint64_t got = 0;

		if (ask(SERVE_ECHO, sent, &got) != 0 || got != sent + 1)
			wrong++;
	}
	finished++;
}

TEST(several_threads_call_at_a_time)
{
	for (uint64_t i = 0; i < CALLERS; i++)
		(void)spawn(call_often, (void *)i);
	for (unsigned n = 0; n < 5000 && finished < CALLERS; n++)
		pause_us(1000);
	CHECK_EQ(finished, CALLERS);
	CHECK_EQ(wrong, 0);
}

TAP_MAIN(CASE(every_count_of_words_crosses_both_ways),
	CASE(the_server_knows_a_thread_by_one_remote_id),
	CASE(two_threads_have_two_ids), CASE(a_send_without_a_reply_arrives),
	CASE(several_threads_call_at_a_time))
