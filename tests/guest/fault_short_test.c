/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page faults and exceptions reach who waits without a timeout by the kernel's
 * short way, others by the long way: with the same message.
 *
 * A reply that gives nothing makes the instruction fault again, so one thread
 * shows both.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define WAIT_US 10000000
#define NOWHERE UINT64_C(0x123456789000)
#define GUESS UINT64_C(0x9e3779b97f4a7c15)

static void divide(void *unused)
{
	(void)unused;
	L4_Set_ExceptionHandler(THREAD_ROOT);
	__asm__ volatile("movl $1, %%eax\n\t"
			 "xorl %%edx, %%edx\n\t"
			 "movl $3, %%ebx\n\t"
			 "xorl %%ecx, %%ecx\n\t"
			 "movl $5, %%esi\n\t"
			 "movl $6, %%edi\n\t"
			 "movl $8, %%r8d\n\t"
			 "movl $9, %%r9d\n\t"
			 "movl $10, %%r10d\n\t"
			 "movl $11, %%r11d\n\t"
			 "movl $12, %%r12d\n\t"
			 "movl $13, %%r13d\n\t"
			 "movl $14, %%r14d\n\t"
			 "movl $15, %%r15d\n\t"
			 "pushq %%rbp\n\t"
			 "movl $7, %%ebp\n\t"
			 "divl %%ecx\n\t"
			 "popq %%rbp"
			 :
			 :
			 : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9",
			 "r10", "r11", "r12", "r13", "r14", "r15", "cc",
			 "memory");
}

/* What divide() has in MR2 to MR16. */
static const uint64_t divide_registers[] = {
	3, 10, 12, 13, 14, 15, 1, 0, 0, 5, 6, 7, 8, 9, 11};

static void read_nowhere(void *unused)
{
	(void)unused;
	__asm__ volatile("movq %0, %%r10\n\t"
			 "movb (%1), %%al"
			 :
			 : "r"(GUESS), "r"(NOWHERE)
			 : "rax", "r10", "memory");
}

static void write_nowhere(void *unused)
{
	(void)unused;
	__asm__ volatile("movq %0, %%r10\n\t"
			 "movb $1, (%1)"
			 :
			 : "r"(GUESS), "r"(NOWHERE)
			 : "r10", "memory");
}

static void execute_nowhere(void *unused)
{
	(void)unused;
	__asm__ volatile("movq %0, %%r10\n\t"
			 "jmp *%1"
			 :
			 : "r"(GUESS), "r"(NOWHERE)
			 : "r10", "memory");
}

/* Its own space: those faults are nobody's but the tester's. */
static void with_tester_as_pager(void *entry)
{
	image_touch();
	L4_Set_Pager(THREAD_ROOT);
	((void (*)(void *))(uint64_t)entry)(NULL);
}

/* Answers @id with nothing, unless nil, and waits for @from. */
static L4_MsgTag_t next_message(
	thread_id_t id, thread_id_t from, l4_time_t receive, L4_Msg_t *msg)
{
	L4_ThreadId_t sender;
	L4_MsgTag_t tag;

	for (unsigned i = 1; i < 64; i++)
		L4_LoadMR(i, 0);
	L4_Set_MsgTag(MSGTAG_EMPTY);
	tag = L4_Ipc(id, from, TIMEOUTS(TIME_NEVER, receive), &sender);
	L4_MsgStore(tag, msg);
	return tag;
}

static void check_same(const L4_Msg_t *a, const L4_Msg_t *b)
{
	for (unsigned i = 0; i <= msgtag_untyped(L4_MsgMsgTag(a)); i++)
		CHECK_EQ(a->mr[i], b->mr[i]);
}

/* By the long way, then by the short one to a closed and an open wait. */
static void check_ways(thread_id_t id, L4_Msg_t *first)
{
	L4_Msg_t again;

	REQUIRE(!thread_id_is_nil(id));
	REQUIRE(!msgtag_failed(
		next_message(THREAD_NIL, id, time_period(WAIT_US), first)));
	REQUIRE(!msgtag_failed(next_message(id, id, TIME_NEVER, &again)));
	check_same(first, &again);
	REQUIRE(!msgtag_failed(
		next_message(id, THREAD_ANY, TIME_NEVER, &again)));
	check_same(first, &again);
}

static void check_exception(thread_id_t id)
{
	L4_Msg_t msg;

	check_ways(id, &msg);
	CHECK_EQ(msg.mr[0],
		msgtag_make(PROTOCOL_EXCEPTION, EXCEPTION_WORDS, 0).raw);
	for (unsigned i = EXCEPTION_MR_RBX; i <= EXCEPTION_MR_R11; i++)
		CHECK_EQ(msg.mr[i], divide_registers[i - EXCEPTION_MR_RBX]);
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], 0);
	CHECK_EQ(msg.mr[EXCEPTION_MR_ERROR], 0);
	kill(id);
}

TEST(an_exception_tells_the_same_by_both_ways)
{
	check_exception(spawn(divide, NULL));
	check_exception(spawn_in_new_space(divide, NULL));
}

static void check_fault(void (*entry)(void *), uint64_t access)
{
	thread_id_t id = spawn_in_new_space(
		with_tester_as_pager, (void *)(uint64_t)entry);
	L4_Msg_t msg;
	L4_Word_t unannounced;

	check_ways(id, &msg);
	/* The faulter's %r10: the last message went the short way. */
	L4_StoreMR(3, &unannounced);
	CHECK_EQ(unannounced, GUESS);
	CHECK_EQ(msg.mr[0],
		msgtag_make(PROTOCOL_PAGEFAULT | access, PAGEFAULT_WORDS, 0)
			.raw);
	CHECK_EQ(msg.mr[1], NOWHERE);
	kill(id);
}

TEST(a_page_fault_tells_the_same_by_both_ways)
{
	check_fault(read_nowhere, FPAGE_R);
	check_fault(write_nowhere, FPAGE_W);
	check_fault(execute_nowhere, FPAGE_X);
}

TAP_MAIN(CASE(an_exception_tells_the_same_by_both_ways),
	CASE(a_page_fault_tells_the_same_by_both_ways))
