/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Containers of a domain: allocated, mapped, shared with a second domain,
 * copied logically, and taken back.
 *
 * Arguments: portal=NAME
 */
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/container_server.h"
#include "tests/tap.h"
#include "vmm/abi/control.h"

#define READ CONTAINER_MAP_READ
#define WRITE CONTAINER_MAP_WRITE
#define FRAME CONTAINER_FRAME_SIZE
#define LONG_US 2000000

/* Frame @i of the place for window @place. */
static volatile uint64_t *word_at(unsigned place, unsigned i)
{
	return (volatile uint64_t *)(WINDOW_GPA + place * UINT64_C(0x100000) +
				     i * FRAME);
}

static uint64_t gpa_of(unsigned place)
{
	return (uint64_t)word_at(place, 0);
}

static uint64_t with_frames(uint64_t count)
{
	uint64_t ref = 0;

	CHECK_EQ(container_create(&ref), VMM_OK);
	CHECK_EQ(container_allocate(ref, 0, count, 0), VMM_OK);
	return ref;
}

static uint64_t frames_used(void)
{
	uint64_t word;

	(void)container_request(CONTAINER_ACCOUNT, NULL, 0, NULL);
	L4_StoreMR(3, &word);
	return word;
}

/* What the other domain answers; the error code if it does not. */
static uint64_t ask(uint64_t label, uint64_t first, uint64_t second)
{
	uint64_t word;

	L4_Set_MsgTag(msgtag_make(label, 2, 0));
	L4_LoadMR(1, first);
	L4_LoadMR(2, second);

	L4_MsgTag_t tag = L4_Call_Timeouts(portal_from_args(),
		L4_TimePeriod(LONG_US), L4_TimePeriod(LONG_US));

	if (msgtag_failed(tag))
		return UINT64_MAX - L4_ErrorCode();
	L4_StoreMR(1, &word);
	return word;
}

TEST(frames_are_mapped_written_and_found_again)
{
	uint64_t ref = with_frames(4);

	CHECK_EQ(container_map(ref, 0, 4, READ | WRITE, gpa_of(0), NULL),
		VMM_OK);
	for (unsigned i = 0; i < 4; i++) {
		CHECK_EQ(*word_at(0, i), 0);
		*word_at(0, i) = 100 + i;
	}
	CHECK_EQ(container_unmap(gpa_of(0), 4), VMM_OK);
	CHECK_EQ(container_map(ref, 2, 2, READ, gpa_of(1), NULL), VMM_OK);
	CHECK_EQ(*word_at(1, 0), 102);
	CHECK_EQ(*word_at(1, 1), 103);
	CHECK_EQ(container_unmap(gpa_of(1), 2), VMM_OK);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
}

TEST(account_is_charged_and_released)
{
	uint64_t before = frames_used();
	uint64_t ref = with_frames(9);

	CHECK_EQ(frames_used(), before + 9);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
	CHECK_EQ(frames_used(), before);
}

TEST(requests_are_refused_by_name)
{
	uint64_t ref = with_frames(2);

	CHECK_EQ(container_allocate(ref, 1, 1, 0), VMM_EEXIST);
	CHECK_EQ(container_allocate(ref, 2, CONTAINER_COUNT_MAX + 1, 0),
		VMM_EINVAL);
	CHECK_EQ(container_allocate(ref, 2, 1, 8), VMM_EINVAL);
	CHECK_EQ(container_allocate(60, 0, 1, 0), VMM_EBADREF);
	CHECK_EQ(container_map(ref, 1, 2, READ, gpa_of(0), NULL), VMM_ENOENT);
	CHECK_EQ(container_map(ref, 0, 1, WRITE, gpa_of(0), NULL), VMM_EINVAL);
	CHECK_EQ(container_map(ref, 0, 1, READ, 0x1000, NULL), VMM_EINVAL);
	CHECK_EQ(container_map(ref, 0, 1, READ, gpa_of(0) + 8, NULL),
		VMM_EINVAL);
	CHECK_EQ(container_map(ref, 0, 2, READ, gpa_of(0), NULL), VMM_OK);
	CHECK_EQ(container_map(ref, 0, 1, READ, gpa_of(0) + FRAME, NULL),
		VMM_EEXIST);
	CHECK_EQ(container_unmap(gpa_of(0), 2), VMM_OK);
	CHECK_EQ(container_unmap(gpa_of(0), 2), VMM_ENOENT);
	CHECK_EQ(container_revoke(ref, 2), VMM_EINVAL);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
	CHECK_EQ(container_revoke(ref, 1), VMM_EBADREF);
}

