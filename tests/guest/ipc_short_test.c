/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's short way of Ipc does what the long way does.
 *
 * Whether a message went the short way shows in MR1 of a message that
 * announces no words: the short way leaves the sender's value in the register,
 * the long way the receiver's.  Programs must not rely on either.
 */
#include "guestkernel/abi/syscall.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define WORDS 7
#define NEVER TIMEOUTS(TIME_NEVER, TIME_NEVER)

/* The linker script's. */
extern char image_start[], image_end[];

#define GUESS UINT64_C(0x9e3779b97f4a7c15)

/* --- uses that are short --- */

/* Passes the word that it got unannounced on, plus one. */
struct relay {
	thread_id_t to, from;
};

static L4_ThreadId_t relay_once(thread_id_t to, thread_id_t from)
{
	L4_ThreadId_t sender;
	L4_Word_t word;

	L4_StoreMR(1, &word);
	L4_LoadMR(1, word + 1);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Ipc(to, from, NEVER, &sender);
	return sender;
}

static void relay_main(void *arg)
{
	const struct relay *r = arg;
	L4_ThreadId_t sender;

	(void)L4_Ipc(THREAD_NIL, r->from, NEVER, &sender);
	for (;;) {
		thread_id_t to = thread_id_is_nil(r->to) ? sender : r->to;

		sender = relay_once(to, r->from);
	}
}

/* What comes back for @word. */
static uint64_t send_around(thread_id_t to, thread_id_t from, uint64_t word)
{
	L4_ThreadId_t sender;

	L4_Set_MsgTag(MSGTAG_EMPTY);
	L4_LoadMR(1, word);
	(void)L4_Ipc(to, from, NEVER, &sender);
	L4_StoreMR(1, &word);
	return word;
}

static struct relay echo = {THREAD_NIL, THREAD_ANY};

static void check_short(thread_id_t server, thread_id_t named)
{
	/* Pages are missing, and the first wait was a long one. */
	(void)send_around(server, server, 0);
	CHECK_EQ(send_around(named, named, GUESS), GUESS + 1);
	CHECK_EQ(send_around(named, THREAD_ANY, GUESS + 2), GUESS + 3);
	kill(server);
}

TEST(call_and_reply_between_spaces_are_short)
{
	thread_id_t server = spawn_in_new_space(relay_main, &echo);

	check_short(server, server);
}

TEST(call_and_reply_in_a_space_are_short)
{
	thread_id_t server = spawn(relay_main, &echo);

	check_short(server, server);
}

TEST(call_and_reply_by_local_ids_are_short)
{
	thread_id_t server = spawn(relay_main, &echo);

	check_short(server, L4_LocalIdOf(server));
}

TEST(send_to_one_and_wait_for_another_is_short)
{
	static struct relay ring[2];
	thread_id_t a = spawn_in_new_space(relay_main, &ring[0]);
	thread_id_t b = spawn_in_new_space(relay_main, &ring[1]);

	ring[0] = (struct relay){b, L4_MyGlobalId()};
	ring[1] = (struct relay){L4_MyGlobalId(), a};
	settle();
	(void)send_around(a, b, 0);
	CHECK_EQ(send_around(a, b, GUESS), GUESS + 2);
	kill(a);
	kill(b);
}

/* --- who is accepted --- */

#define LOG_MAX 8
#define INTRUDERS 3
#define INTRUSION 66

static volatile uint64_t logged[LOG_MAX];
static volatile unsigned nr_logged;

static void log_first_word(void)
{
	L4_Word_t word;

	L4_StoreMR(1, &word);
	if (nr_logged < LOG_MAX)
		logged[nr_logged++] = word;
}

static L4_MsgTag_t call_root(L4_Time_t receive)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, 0);
	return L4_Call_Timeouts(THREAD_ROOT, TIME_NEVER, receive);
}

/* Calls the root task, then takes all comers. */
static void call_then_wait(l4_time_t receive)
{
	L4_ThreadId_t from;

	(void)call_root(receive);
	log_first_word();
	for (;;) {
		(void)L4_Wait(&from);
		log_first_word();
	}
}

static void call_short(void *unused)
{
	(void)unused;
	call_then_wait(TIME_NEVER);
}

