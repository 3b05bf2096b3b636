/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sigma0 and wortel survive messages that make no sense, and still serve.
 */
#include "guestkernel/abi/protocol.h"
#include "servers/abi/wortel.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "tests/tap.h"

#define MESSAGES 3000

static uint64_t state = 1;

/* Source: Marsaglia, "Xorshift RNGs". */
static uint64_t random_word(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

/* Often a value at which something changes, else any. */
static uint64_t hostile_word(void)
{
	static const uint64_t edge[] = {0, 1, 8, 10, 14, 0x10, 0xfff, 0x1000,
		0x400000, 0xf00000, 0x1000000, 0xbf000000, UINT64_C(1) << 47,
		UINT64_C(1) << 63, UINT64_MAX - 0xfff, UINT64_MAX};
	uint64_t r = random_word();

	if (r % 3 != 0)
		return edge[r / 3 % (sizeof(edge) / sizeof(edge[0]))];
	return random_word() >> r / 3 % 64;
}

/* Sends without waiting for an answer; a refused item is no matter. */
static void send_hostile(thread_id_t to, uint64_t label)
{
	unsigned untyped = (unsigned)(random_word() % 24);
	unsigned typed = (unsigned)(random_word() % 8);

	for (unsigned i = 1; i <= 32; i++)
		L4_LoadMR(i, hostile_word());
	L4_Set_MsgTag(msgtag_make(
		label, untyped, random_word() % 4 != 0 ? 0 : typed));
	(void)L4_Send_Timeout(to, L4_TimePeriod(1000000));
}

/* What sigma0 does not know, or requests that name no whole region. */
TEST(sigma0_survives)
{
	thread_id_t sigma0 = {startup_page()->sigma0};
	static const uint64_t label[] = {PROTOCOL_SIGMA0_EXT,
		PROTOCOL_PAGEFAULT, PROTOCOL_EXCEPTION, PROTOCOL_IO_FAULT,
		PROTOCOL_INTERRUPT, 0};

	for (unsigned i = 0; i < MESSAGES; i++)
		send_hostile(sigma0, label[i % 6] | random_word() % 16);
	for (unsigned i = 0; i < MESSAGES; i++) {
		fpage_t odd = {hostile_word() & ~UINT64_C(0x3f0)};

		(void)L4_Sigma0_GetPage(sigma0, odd);
	}
	CHECK(!fpage_is_nil(L4_Sigma0_GetAny(sigma0, FPAGE_LOG2_MIN)));
}

/*
 * All but what would rightly end this task: its exit, a fault or exception of
 * its own, and a thread that starts nowhere.
 */
TEST(wortel_survives)
{
	thread_id_t wortel = {startup_page()->wortel};
	uint64_t error;

	for (unsigned i = 0; i < MESSAGES; i++)
		send_hostile(wortel,
			i % 2 ? WORTEL_THREAD_DELETE + random_word() % 3
			      : WORTEL_TASK_EXIT + 1 + random_word() % 99);
	L4_Set_MsgTag(msgtag_make(77, 2, 0));
	REQUIRE(!msgtag_failed(L4_Call(wortel)));
	L4_StoreMR(1, &error);
	CHECK_EQ(error, WORTEL_EINVAL);
}

TAP_MAIN(CASE(sigma0_survives), CASE(wortel_survives))