TEST(a_logical_copy_is_made_when_it_is_written)
{
	uint64_t from = with_frames(1), to = with_frames(1), rights = 0;

	CHECK_EQ(container_map(from, 0, 1, READ | WRITE, gpa_of(0), NULL),
		VMM_OK);
	*word_at(0, 0) = 7;
	CHECK_EQ(container_copy(from, 0, to, 0, 1), VMM_OK);
	CHECK_EQ(container_map(to, 0, 1, READ | WRITE, gpa_of(1), &rights),
		VMM_OK);
	CHECK_EQ(rights, READ);
	CHECK_EQ(*word_at(1, 0), 7);
	/* The source is mapped for writing: it gets memory of its own now. */
	*word_at(0, 0) = 8;
	CHECK_EQ(*word_at(0, 0), 8);
	CHECK_EQ(*word_at(1, 0), 7);
	CHECK_EQ(container_unmap(gpa_of(1), 1), VMM_OK);
	CHECK_EQ(container_unmap(gpa_of(0), 1), VMM_OK);
	CHECK_EQ(container_revoke(from, 1), VMM_OK);
	CHECK_EQ(container_revoke(to, 1), VMM_OK);
}

TEST(frames_are_locked_for_devices)
{
	struct container_piece piece[CONTAINER_PHYSICAL_MAX];
	uint64_t ref = with_frames(4), copy = with_frames(4);
	unsigned nr = 0;

	CHECK_EQ(container_copy(ref, 0, copy, 0, 4), VMM_OK);
	CHECK_EQ(container_lock_physical(ref, 0, 4, READ | WRITE, piece, &nr),
		VMM_OK);
	CHECK(nr >= 1 && nr <= 4);
	CHECK(piece[0].address % FRAME == 0 && piece[0].count <= 4);
	/* It is no memory of the program's. */
	CHECK_EQ(container_map(ref, 0, 1, READ, piece[0].address, NULL),
		VMM_EINVAL);
	CHECK_EQ(container_deallocate(ref, 0, 1, 0), VMM_EBUSY);
	CHECK_EQ(container_copy(ref, 0, copy, 0, 4), VMM_EBUSY);
	CHECK_EQ(container_unlock(ref), VMM_OK);
	CHECK_EQ(container_unlock(ref), VMM_EINVAL);
	CHECK_EQ(container_copy(ref, 0, copy, 0, 4), VMM_OK);
	CHECK_EQ(container_lock_physical(ref, 0, 5, READ, piece, &nr),
		VMM_ENOENT);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
	CHECK_EQ(container_revoke(copy, 1), VMM_OK);
}

TEST(force_write_breaks_a_logical_copy)
{
	uint64_t from = with_frames(1), to = with_frames(1), rights = 0;

	CHECK_EQ(container_copy(from, 0, to, 0, 1), VMM_OK);
	CHECK_EQ(container_map(to, 0, 1,
			 READ | WRITE | CONTAINER_MAP_FORCE_WRITE, gpa_of(1),
			 &rights),
		VMM_OK);
	CHECK_EQ(rights, READ | WRITE);
	*word_at(1, 0) = 9;
	CHECK_EQ(container_map(from, 0, 1, READ, gpa_of(0), NULL), VMM_OK);
	CHECK_EQ(*word_at(0, 0), 0);
	CHECK_EQ(container_unmap(gpa_of(0), 1), VMM_OK);
	CHECK_EQ(container_unmap(gpa_of(1), 1), VMM_OK);
	CHECK_EQ(container_revoke(from, 1), VMM_OK);
	CHECK_EQ(container_revoke(to, 1), VMM_OK);
}

TEST(a_second_domain_shares_a_container)
{
	uint64_t ref = with_frames(1), there = 0;

	CHECK_EQ(container_map(ref, 0, 1, READ | WRITE, gpa_of(0), NULL),
		VMM_OK);
	*word_at(0, 0) = 21;
	CHECK_EQ(container_share(ref, READ | WRITE, portal_from_args(), &there),
		VMM_OK);
	CHECK_EQ(ask(SHARED_MAP, there, READ | WRITE), VMM_OK);
	CHECK_EQ(ask(SHARED_PEEK, 0, 0), 21);
	CHECK_EQ(ask(SHARED_POKE, 22, 0), 0);
	CHECK_EQ(*word_at(0, 0), 22);
	CHECK_EQ(ask(SHARED_ALLOCATE, there, 0), VMM_EACCESS);
	CHECK_EQ(ask(SHARED_UNMAP, 0, 0), VMM_OK);
	CHECK_EQ(container_revoke(ref, 0), VMM_OK);
	CHECK_EQ(ask(SHARED_MAP, there, READ), VMM_EBADREF);
	CHECK_EQ(container_unmap(gpa_of(0), 1), VMM_OK);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
}