static void call_long(void *unused)
{
	(void)unused;
	call_then_wait(time_period(10000000));
}

static volatile uint64_t target;

static void intrude(void *nr_words)
{
	L4_Set_MsgTag(msgtag_make(0, (unsigned)(uint64_t)nr_words, 0));
	L4_LoadMR(1, INTRUSION);
	(void)L4_Call((thread_id_t){target});
}

/* @waiter waits for this thread: others do not get through before it. */
static void check_closed(thread_id_t waiter)
{
	thread_id_t other[INTRUDERS];
	L4_ThreadId_t from;

	REQUIRE(!thread_id_is_nil(waiter));
	nr_logged = 0;
	target = waiter.raw;
	(void)L4_Wait(&from);
	other[0] = spawn(intrude, (void *)1);
	other[1] = spawn_in_new_space(intrude, (void *)1);
	other[2] = spawn_in_new_space(intrude, (void *)20);
	settle();
	CHECK_EQ(nr_logged, 0);
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, 1);
	CHECK(!msgtag_failed(L4_Reply(waiter)));
	settle();
	CHECK_EQ(nr_logged, 1 + INTRUDERS);
	CHECK_EQ(logged[0], 1);
	CHECK_EQ(logged[INTRUDERS], INTRUSION);
	for (unsigned i = 0; i < INTRUDERS; i++)
		kill(other[i]);
	kill(waiter);
}

TEST(who_waits_closed_by_the_short_way_accepts_nobody_else)
{
	check_closed(spawn(call_short, NULL));
	check_closed(spawn_in_new_space(call_short, NULL));
}

TEST(who_waits_closed_by_the_long_way_accepts_nobody_else)
{
	check_closed(spawn(call_long, NULL));
	check_closed(spawn_in_new_space(call_long, NULL));
}

/* Tells everybody its own word. */
static void tell(void *word)
{
	L4_ThreadId_t from;

	(void)L4_Wait(&from);
	for (;;) {
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, (uint64_t)word);
		(void)L4_ReplyWait(from, &from);
	}
}

static uint64_t ask(thread_id_t to, thread_id_t from)
{
	L4_ThreadId_t sender;
	L4_Word_t word;

	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Ipc(to, from, NEVER, &sender);
	L4_StoreMR(1, &word);
	return word;
}

TEST(a_local_id_names_its_thread_whoever_the_last_partner_was)
{
	thread_id_t a = spawn(tell, (void *)1);
	thread_id_t b = spawn(tell, (void *)2);
	thread_id_t local_a = L4_LocalIdOf(a);
	thread_id_t local_b = L4_LocalIdOf(b);

	settle();
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(ask(local_a, local_a), 1);
		CHECK_EQ(ask(local_a, THREAD_ANY), 1);
		CHECK_EQ(ask(local_b, local_b), 2);
	}
	kill(a);
	kill(b);
}

TEST(who_waits_already_to_send_is_received_first)
{
	thread_id_t server = spawn_in_new_space(tell, (void *)1);
	thread_id_t sender;

	target = L4_MyGlobalId().raw;
	CHECK_EQ(ask(server, server), 1);
	sender = spawn_in_new_space(intrude, (void *)1);
	settle();
	CHECK_EQ(ask(server, THREAD_ANY), INTRUSION);
	CHECK_EQ(ask(THREAD_NIL, THREAD_ANY), 1);
	kill(server);
	kill(sender);
}

/* --- what a thread that waits finds in its registers --- */

static volatile uint64_t words_seen;

static void sum_words(void)
{
	words_seen = 0;
	for (unsigned i = 1; i <= WORDS; i++) {
		L4_Word_t word;

		L4_StoreMR(i, &word);
		words_seen += word * i;
	}
}

/* Waits as told, then answers with the same words. */
static void wait_and_sum(void *timeout_us)
{
	L4_Time_t timeout =
		timeout_us ? time_period((uint64_t)timeout_us) : TIME_NEVER;
	L4_ThreadId_t from;

	for (;;) {
		if (msgtag_failed(L4_Wait_Timeout(timeout, &from)))
			continue;
		sum_words();
		L4_Set_MsgTag(msgtag_make(0, WORDS, 0));
		(void)L4_Reply(from);
	}
}

