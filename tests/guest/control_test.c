/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ThreadControl and SpaceControl: what they refuse and by which name, in what
 * order threads and spaces may be made, moved and deleted.
 * Source: L4 X.2 Reference Manual, "ThreadControl", "SpaceControl".
 */
#include "guestkernel/abi/error.h"
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/protocol.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libhurd/thread.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/thread.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define NONE UTCB_LOCATION_NONE
#define UTCB_A UTCB_AREA_BASE

static const thread_id_t nobody = {UINT64_C(0x1000000000001)};
static volatile uint64_t seen;

static thread_id_t fresh(void)
{
	uint64_t unused;

	return root_thread_reserve(&unused);
}

static uint64_t control(thread_id_t dest, thread_id_t space,
	thread_id_t scheduler, thread_id_t pager, uint64_t location)
{
	if (L4_ThreadControl(dest, space, scheduler, pager, location))
		return L4_OK;
	return L4_ErrorCode();
}

static uint64_t space_control(
	thread_id_t id, uint64_t kip, uint64_t utcb, uint64_t *old)
{
	if (L4_SpaceControl(
		    id, 0, (fpage_t){kip}, (fpage_t){utcb}, THREAD_NIL, old))
		return L4_OK;
	return L4_ErrorCode();
}

static uint64_t area(uint64_t base, unsigned log2)
{
	return base | (uint64_t)log2 << 4;
}

static void rest(void *arg)
{
	(void)arg;
	for (;;)
		L4_Sleep(L4_Never);
}

static void note_utcb(void *arg)
{
	seen = L4_MyLocalId().raw;
	rest(arg);
}

static void send_start(thread_id_t id, void (*entry)(void *))
{
	L4_Set_MsgTag(msgtag_make(0, START_WORDS, 0));
	L4_LoadMR(1, (uint64_t)thread_entry);
	L4_LoadMR(2, stack_top(entry, NULL));
	CHECK(!msgtag_failed(L4_Send_Timeout(id, L4_ZeroTime)));
	settle();
}

TEST(what_is_no_users_thread_is_refused)
{
	thread_id_t self = L4_MyGlobalId();
	const thread_id_t bad[] = {L4_MyLocalId(), THREAD_NIL, THREAD_ANY,
		THREAD_ANY_LOCAL, thread_id_global(THREAD_SYSTEM_BASE, 1),
		thread_id_global(THREAD_USER_BASE - 1, 1)};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_EQ(control(bad[i], self, self, THREAD_NIL, NONE),
			L4_INVALID_THREAD);
}

TEST(deleting_what_is_not_there_succeeds)
{
	CHECK_EQ(control(fresh(), THREAD_NIL, THREAD_NIL, THREAD_NIL, NONE),
		L4_OK);
	CHECK_EQ(control(L4_MyGlobalId(), THREAD_NIL, THREAD_NIL, THREAD_NIL,
			 NONE),
		L4_INVALID_THREAD);
}

TEST(deleting_goes_by_number_whatever_the_version)
{
	thread_id_t id = spawn(rest, NULL);
	thread_id_t other = thread_id_global(thread_id_number(id), 9);

	CHECK_EQ(control(other, THREAD_NIL, THREAD_NIL, THREAD_NIL, NONE),
		L4_OK);
	CHECK(thread_id_is_nil(L4_LocalIdOf(id)));
}

/* Local ids of nobody, which are errors to all other ThreadControls. */
TEST(deleting_looks_at_neither_scheduler_nor_pager_nor_location)
{
	const thread_id_t bad = {0x4000};
	thread_id_t id;

	for (unsigned i = 0; i < 3; i++) {
		id = spawn(rest, NULL);
		CHECK_EQ(control(id, THREAD_NIL, i == 0 ? bad : THREAD_NIL,
				 i == 1 ? bad : THREAD_NIL, i == 2 ? 1 : NONE),
			L4_OK);
		CHECK(thread_id_is_nil(L4_LocalIdOf(id)));
	}
}

TEST(a_new_thread_needs_a_scheduler_and_a_space)
{
	thread_id_t self = L4_MyGlobalId(), id = fresh();

	CHECK_EQ(control(id, self, THREAD_NIL, THREAD_NIL, NONE),
		L4_INVALID_SCHEDULER);
	CHECK_EQ(control(id, self, (thread_id_t){0x4000}, THREAD_NIL, NONE),
		L4_INVALID_SCHEDULER);
	CHECK_EQ(control(id, nobody, self, THREAD_NIL, NONE), L4_INVALID_SPACE);
	CHECK_EQ(control(id, (thread_id_t){0x4000}, self, THREAD_NIL, NONE),
		L4_INVALID_SPACE);
	CHECK_EQ(control(id, self, self, (thread_id_t){0x4000}, NONE),
		L4_INVALID_THREAD);
	/* A space is not laid out by the call that makes it. */
	CHECK_EQ(control(id, id, self, self, UTCB_A), L4_INVALID_SPACE);
	CHECK(thread_id_is_nil(L4_LocalIdOf(id)));
}

