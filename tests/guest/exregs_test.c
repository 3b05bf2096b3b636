/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ExchangeRegisters: each bit of its control word, and who may use it on whom.
 * Source: L4 X.2 Reference Manual, "ExchangeRegisters".
 */
#include "guestkernel/abi/error.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define NOTHING 99
#define RFLAGS_CF 0x1
#define RFLAGS_TF 0x100
#define RFLAGS_IF 0x200
#define RFLAGS_IOPL 0x3000

static thread_id_t tester;
static volatile uint64_t code, flags_seen, counter;

static void rest(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void receive(void *arg)
{
	code = msgtag_failed(L4_Receive(tester)) ? L4_ErrorCode() : 0;
	rest(arg);
}

static void send(void *arg)
{
	L4_Set_MsgTag(MSGTAG_EMPTY);
	code = msgtag_failed(L4_Send(tester)) ? L4_ErrorCode() : 0;
	rest(arg);
}

static void note_flags(void *arg)
{
	uint64_t flags;

	__asm__ volatile("pushfq\n\tpopq %0" : "=r"(flags));
	flags_seen = flags;
	rest(arg);
}

static void count(void *arg)
{
	(void)arg;
	for (;;)
		counter++;
}

static thread_id_t spawn_settled(void (*entry)(void *))
{
	thread_id_t id;

	tester = L4_MyGlobalId();
	code = NOTHING;
	id = spawn(entry, NULL);
	settle();
	return id;
}

static struct l4_exregs exchange(thread_id_t id, uint64_t control)
{
	struct l4_exregs regs = {.thread = id.raw, .control = control};

	(void)L4_ExchangeRegisters(&regs);
	return regs;
}

TEST(a_wait_ends_by_its_own_bit)
{
	const uint64_t both = EXREGS_CANCEL_RECEIVE | EXREGS_CANCEL_SEND;
	thread_id_t id = spawn_settled(receive);

	CHECK_EQ(
		exchange(id, EXREGS_CANCEL_SEND).control, EXREGS_WAS_RECEIVING);
	settle();
	CHECK_EQ(code, NOTHING);
	CHECK_EQ(exchange(id, EXREGS_CANCEL_RECEIVE).control,
		EXREGS_WAS_RECEIVING);
	settle();
	CHECK_EQ(code, IPC_RECEIVE_CANCELLED);
	kill(id);

	id = spawn_settled(send);
	CHECK_EQ(exchange(id, EXREGS_CANCEL_RECEIVE).control,
		EXREGS_WAS_SENDING);
	settle();
	CHECK_EQ(code, NOTHING);
	CHECK_EQ(exchange(id, both).control, EXREGS_WAS_SENDING);
	settle();
	CHECK_EQ(code, IPC_SEND_CANCELLED);
	kill(id);
}

TEST(it_gives_the_other_id_and_old_values)
{
	thread_id_t id = spawn_settled(receive);
	struct l4_exregs old = exchange(id, 0);
	struct l4_exregs again = exchange((thread_id_t){old.thread}, 0);

	CHECK(thread_id_is_local((thread_id_t){old.thread}));
	CHECK_EQ(again.thread, id.raw);
	CHECK(old.sp != 0);
	CHECK(old.ip != 0);
	CHECK(old.flags & RFLAGS_IF);
	CHECK_EQ(old.handle, 0);
	CHECK_EQ(old.pager, THREAD_SIGMA0.raw);
	CHECK_EQ(old.control, EXREGS_WAS_RECEIVING);
	CHECK_EQ(again.sp, old.sp);
	kill(id);
}

TEST(what_no_bit_names_is_kept)
{
	thread_id_t id = spawn_settled(receive);
	struct l4_exregs old = exchange(id, 0), now;
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_DELIVER | EXREGS_HALTED,
		.sp = 1,
		.ip = 2,
		.flags = RFLAGS_CF,
		.handle = 4,
		.pager = 5,
	};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	now = exchange(id, 0);
	CHECK_EQ(now.sp, old.sp);
	CHECK_EQ(now.ip, old.ip);
	CHECK_EQ(now.flags, old.flags);
	CHECK_EQ(now.handle, old.handle);
	CHECK_EQ(now.pager, old.pager);
	CHECK_EQ(now.control, EXREGS_WAS_RECEIVING);
	kill(id);
}

TEST(each_value_has_its_bit)
{
	thread_id_t id = spawn_settled(receive);
	struct l4_exregs now;
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_SP | EXREGS_SET_IP | EXREGS_SET_FLAGS |
			   EXREGS_SET_HANDLE | EXREGS_SET_PAGER,
		.sp = 0x1110,
		.ip = 0x2220,
		.flags = RFLAGS_CF,
		.handle = 4,
		.pager = tester.raw,
	};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	now = exchange(id, 0);
	CHECK_EQ(now.sp, 0x1110);
	CHECK_EQ(now.ip, 0x2220);
	CHECK_EQ(now.flags & RFLAGS_CF, RFLAGS_CF);
	CHECK_EQ(now.handle, 4);
	CHECK_EQ(now.pager, tester.raw);
	CHECK_EQ(now.control, EXREGS_WAS_RECEIVING);
	kill(id);
}

