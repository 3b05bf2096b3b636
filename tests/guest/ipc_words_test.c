/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ipc carries 0 to 63 words and the label, both ways, in a space and across.
 * Source: L4 X.2 Reference Manual, "IPC".
 */
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define LABEL_MASK MSGTAG_LABEL_MASK

static uint64_t word(unsigned count, unsigned i)
{
	return UINT64_C(0x9e3779b97f4a7c15) * (count * 64 + i + 1);
}

/* Adds one to each word and to the label. */
static void echo_plus_one(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);

	(void)arg;
	for (;;) {
		L4_Msg_t msg;

		L4_MsgStore(tag, &msg);
		for (unsigned i = 1; i <= msgtag_untyped(tag); i++)
			msg.mr[i]++;
		L4_Set_MsgLabel(&msg, msgtag_label(tag) + 1);
		L4_MsgLoad(&msg);
		tag = L4_ReplyWait(from, &from);
	}
}

static void send_every_count(thread_id_t server)
{
	for (unsigned count = 0; count <= 63; count++) {
		L4_Msg_t msg;
		uint64_t label = word(count, 63) >> 17;

		L4_MsgClear(&msg);
		L4_Set_MsgLabel(&msg, label);
		for (unsigned i = 0; i < count; i++)
			L4_MsgAppendWord(&msg, word(count, i));
		L4_MsgLoad(&msg);

		L4_MsgTag_t tag = L4_Call(server);

		REQUIRE(tag.raw ==
			msgtag_make((label + 1) & LABEL_MASK, count, 0).raw);
		L4_MsgStore(tag, &msg);
		for (unsigned i = 0; i < count; i++)
			CHECK_EQ(L4_MsgWord(&msg, i), word(count, i) + 1);
	}
}

TEST(every_count_of_words_crosses_between_threads_of_a_space)
{
	thread_id_t server = spawn(echo_plus_one, NULL);

	REQUIRE(!thread_id_is_nil(server));
	send_every_count(server);
	kill(server);
}

TEST(every_count_of_words_crosses_between_spaces)
{
	thread_id_t server = spawn_in_new_space(echo_plus_one, NULL);

	REQUIRE(!thread_id_is_nil(server));
	send_every_count(server);
	kill(server);
}

TAP_MAIN(CASE(every_count_of_words_crosses_between_threads_of_a_space),
	CASE(every_count_of_words_crosses_between_spaces))