TEST(local_ids_name_space_scheduler_and_pager)
{
	uint64_t utcb;
	thread_id_t self = L4_MyLocalId();
	thread_id_t id = root_thread_reserve(&utcb);

	CHECK_EQ(control(id, self, self, self, utcb), L4_OK);
	seen = 0;
	send_start(id, note_utcb);
	CHECK_EQ(seen, utcb + UTCB_POINTER);
	kill(id);
}

TEST(activation_needs_a_utcb_in_the_area)
{
	uint64_t utcb;
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = root_thread_reserve(&utcb);
	const uint64_t bad[] = {NONE, 0, utcb + 512, UTCB_A - UTCB_SIZE,
		UTCB_A + (UINT64_C(1) << UTCB_AREA_LOG2)};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		CHECK_EQ(control(id, self, self, self, bad[i]), L4_UTCB_AREA);
		CHECK_EQ(control(id, self, self, THREAD_NIL, bad[i]), L4_OK);
		CHECK_EQ(control(id, self, THREAD_NIL, self, NONE),
			L4_UTCB_AREA);
		kill(id);
	}
	CHECK_EQ(control(id, self, self, self, utcb), L4_OK);
	CHECK_EQ(control(id, self, THREAD_NIL, THREAD_NIL, utcb), L4_UTCB_AREA);
	kill(id);
}

TEST(an_inactive_thread_cannot_be_started_by_exchange_registers)
{
	thread_id_t self = L4_MyGlobalId(), id = fresh();

	CHECK_EQ(control(id, self, self, THREAD_NIL, NONE), L4_OK);
	CHECK(thread_id_is_nil(L4_Start_SpIp(id, 0, 0)));
	CHECK_EQ(L4_ErrorCode(), L4_INVALID_THREAD);
	kill(id);
}

/* Location with the first call, or with the one that activates. */
TEST(both_orders_of_making_a_task_work)
{
	thread_id_t self = L4_MyGlobalId();
	uint64_t old;

	for (unsigned early = 0; early < 2; early++) {
		thread_id_t id = fresh();

		CHECK_EQ(control(id, id, self, THREAD_NIL,
				 early ? UTCB_A : NONE),
			L4_OK);
		CHECK_EQ(control(id, id, THREAD_NIL, self,
				 early ? NONE : UTCB_A),
			L4_INVALID_SPACE);
		CHECK_EQ(space_control(id, area(KIP_BASE, 12), area(UTCB_A, 13),
				 &old),
			L4_OK);
		CHECK_EQ(old, 0);
		CHECK_EQ(control(id, id, THREAD_NIL, self,
				 early ? NONE : UTCB_A),
			L4_OK);
		kill(id);
	}
}

TEST(areas_that_do_not_fit_are_refused)
{
	thread_id_t self = L4_MyGlobalId(), id = fresh();
	uint64_t old, kip = area(KIP_BASE, 12), utcb = area(UTCB_A, 12);

	CHECK_EQ(control(id, id, self, THREAD_NIL, NONE), L4_OK);
	CHECK_EQ(space_control(id, kip, 0, &old), L4_UTCB_AREA);
	CHECK_EQ(space_control(id, kip, area(UTCB_A, 11), &old), L4_UTCB_AREA);
	CHECK_EQ(space_control(id, kip, area(UINT64_C(1) << 47, 12), &old),
		L4_UTCB_AREA);
	CHECK_EQ(space_control(id, kip, area(~UINT64_C(0xfff), 12), &old),
		L4_UTCB_AREA);
	CHECK_EQ(space_control(id, 0, utcb, &old), L4_KIP_AREA);
	CHECK_EQ(
		space_control(id, area(KIP_BASE, 11), utcb, &old), L4_KIP_AREA);
	CHECK_EQ(space_control(id, area(UINT64_C(1) << 47, 12), utcb, &old),
		L4_KIP_AREA);
	CHECK_EQ(space_control(id, area(UTCB_A, 12), area(UTCB_A, 13), &old),
		L4_KIP_AREA);
	CHECK_EQ(space_control(
			 id, area(UTCB_A + 4096, 12), area(UTCB_A, 13), &old),
		L4_KIP_AREA);
	/* After all that it is as it was. */
	CHECK_EQ(space_control(id, kip, utcb, &old), L4_OK);
	/* Once laid out, areas are not looked at. */
	CHECK_EQ(space_control(id, 0, 0, &old), L4_OK);
	kill(id);
}