TEST(a_weak_reference_to_read_maps_nothing_for_writing)
{
	uint64_t ref = with_frames(1), there = 0;

	CHECK_EQ(
		container_share(ref, READ, portal_from_args(), &there), VMM_OK);
	CHECK_EQ(ask(SHARED_MAP, there, READ | WRITE), VMM_EACCESS);
	CHECK_EQ(ask(SHARED_MAP, there, READ), VMM_OK);
	CHECK_EQ(ask(SHARED_UNMAP, 0, 0), VMM_OK);
	CHECK_EQ(container_revoke(ref, 1), VMM_OK);
}

#define ASK(label, result, ...)                                   \
	container_request(label, (const uint64_t[]){__VA_ARGS__}, \
		sizeof((const uint64_t[]){__VA_ARGS__}) / 8, result)

TEST(a_whole_container_in_one_request)
{
	uint64_t from = with_frames(2000), to = with_frames(2000), got;

	CHECK_EQ(container_map(from, 0, 2000, READ | WRITE, gpa_of(0), NULL),
		VMM_OK);
	for (unsigned i = 0; i < 2000; i++)
		*word_at(0, i) = i;
	CHECK_EQ(container_copy(from, 0, to, 0, 2000), VMM_OK);
	CHECK_EQ(container_unmap(gpa_of(0), 2000), VMM_OK);
	CHECK_EQ(container_map(to, 0, 2000, READ, gpa_of(0), NULL), VMM_OK);
	for (unsigned i = 0; i < 2000; i++)
		if (*word_at(0, i) != i)
			CHECK_EQ(*word_at(0, i), i);
	CHECK_EQ(container_unmap(gpa_of(0), 2000), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_DEALLOCATE, &got, to, 0, 2000, 0), VMM_OK);
	CHECK_EQ(got, 2000);
	CHECK_EQ(container_revoke(from, 1), VMM_OK);
	CHECK_EQ(container_revoke(to, 1), VMM_OK);
}

TEST(an_account_is_split_and_merged)
{
	uint64_t part = 0, before = 0, now = 0;

	CHECK_EQ(ASK(CONTAINER_ACCOUNT, &before, 0), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_ACCOUNT_SPLIT, &part, 0, 10, 0), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_CREATE_WITH, &now, 11, 0, 0, part), VMM_EQUOTA);
	CHECK_EQ(ASK(CONTAINER_ACCOUNT_MERGE, &now, 0, part), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_ACCOUNT, &now, 0), VMM_OK);
	CHECK_EQ(now, before);
}

/* Domain 0 is the client, 1 the server: by the names of their files. */
TEST(guarantees_move_by_control)
{
	uint64_t before = 0, now = 0;

	CHECK_EQ(ASK(CONTAINER_CONTROL_MOVE, &now, 1, 0, 16, 0), VMM_EACCESS);
	CHECK_EQ(ASK(CONTAINER_CONTROL, &now, 0), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_CONTROL_READ, &before, 1), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_CONTROL_MOVE, &now, 1, 0, 16, 0), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_CONTROL_READ, &now, 1), VMM_OK);
	CHECK_EQ(now, before - 16);
	CHECK_EQ(ASK(CONTAINER_CONTROL_MOVE, &now, 0, 1, 16, 0), VMM_OK);
	CHECK_EQ(ASK(CONTAINER_CONTROL_PASS, &now, 0, 0,
			 REMOTE_ID_SLOT(portal_from_args().raw)),
		VMM_OK);
	CHECK_EQ(ASK(CONTAINER_CONTROL, &now, 0), VMM_EBUSY);
}

TAP_MAIN(CASE(a_whole_container_in_one_request),
	CASE(an_account_is_split_and_merged), CASE(guarantees_move_by_control),
	CASE(frames_are_mapped_written_and_found_again),
	CASE(account_is_charged_and_released),
	CASE(requests_are_refused_by_name),
	CASE(a_logical_copy_is_made_when_it_is_written),
	CASE(frames_are_locked_for_devices),
	CASE(force_write_breaks_a_logical_copy),
	CASE(a_second_domain_shares_a_container),
	CASE(a_weak_reference_to_read_maps_nothing_for_writing))