TEST(new_registers_count_when_the_thread_returns)
{
	thread_id_t id = spawn_settled(receive);
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_SP | EXREGS_SET_IP,
		.sp = stack_top(note_flags, NULL),
		.ip = (uint64_t)thread_entry,
	};

	flags_seen = 0;
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	settle();
	CHECK_EQ(flags_seen, 0);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
	settle();
	CHECK(flags_seen != 0);
	CHECK_EQ(code, NOTHING);
	kill(id);
}

TEST(of_the_flags_only_the_arithmetic_ones_are_taken)
{
	thread_id_t id = spawn_settled(receive);
	struct l4_exregs regs = {
		.thread = id.raw,
		.control = EXREGS_SET_FLAGS,
		.flags = UINT64_MAX & ~UINT64_C(RFLAGS_IF),
	};
	uint64_t flags;

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	flags = exchange(id, 0).flags;
	CHECK_EQ(flags & (RFLAGS_TF | RFLAGS_IF | RFLAGS_IOPL), RFLAGS_IF);
	CHECK_EQ(flags & 0x8d5, 0x8d5); /* OF SF ZF AF PF CF */
	kill(id);
}

TEST(a_thread_is_halted_and_resumed)
{
	const uint64_t halt = EXREGS_SET_HALT | EXREGS_HALTED;
	thread_id_t id = spawn_settled(receive);

	/* While it waits: the message comes, and the thread does not go on. */
	CHECK_EQ(exchange(id, halt).control, EXREGS_WAS_RECEIVING);
	CHECK_EQ(exchange(id, halt).control,
		EXREGS_WAS_RECEIVING | EXREGS_WAS_HALTED);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
	settle();
	CHECK_EQ(code, NOTHING);
	CHECK_EQ(exchange(id, EXREGS_HALTED).control, EXREGS_WAS_HALTED);
	CHECK_EQ(exchange(id, EXREGS_SET_HALT).control, EXREGS_WAS_HALTED);
	settle();
	CHECK_EQ(code, 0);
	CHECK_EQ(exchange(id, 0).control & EXREGS_WAS_HALTED, 0);
	kill(id);

	counter = 0;
	id = spawn(count, NULL);
	CHECK_EQ(exchange(id, halt).control, 0);
	L4_Sleep(L4_TimePeriod(3000));
	CHECK_EQ(counter, 0);
	CHECK_EQ(exchange(id, EXREGS_SET_HALT).control, EXREGS_WAS_HALTED);
	L4_Sleep(L4_TimePeriod(3000));
	CHECK(counter > 0);
	kill(id);
}

TEST(a_thread_changes_itself)
{
	struct l4_exregs regs = {
		.thread = L4_MyGlobalId().raw,
		.control = EXREGS_SET_HANDLE | EXREGS_SET_FLAGS |
			   EXREGS_CANCEL_RECEIVE | EXREGS_CANCEL_SEND,
		.handle = 7,
	};

	CHECK_EQ(L4_ExchangeRegisters(&regs).raw, L4_MyLocalId().raw);
	CHECK_EQ(regs.control, 0);
	CHECK_EQ(L4_UserDefinedHandle(), 7);
	L4_Set_UserDefinedHandle(0);
}

/* --- who may --- */

static thread_id_t victim;
static volatile uint64_t result, error;

static void try_it(void *arg)
{
	struct l4_exregs regs = {.thread = victim.raw};

	result = L4_ExchangeRegisters(&regs).raw;
	error = L4_ErrorCode();
	rest(arg);
}

TEST(it_is_for_ones_own_space_and_for_those_one_pages)
{
	thread_id_t stranger;

	victim = spawn_settled(receive);
	stranger = spawn_in_new_space(try_it, NULL);
	settle();
	CHECK_EQ(result, 0);
	CHECK_EQ(error, L4_INVALID_THREAD);

	/* Threads that are paged from here, whatever their space. */
	CHECK(!thread_id_is_nil((thread_id_t){exchange(stranger, 0).thread}));

	struct l4_exregs regs = {
		.thread = stranger.raw,
		.control = EXREGS_SET_PAGER,
		.pager = stranger.raw,
	};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(exchange(stranger, 0).thread, 0);
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
	kill(stranger);
	kill(victim);
}

TEST(what_is_no_thread_is_refused)
{
	thread_id_t id = spawn_settled(rest);
	const thread_id_t bad[] = {THREAD_NIL, THREAD_ANY, THREAD_ANY_LOCAL,
		thread_id_global(thread_id_number(id), 9),
		thread_id_interrupt(1), {0x4000}};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_EQ(exchange(bad[i], 0).thread, 0);
		CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
	}
	kill(id);
}

TAP_MAIN(CASE(a_wait_ends_by_its_own_bit),
	CASE(it_gives_the_other_id_and_old_values),
	CASE(what_no_bit_names_is_kept), CASE(each_value_has_its_bit),
	CASE(new_registers_count_when_the_thread_returns),
	CASE(of_the_flags_only_the_arithmetic_ones_are_taken),
	CASE(a_thread_is_halted_and_resumed), CASE(a_thread_changes_itself),
	CASE(it_is_for_ones_own_space_and_for_those_one_pages),
	CASE(what_is_no_thread_is_refused))
