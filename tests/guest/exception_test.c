/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Exceptions become messages to the handler; its reply sets the registers.
 * Source: L4 X.2 Reference Manual, "Exception Handling".
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"
#include "vmm/abi/control.h"

#define TIMEOUT_US 1000000

#define VECTOR_DIVIDE 0
#define VECTOR_INVALID_OPCODE 6
#define VECTOR_GENERAL_PROTECTION 13

static thread_id_t tester;
static volatile uint64_t after; /* what the thread had after its fault */

static void rest(void)
{
	for (;;)
		L4_Sleep(L4_Never);
}

static void invalid_opcode(void *arg)
{
	uint64_t rax = 0x1111, rbx = 0x2222, r15 = 0x3333;

	(void)arg;
	L4_Set_ExceptionHandler(tester);
	__asm__ volatile("movq %2, %%r15\n\t"
			 "ud2\n\t"
			 "movq %%r15, %2"
			 : "+a"(rax), "+b"(rbx), "+d"(r15)
			 :
			 : "r15", "memory");
	after = rax + rbx + r15;
	rest();
}

static void divide(void *arg)
{
	uint32_t low = 1, high = 0;

	(void)arg;
	L4_Set_ExceptionHandler(tester);
	__asm__ volatile("divl %2" : "+a"(low), "+d"(high) : "r"(0));
	after = low;
	rest();
}

static void halt_cpu(void *arg)
{
	(void)arg;
	L4_Set_ExceptionHandler(tester);
	__asm__ volatile("hlt");
	after = 1;
	rest();
}

static void disable_interrupts(void *arg)
{
	(void)arg;
	L4_Set_ExceptionHandler(tester);
	__asm__ volatile("cli");
	after = 1;
	rest();
}

static void write_action_port(void *arg)
{
	(void)arg;
	L4_Set_ExceptionHandler(tester);
	__asm__ volatile("outl %0, %1"
			 :
			 : "a"(ACTION_STOP), "Nd"((uint16_t)ACTION_PORT));
	after = 1;
	rest();
}

static void read_action_port(void *arg)
{
	uint32_t value;

	(void)arg;
	L4_Set_ExceptionHandler(tester);
	__asm__ volatile("inl %1, %0"
			 : "=a"(value)
			 : "Nd"((uint16_t)ACTION_PORT));
	after = value;
	rest();
}

/* Starts @entry and receives its exception into @msg; its thread, or nil. */
static thread_id_t provoke(void (*entry)(void *), L4_Msg_t *msg)
{
	tester = L4_MyGlobalId();
	after = 0;

	thread_id_t id = spawn(entry, NULL);
	L4_MsgTag_t tag = L4_Receive_Timeout(id, L4_TimePeriod(TIMEOUT_US));

	if (msgtag_failed(tag) || msgtag_label(tag) != PROTOCOL_EXCEPTION ||
		msgtag_untyped(tag) != EXCEPTION_WORDS)
		return THREAD_NIL;
	L4_MsgStore(tag, msg);
	return id;
}

/* Continues behind an instruction of @size bytes. */
static void resume_behind(thread_id_t id, L4_Msg_t *msg, unsigned size)
{
	msg->mr[0] = msgtag_make(PROTOCOL_EXCEPTION, EXCEPTION_WORDS, 0).raw;
	msg->mr[EXCEPTION_MR_RIP] += size;
	L4_MsgLoad(msg);
	(void)L4_Send(id);
	settle();
}

TEST(an_invalid_opcode_tells_the_registers)
{
	L4_Msg_t msg;
	thread_id_t id = provoke(invalid_opcode, &msg);

	REQUIRE(!thread_id_is_nil(id));
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], VECTOR_INVALID_OPCODE);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RAX], 0x1111);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RBX], 0x2222);
	CHECK_EQ(msg.mr[EXCEPTION_MR_R15], 0x3333);
	CHECK_EQ(*(uint16_t *)msg.mr[EXCEPTION_MR_RIP], 0x0b0f);
	kill(id);
}

