/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Characters by INT3, and the ports that user programs reach: COM1's alone.
 * Source: guestkernel/kdb.c has the operations.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define TIMEOUT_US 100000
#define COM1_FIRST 0x3f8
#define COM1_LAST 0x3ff
#define COM1_STATUS 0x3fd
#define VECTOR_BREAKPOINT 3
#define VECTOR_GENERAL_PROTECTION 13

static thread_id_t tester;
static volatile uint64_t after;

static void rest(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

TEST(characters_and_strings_are_printed)
{
	uint64_t character = '#', string = (uint64_t) "# by INT3\n";

	__asm__ volatile("int3\n\tcmpb $0x00, %%al" : "+a"(character));
	CHECK_EQ(character, '#');
	character = '\n';
	__asm__ volatile("int3\n\tcmpb $0x00, %%al" : "+a"(character));
	__asm__ volatile("int3\n\tcmpb $0x01, %%al" : "+a"(string));
	CHECK(string != 0);
	/* A string that nobody can read is none. */
	string = 0x4000;
	__asm__ volatile("int3\n\tcmpb $0x01, %%al" : "+a"(string));
	CHECK_EQ(string, 0x4000);
}

TEST(no_character_is_minus_one)
{
	uint64_t c = 0;

	__asm__ volatile("int3\n\tcmpb $0x08, %%al" : "+a"(c));
	CHECK_EQ(c, UINT64_MAX);
}

TEST(other_operations_are_passed_over)
{
	uint64_t rax = 5;

	__asm__ volatile("int3\n\tcmpb $0x03, %%al" : "+a"(rax));
	__asm__ volatile("int3\n\tcmpb $0x7e, %%al" : "+a"(rax));
	__asm__ volatile("int3\n\tnop\n\tcmpb $0x03, %%al" : "+a"(rax));
	__asm__ volatile("int3\n\tjmp 1f\n\tmovq $0x4000, %%rax\n1:"
			 : "+a"(rax));
	CHECK_EQ(rax, 5);
}

static void wait_for_character(void *arg)
{
	uint64_t c;

	__asm__ volatile("int3\n\tcmpb $0x0d, %%al" : "=a"(c));
	after = c;
	rest(arg);
}

TEST(who_waits_for_a_character_lets_others_run)
{
	thread_id_t id = spawn(wait_for_character, NULL);
	uint64_t start = L4_SystemClock();

	after = 99;
	L4_Sleep(L4_TimePeriod(30000));
	CHECK(L4_SystemClock() - start < TIMEOUT_US);
	CHECK_EQ(after, 99);
	kill(id);
}

/* --- exceptions, to the tester --- */

static uint16_t port;

static void breakpoint(void *arg)
{
	L4_Set_ExceptionHandler(tester);
	__asm__ volatile("int3\n\tpushq %rax\n\tpopq %rax");
	rest(arg);
}

static void read_port(void *arg)
{
	uint8_t value;

	L4_Set_ExceptionHandler(tester);
	after = 0;
	__asm__ volatile("inb %1, %0" : "=a"(value) : "d"(port));
	after = 1;
	rest(arg);
}

/* The vector of @entry's exception; 0 if there was none. */
static uint64_t provoke(void (*entry)(void *))
{
	L4_Msg_t msg;
	L4_MsgTag_t tag;
	thread_id_t id;

	tester = L4_MyGlobalId();
	id = spawn(entry, NULL);
	settle();
	tag = L4_Receive_Timeout(id, L4_ZeroTime);
	L4_MsgStore(tag, &msg);
	kill(id);
	if (msgtag_failed(tag) || msgtag_label(tag) != PROTOCOL_EXCEPTION)
		return 0;
	return msg.mr[EXCEPTION_MR_VECTOR];
}

TEST(a_breakpoint_that_is_no_operation_is_an_exception)
{
	CHECK_EQ(provoke(breakpoint), VECTOR_BREAKPOINT);
}

TEST(of_all_ports_user_programs_reach_com1)
{
	const uint16_t other[] = {0, 0x20, 0x60, 0x80, COM1_FIRST - 1,
		COM1_LAST + 1, 0xcf8, 0xffff};

	port = COM1_STATUS;
	CHECK_EQ(provoke(read_port), 0);
	CHECK_EQ(after, 1);
	for (unsigned i = 0; i < sizeof(other) / sizeof(*other); i++) {
		port = other[i];
		CHECK_EQ(provoke(read_port), VECTOR_GENERAL_PROTECTION);
		CHECK_EQ(after, 0);
	}
}

TAP_MAIN(CASE(characters_and_strings_are_printed),
	CASE(no_character_is_minus_one), CASE(other_operations_are_passed_over),
	CASE(who_waits_for_a_character_lets_others_run),
	CASE(a_breakpoint_that_is_no_operation_is_an_exception),
	CASE(of_all_ports_user_programs_reach_com1))
