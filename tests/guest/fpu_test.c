/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point and vector registers belong to a thread: they survive system
 * calls and other threads.
 */
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define CALLS 100

static void load_xmm(uint64_t value)
{
	__asm__ volatile("movq %0, %%xmm0\n\t"
			 "movq %0, %%xmm7\n\t"
			 "movq %0, %%xmm15"
			 :
			 : "r"(value));
}

static uint64_t sum_xmm(void)
{
	uint64_t a, b, c;

	__asm__ volatile("movq %%xmm0, %0\n\t"
			 "movq %%xmm7, %1\n\t"
			 "movq %%xmm15, %2"
			 : "=r"(a), "=r"(b), "=r"(c));
	return a + b + c;
}

static void set_mxcsr(uint32_t value)
{
	__asm__ volatile("ldmxcsr %0" : : "m"(value));
}

static uint32_t get_mxcsr(void)
{
	uint32_t value;

	__asm__ volatile("stmxcsr %0" : "=m"(value));
	return value;
}

static void spoil(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	set_mxcsr(0x1fa0);
	(void)L4_Wait(&from);
	for (;;) {
		load_xmm(0xbad);
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_ReplyWait(from, &from);
	}
}

static void keep_across_calls(thread_id_t server)
{
	uint64_t wrong = 0;

	for (uint64_t i = 1; i <= CALLS; i++) {
		load_xmm(i << 32);
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_Call(server);
		wrong += sum_xmm() != 3 * (i << 32);
	}
	CHECK_EQ(wrong, 0);
}

TEST(xmm_registers_survive_ipc_in_a_space)
{
	thread_id_t server = spawn(spoil, NULL);

	keep_across_calls(server);
	kill(server);
}

TEST(xmm_registers_survive_ipc_between_spaces)
{
	thread_id_t server = spawn_in_new_space(spoil, NULL);

	keep_across_calls(server);
	kill(server);
}

TEST(mxcsr_is_a_threads_own)
{
	thread_id_t server = spawn(spoil, NULL);

	set_mxcsr(0x1f80);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	(void)L4_Call(server);
	CHECK_EQ(get_mxcsr(), 0x1f80);
	kill(server);
}

static volatile uint64_t first_xmm, first_mxcsr;

/* Notes what it finds, and leaves something else. */
static void look_and_spoil(void *arg)
{
	(void)arg;
	first_xmm = sum_xmm();
	first_mxcsr = get_mxcsr();
	load_xmm(0xbad);
	set_mxcsr(0x1fa0);
	for (;;)
		L4_Sleep(L4_Never);
}

static void run_at(thread_id_t id, uint64_t utcb)
{
	thread_id_t self = L4_MyGlobalId();

	first_xmm = first_mxcsr = 1;
	REQUIRE(L4_ThreadControl(id, self, self, L4_Pager(), utcb) != 0);
	REQUIRE(!thread_id_is_nil(L4_Start_SpIp(
		id, stack_top(look_and_spoil, NULL), (uint64_t)thread_entry)));
	settle();
	kill(id);
}

TEST(a_new_thread_finds_nothing_of_one_before_in_its_place)
{
	uint64_t utcb;
	thread_id_t id = root_thread_reserve(&utcb);

	for (unsigned i = 0; i < 2; i++) {
		run_at(id, utcb);
		CHECK_EQ(first_xmm, 0);
		CHECK_EQ(first_mxcsr, 0x1f80);
	}
}

TAP_MAIN(CASE(xmm_registers_survive_ipc_in_a_space),
	CASE(xmm_registers_survive_ipc_between_spaces),
	CASE(mxcsr_is_a_threads_own),
	CASE(a_new_thread_finds_nothing_of_one_before_in_its_place))