TEST(the_reply_sets_the_registers)
{
	L4_Msg_t msg;
	thread_id_t id = provoke(invalid_opcode, &msg);

	REQUIRE(!thread_id_is_nil(id));
	msg.mr[EXCEPTION_MR_RAX] = 1;
	msg.mr[EXCEPTION_MR_RBX] = 20;
	msg.mr[EXCEPTION_MR_R15] = 300;
	resume_behind(id, &msg, 2);
	CHECK_EQ(after, 321);
	kill(id);
}

TEST(a_reply_cannot_raise_the_privilege)
{
	L4_Msg_t msg;
	thread_id_t id = provoke(invalid_opcode, &msg);

	REQUIRE(!thread_id_is_nil(id));
	/* IOPL 3, and interrupts off. */
	msg.mr[EXCEPTION_MR_RFLAGS] |= 0x3000;
	msg.mr[EXCEPTION_MR_RFLAGS] &= ~UINT64_C(0x200);
	resume_behind(id, &msg, 2);
	CHECK_EQ(after, 0x6666);
	kill(id);

	id = provoke(disable_interrupts, &msg);
	REQUIRE(!thread_id_is_nil(id));
	kill(id);
}

TEST(a_reply_with_an_address_that_is_not_canonical_does_no_harm)
{
	L4_Msg_t msg;
	thread_id_t id = provoke(invalid_opcode, &msg);

	REQUIRE(!thread_id_is_nil(id));
	msg.mr[EXCEPTION_MR_RIP] = UINT64_C(0x8000000000000000);
	resume_behind(id, &msg, 0);
	CHECK_EQ(after, 0);
	kill(id);
}

TEST(a_division_by_zero_is_an_exception)
{
	L4_Msg_t msg;
	thread_id_t id = provoke(divide, &msg);

	REQUIRE(!thread_id_is_nil(id));
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], VECTOR_DIVIDE);
	kill(id);
}

TEST(privileged_instructions_are_exceptions)
{
	L4_Msg_t msg;
	thread_id_t id = provoke(halt_cpu, &msg);

	REQUIRE(!thread_id_is_nil(id));
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], VECTOR_GENERAL_PROTECTION);
	kill(id);
	id = provoke(disable_interrupts, &msg);
	REQUIRE(!thread_id_is_nil(id));
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], VECTOR_GENERAL_PROTECTION);
	kill(id);
}

TEST(the_action_port_cannot_be_reached)
{
	L4_Msg_t msg;
	thread_id_t id = provoke(write_action_port, &msg);

	REQUIRE(!thread_id_is_nil(id));
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], VECTOR_GENERAL_PROTECTION);
	CHECK_EQ(after, 0);
	kill(id);
	id = provoke(read_action_port, &msg);
	REQUIRE(!thread_id_is_nil(id));
	CHECK_EQ(msg.mr[EXCEPTION_MR_VECTOR], VECTOR_GENERAL_PROTECTION);
	kill(id);
}

static void invalid_opcode_without_handler(void *arg)
{
	(void)arg;
	L4_Set_ExceptionHandler(THREAD_NIL);
	__asm__ volatile("ud2");
	after = 1;
	rest();
}

TEST(without_a_handler_the_thread_stops)
{
	after = 0;

	thread_id_t id = spawn(invalid_opcode_without_handler, NULL);

	settle();
	CHECK_EQ(after, 0);

	struct l4_exregs regs = {.thread = id.raw};

	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	CHECK_EQ(regs.control & EXREGS_WAS_HALTED, EXREGS_WAS_HALTED);
	kill(id);
}

TAP_MAIN(CASE(an_invalid_opcode_tells_the_registers),
	CASE(the_reply_sets_the_registers),
	CASE(a_reply_cannot_raise_the_privilege),
	CASE(a_reply_with_an_address_that_is_not_canonical_does_no_harm),
	CASE(a_division_by_zero_is_an_exception),
	CASE(privileged_instructions_are_exceptions),
	CASE(the_action_port_cannot_be_reached),
	CASE(without_a_handler_the_thread_stops))