static void check_words(thread_id_t server)
{
	settle();
	for (unsigned round = 0; round < 3; round++) {
		uint64_t wanted = 0;

		for (unsigned i = 1; i <= WORDS; i++) {
			L4_LoadMR(i, GUESS * (i + round));
			wanted += GUESS * (i + round) * i;
		}
		L4_Set_MsgTag(msgtag_make(0, WORDS, 0));
		CHECK(!msgtag_failed(L4_Call(server)));
		CHECK_EQ(words_seen, wanted);
		sum_words();
		CHECK_EQ(words_seen, wanted);
		settle();
	}
	kill(server);
}

TEST(all_words_arrive_after_a_wait_begun_by_the_long_way)
{
	check_words(spawn(wait_and_sum, NULL));
	check_words(spawn_in_new_space(wait_and_sum, NULL));
	check_words(spawn_in_new_space(wait_and_sum, (void *)10000000));
}

static volatile uint64_t outcome, code;

static void call_and_tell(void *unused)
{
	(void)unused;
	outcome = call_root(TIME_NEVER).raw;
	code = L4_ErrorCode();
	for (;;)
		(void)call_root(TIME_NEVER);
}

TEST(a_wait_begun_by_the_short_way_is_seen_and_cancelled)
{
	thread_id_t t = spawn(call_and_tell, NULL);
	struct l4_exregs regs = {.thread = t.raw};
	L4_ThreadId_t from;

	CHECK(!msgtag_failed(L4_Wait(&from)));
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(regs.control, EXREGS_WAS_RECEIVING);
	CHECK(regs.ip > l4_links[LINK_IPC / 8]);
	CHECK(regs.ip < l4_links[LINK_IPC / 8] + 16);
	CHECK(regs.sp > (uint64_t)image_start && regs.sp < (uint64_t)image_end);
	(void)L4_AbortIpc(t);
	settle();
	CHECK_EQ(outcome, MSGTAG_ERROR);
	CHECK_EQ(code, IPC_RECEIVE_CANCELLED);
	kill(t);
}

/* --- who runs --- */

static void answer(void *unused)
{
	L4_ThreadId_t from;

	(void)unused;
	(void)L4_Wait(&from);
	for (;;) {
		log_first_word();
		(void)L4_ReplyWait(from, &from);
	}
}

/* Logs the first message, and never waits for another. */
static void answer_nobody(void *unused)
{
	L4_ThreadId_t from;

	(void)unused;
	(void)L4_Wait(&from);
	log_first_word();
	(void)L4_Receive(L4_MyGlobalId());
}

static void load_one(L4_Word_t word)
{
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, word);
}

TEST(a_partner_of_low_priority_runs_after_those_above_it)
{
	thread_id_t low = spawn(answer, NULL);
	thread_id_t middle = spawn(answer_nobody, NULL);

	(void)L4_Set_Priority(low, 50);
	settle();
	nr_logged = 0;
	load_one(1);
	CHECK(!msgtag_failed(L4_Reply(middle)));
	load_one(2);
	CHECK(!msgtag_failed(L4_Call(low)));
	CHECK_EQ(nr_logged, 2);
	CHECK_EQ(logged[0], 1);
	CHECK_EQ(logged[1], 2);
	kill(low);
	kill(middle);
}

TAP_MAIN(CASE(call_and_reply_between_spaces_are_short),
	CASE(call_and_reply_in_a_space_are_short),
	CASE(call_and_reply_by_local_ids_are_short),
	CASE(send_to_one_and_wait_for_another_is_short),
	CASE(who_waits_closed_by_the_short_way_accepts_nobody_else),
	CASE(who_waits_closed_by_the_long_way_accepts_nobody_else),
	CASE(a_local_id_names_its_thread_whoever_the_last_partner_was),
	CASE(who_waits_already_to_send_is_received_first),
	CASE(all_words_arrive_after_a_wait_begun_by_the_long_way),
	CASE(a_wait_begun_by_the_short_way_is_seen_and_cancelled),
	CASE(a_partner_of_low_priority_runs_after_those_above_it))