TEST(space_control_names_a_thread_that_exists)
{
	uint64_t old;
	thread_id_t id = spawn(rest, NULL);
	const thread_id_t bad[] = {nobody, THREAD_NIL, THREAD_ANY,
		L4_LocalIdOf(id), thread_id_global(thread_id_number(id), 9)};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_EQ(space_control(bad[i], area(KIP_BASE, 12),
				 area(UTCB_A, 12), &old),
			L4_INVALID_SPACE);
	kill(id);
}

/* Pistachio's spaces of 32-bit programs: there are none here. */
TEST(a_compatibility_space_is_not_promised)
{
	thread_id_t self = L4_MyGlobalId(), id = fresh();
	uint64_t old = 1;

	CHECK_EQ(control(id, id, self, THREAD_NIL, NONE), L4_OK);
	CHECK(L4_SpaceControl(id, UINT64_C(1) << 63,
		      (fpage_t){area(KIP_BASE, 12)},
		      (fpage_t){area(UTCB_A, 12)}, THREAD_NIL, &old) != 0);
	CHECK_EQ(old, 0);
	kill(id);
}

static volatile uint64_t result, error;

static void try_space_control(void *arg)
{
	uint64_t old;

	result = L4_SpaceControl(
		L4_MyGlobalId(), 0, FPAGE_NIL, FPAGE_NIL, THREAD_NIL, &old);
	error = L4_ErrorCode();
	rest(arg);
}

TEST(only_root_tasks_may_lay_out_spaces)
{
	thread_id_t id = spawn_in_new_space(try_space_control, NULL);

	settle();
	CHECK_EQ(result, 0);
	CHECK_EQ(error, L4_NO_PRIVILEGE);
	kill(id);
}

TEST(a_thread_moves_to_another_space)
{
	thread_id_t self = L4_MyGlobalId();
	thread_id_t id = spawn(note_utcb, NULL);
	thread_id_t home = space_create();
	struct l4_exregs regs = {
		.control = EXREGS_SET_SP | EXREGS_SET_IP | EXREGS_SET_PAGER |
			   EXREGS_CANCEL_RECEIVE,
		.ip = (uint64_t)thread_entry,
		.pager = pager_thread().raw,
	};

	settle();
	CHECK_EQ(control(id, home, THREAD_NIL, THREAD_NIL, NONE), L4_UTCB_AREA);
	CHECK_EQ(control(id, home, THREAD_NIL, THREAD_NIL, UTCB_A + UTCB_SIZE),
		L4_OK);
	/* Not of this space any more, but paged from here. */
	regs.thread = id.raw;
	regs.sp = stack_top(note_utcb, NULL);
	CHECK_EQ(control(id, home, THREAD_NIL, self, NONE), L4_OK);
	seen = 0;
	CHECK(!thread_id_is_nil(L4_ExchangeRegisters(&regs)));
	settle();
	CHECK_EQ(seen, UTCB_A + UTCB_SIZE + UTCB_POINTER);
	kill(id);
	kill(home);
	/* Oneself is not moved. */
	home = space_create();
	CHECK_EQ(control(self, home, THREAD_NIL, THREAD_NIL, UTCB_A),
		L4_INVALID_SPACE);
	kill(home);
}

TEST(a_thread_that_moves_last_takes_its_space_along)
{
	thread_id_t self = L4_MyGlobalId(), id = space_create();

	/* Inactive: it moves without a UTCB. */
	CHECK_EQ(control(id, self, THREAD_NIL, THREAD_NIL, NONE), L4_OK);
	kill(id);
}

TAP_MAIN(CASE(what_is_no_users_thread_is_refused),
	CASE(deleting_what_is_not_there_succeeds),
	CASE(deleting_goes_by_number_whatever_the_version),
	CASE(deleting_looks_at_neither_scheduler_nor_pager_nor_location),
	CASE(a_new_thread_needs_a_scheduler_and_a_space),
	CASE(local_ids_name_space_scheduler_and_pager),
	CASE(activation_needs_a_utcb_in_the_area),
	CASE(an_inactive_thread_cannot_be_started_by_exchange_registers),
	CASE(both_orders_of_making_a_task_work),
	CASE(areas_that_do_not_fit_are_refused),
	CASE(space_control_names_a_thread_that_exists),
	CASE(a_compatibility_space_is_not_promised),
	CASE(only_root_tasks_may_lay_out_spaces),
	CASE(a_thread_moves_to_another_space),
	CASE(a_thread_that_moves_last_takes_its_space_along))
