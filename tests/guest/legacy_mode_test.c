/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that leaves 64-bit mode is back in it by its next entry into the
 * kernel.  QEMU 7.2 carries out a 32-bit IRET of user mode that sets RFLAGS.VM,
 * with whatever selectors and flags the program likes; processors refuse.
 */
#include "guestkernel/abi/item.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/lib/libl4/space.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define TIMEOUT_US 1000000
#define LEGACY_CODE 0x10000u   /* where a thread's 16-bit code is */
#define LEGACY_IP 0x100u       /* there */
#define LEGACY_STACK 0x8000u   /* QEMU takes 16 bits of the pointer */
#define LEGACY_FRAME 0x800u    /* there */
#define EFLAGS 0x23202u	       /* VM, IOPL 3, IF */
#define RFLAGS_SYSTEM 0xe3700u /* but for RF */
#define RFLAGS_IF 0x200u
#define SEL_USER_CODE 0x2b

/* 16-bit instructions. */
static const uint8_t halt[] = {0xf4};
static const uint8_t system_call[] = {0x0f, 0x05};
static const uint8_t loop[] = {0xeb, 0xfe};

/* Both. */
static uint8_t page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static volatile uint16_t cs_after;
static volatile uint64_t rflags_after;
static volatile bool came_back;

static void leave_long_mode(void *unused)
{
	(void)unused;
	image_touch();
	L4_Set_Pager(THREAD_ROOT);
	L4_Set_ExceptionHandler(THREAD_ROOT);
	__asm__ volatile("movq %0, %%rsp\n\t"
			 "iretl"
			 :
			 : "r"((uint64_t)LEGACY_STACK + LEGACY_FRAME)
			 : "memory");
	__builtin_unreachable();
}

static void come_back(void)
{
	uint16_t cs;
	uint64_t rflags;

	__asm__ volatile("movw %%cs, %0\n\t"
			 "pushfq\n\t"
			 "popq %1"
			 : "=r"(cs), "=r"(rflags));
	cs_after = cs;
	rflags_after = rflags;
	came_back = true;
	for (;;)
		L4_Sleep(L4_Never);
}

static void give_page(uint64_t address)
{
	L4_Set_MsgTag(msgtag_make(0, 0, 2));
	L4_LoadMR(1, item_map_word(address & ~(uint64_t)(PAGE_SIZE - 1)));
	L4_LoadMR(2,
		fpage_make((uint64_t)page, FPAGE_LOG2_MIN, FPAGE_RIGHTS).raw);
}

/* As pager and handler: gives the page, and makes an exception the end. */
static void serve_until_exception(thread_id_t id, l4_time_t timeout)
{
	L4_Msg_t msg;
	L4_MsgTag_t tag = L4_Receive_Timeout(id, timeout);

	while (!msgtag_failed(tag) &&
		msgtag_label(tag) >> 4 == PROTOCOL_PAGEFAULT >> 4) {
		L4_MsgStore(tag, &msg);
		give_page(msg.mr[1]);
		tag = L4_Call_Timeouts(id, TIME_ZERO, timeout);
	}
	if (msgtag_failed(tag))
		return;
	CHECK_EQ(msgtag_label(tag), PROTOCOL_EXCEPTION);
	L4_MsgStore(tag, &msg);
	CHECK_EQ(msg.mr[EXCEPTION_MR_RFLAGS] & RFLAGS_SYSTEM, RFLAGS_IF);
	msg.mr[0] = msgtag_make(0, EXCEPTION_WORDS, 0).raw;
	msg.mr[EXCEPTION_MR_RIP] = (uint64_t)come_back;
	msg.mr[EXCEPTION_MR_RSP] = stack_top(NULL, NULL) - 8;
	L4_MsgLoad(&msg);
	(void)L4_Send(id);
	settle();
}

/* For IRET: EIP, CS, EFLAGS, ESP, SS, ES, DS, FS, GS. */
static void make_frame(uint16_t cs, uint16_t ss)
{
	uint32_t *frame = (uint32_t *)(void *)(page + LEGACY_FRAME);

	frame[0] = LEGACY_CODE + LEGACY_IP - 16u * cs;
	frame[1] = cs;
	frame[2] = EFLAGS;
	frame[3] = LEGACY_FRAME;
	frame[4] = ss;
	for (unsigned i = 5; i < 9; i++)
		frame[i] = LEGACY_CODE / 16;
}

static thread_id_t start(
	const uint8_t *code, unsigned size, uint16_t cs, uint16_t ss)
{
	for (unsigned i = 0; i < size; i++)
		page[LEGACY_IP + i] = code[i];
	make_frame(cs, ss);
	came_back = false;
	return spawn_in_new_space(leave_long_mode, NULL);
}

static void check_back(void)
{
	CHECK(came_back);
	CHECK_EQ(cs_after, SEL_USER_CODE);
	CHECK_EQ(rflags_after & RFLAGS_SYSTEM, RFLAGS_IF);
}

static void check_exception(uint16_t cs, uint16_t ss, l4_time_t timeout)
{
	thread_id_t id = start(halt, sizeof(halt), cs, ss);

	REQUIRE(!thread_id_is_nil(id));
	serve_until_exception(id, timeout);
	check_back();
	kill(id);
}

TEST(an_exception_there_is_one_of_64_bit_mode)
{
	check_exception(0xfff, 0, time_period(TIMEOUT_US));
	check_exception(0x1000, 0, TIME_NEVER);
}

TEST(the_selectors_there_give_no_privilege)
{
	check_exception(0x08, 0x10, time_period(TIMEOUT_US));
	check_exception(0x08, 0x10, TIME_NEVER);
	check_exception(SEL_USER_CODE, 0x23, time_period(TIMEOUT_US));
	check_exception(SEL_USER_CODE, 0x23, TIME_NEVER);
}

TEST(a_system_call_there_is_an_exception)
{
	thread_id_t id = start(system_call, sizeof(system_call), 0xfff, 0);

	REQUIRE(!thread_id_is_nil(id));
	serve_until_exception(id, time_period(TIMEOUT_US));
	check_back();
	kill(id);
}

/* A processor that refuses makes an exception of it: also an end. */
TEST(a_loop_there_is_preempted)
{
	thread_id_t id = start(loop, sizeof(loop), 0x08, 0x10);

	REQUIRE(!thread_id_is_nil(id));
	serve_until_exception(id, time_period(10000));
	kill(id);
	CHECK_EQ(L4_MyGlobalId().raw, THREAD_ROOT.raw);
}

TAP_MAIN(CASE(an_exception_there_is_one_of_64_bit_mode),
	CASE(the_selectors_there_give_no_privilege),
	CASE(a_system_call_there_is_an_exception),
	CASE(a_loop_there_is_preempted))
