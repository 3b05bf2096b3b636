/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings and buffers of every shape: pieces, compound strings, lengths of
 * zero, more of one than of the other, and descriptions that are wrong.
 * Source: L4 X.2 Reference Manual, "StringItem", "IPC".
 */
#include "guestkernel/abi/item.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/fixture.h"
#include "tests/tap.h"

#define AREA 8192
#define WORDS 33 /* BR1.., or MR1.. */
#define BYTES 3000
#define GAP 3 /* between pieces, which lie backwards */

#define BAD_ITEM UINT64_C(0xc)
#define HINTS UINT64_C(6)

static char source[AREA], place[AREA];

static uint64_t buffer[WORDS]; /* from BR1 on */
static bool accepts;
static volatile uint64_t received; /* the receiver's ErrorCode */
static uint64_t seen[4];	   /* its MR1.. */
static thread_id_t receiver;

static void receive_strings(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	for (;;) {
		L4_MsgTag_t tag;

		for (unsigned i = 0; i < WORDS - 1; i++)
			L4_LoadBR(i + 1, buffer[i]);
		L4_Accept(accepts ? ACCEPT_STRINGS : ACCEPT_UNTYPED);
		tag = L4_Wait(&from);
		received = msgtag_failed(tag) ? L4_ErrorCode() : 0;
		for (unsigned i = 0; i < sizeof(seen) / sizeof(seen[0]); i++)
			L4_StoreMR(i + 1, &seen[i]);
	}
}

/* The receiver takes @n words as buffers from now on, none of them written. */
static void prepare(const uint64_t *word, unsigned n)
{
	for (unsigned i = 0; i < AREA; i++) {
		source[i] = (char)(1 + i % 127);
		place[i] = 0;
	}
	for (unsigned i = 0; i < WORDS; i++)
		buffer[i] = i < n ? word[i] : 0;
	accepts = n > 0;
	if (thread_id_is_nil(receiver)) {
		receiver = spawn(receive_strings, NULL);
	} else {
		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)L4_Send(receiver);
	}
	settle();
	received = 99;
}

static uint64_t send_words(const uint64_t *word, unsigned n)
{
	uint64_t code;

	L4_Set_MsgTag(msgtag_make(0, 0, n));
	for (unsigned i = 0; i < n; i++)
		L4_LoadMR(i + 1, word[i]);
	code = msgtag_failed(L4_Send(receiver)) ? L4_ErrorCode() : 0;
	settle();
	return code;
}

static uint64_t string_of(uint64_t length, unsigned pieces)
{
	return item_string_word(length) | (uint64_t)(pieces - 1) << 4;
}

/* --- all shapes beside all --- */

struct part {
	unsigned pieces;
	unsigned length; /* of each */
};

#define PARTS 3

/* Each of BYTES bytes. */
static const struct part shapes[][PARTS] = {
	{{1, 3000}},
	{{3, 1000}},
	{{1, 1}, {1, 2999}},
	{{10, 100}, {2, 1000}},
	{{1, 0}, {1, 3000}},
	{{4, 0}, {2, 500}, {5, 400}},
	{{2, 1500}, {3, 0}},
	{{20, 149}, {4, 5}},
	{{1, 2}, {3, 999}, {1, 1}},
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* As one compound string at @area; returns how many words it takes. */
static unsigned describe(const struct part *part, char *area, uint64_t *word)
{
	char *at = area + AREA;
	unsigned n = 0;

	for (unsigned i = 0; i < PARTS && part[i].pieces; i++) {
		bool more = i + 1 < PARTS && part[i + 1].pieces;

		word[n++] = string_of(part[i].length, part[i].pieces) |
			    (more ? ITEM_STRING_COMPOUND : 0);
		for (unsigned k = 0; k < part[i].pieces; k++) {
			at -= part[i].length + GAP;
			word[n++] = (uint64_t)at;
		}
	}
	return n;
}

/* The byte at @at of what a string of this shape is about. */
static char *byte_of(const struct part *part, char *area, unsigned at)
{
	char *piece = area + AREA;

	for (;; part++)
		for (unsigned k = 0; k < part->pieces; k++) {
			piece -= part->length + GAP;
			if (at < part->length)
				return piece + at;
			at -= part->length;
		}
}

static unsigned bytes_written(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < AREA; i++)
		n += place[i] != 0;
	return n;
}

static void check_pair(const struct part *from, const struct part *to)
{
	uint64_t word[WORDS];
	unsigned wrong = 0;

	prepare(word, describe(to, place, word));
	CHECK_EQ(send_words(word, describe(from, source, word)), 0);
	CHECK_EQ(received, 0);
	for (unsigned i = 0; i < BYTES; i++)
		wrong += *byte_of(to, place, i) != *byte_of(from, source, i);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(bytes_written(), BYTES);
}

TEST(strings_of_any_shape_go_into_buffers_of_any_shape)
{
	for (unsigned i = 0; i < SHAPES; i++)
		for (unsigned k = 0; k < SHAPES; k++)
			check_pair(shapes[i], shapes[k]);
}

/* --- which string goes where --- */

TEST(each_string_has_a_buffer_of_its_own)
{
	uint64_t to[] = {string_of(100, 1) | ITEM_CONTINUES, (uint64_t)place,
		string_of(50, 2) | ITEM_CONTINUES | ITEM_STRING_COMPOUND,
		(uint64_t)place + 100, (uint64_t)place + 150, string_of(50, 1),
		(uint64_t)place + 200, string_of(100, 1),
		(uint64_t)place + 250};
	uint64_t from[] = {string_of(10, 1), (uint64_t)source, string_of(0, 1),
		(uint64_t)source, string_of(20, 1), (uint64_t)source};

	/* The third buffer begins behind all parts of the second. */
	to[5] |= ITEM_CONTINUES;
	prepare(to, 9);
	CHECK_EQ(send_words(from, 6), 0);
	CHECK_EQ(received, 0);
	CHECK(place[9] == source[9] && place[10] == 0);
	CHECK_EQ(place[100], 0);
	CHECK(place[250] == source[0] && place[269] == source[19]);
	CHECK_EQ(bytes_written(), 30);
	CHECK(seen[0] == from[0] && seen[3] == from[3]);
}

TEST(the_next_buffer_counts_only_if_the_one_before_says_so)
{
	uint64_t to[] = {string_of(100, 1), (uint64_t)place, string_of(100, 1),
		(uint64_t)place + 100};
	uint64_t from[] = {string_of(10, 1) | ITEM_CONTINUES, (uint64_t)source,
		string_of(20, 1), (uint64_t)source};

	prepare(to, 4);
	CHECK_EQ(send_words(from, 4),
		ipc_error_code(IPC_SEND, IPC_OVERFLOW, 10));
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, 10));
	CHECK_EQ(bytes_written(), 10);
}

TEST(a_string_of_no_bytes_needs_a_buffer)
{
	uint64_t to[] = {string_of(0, 1), (uint64_t)place};
	uint64_t from[] = {string_of(0, 1), (uint64_t)source, string_of(0, 1),
		(uint64_t)source};

	prepare(to, 2);
	CHECK_EQ(send_words(from, 2), 0);
	CHECK_EQ(received, 0);
	prepare(to, 2);
	CHECK_EQ(send_words(from, 4), IPC_SEND_OVERFLOW);
	CHECK_EQ(received, IPC_RECEIVE_OVERFLOW);
	prepare(NULL, 0);
	CHECK_EQ(send_words(from, 2), IPC_SEND_OVERFLOW);
	CHECK_EQ(received, IPC_RECEIVE_OVERFLOW);
}

TEST(a_buffer_of_no_bytes_holds_none)
{
	uint64_t to[] = {string_of(0, 3), (uint64_t)place, (uint64_t)place,
		(uint64_t)place};
	uint64_t from[] = {string_of(1, 1), (uint64_t)source};

	prepare(to, 4);
	CHECK_EQ(send_words(from, 2), IPC_SEND_OVERFLOW);
	CHECK_EQ(received, IPC_RECEIVE_OVERFLOW);
	CHECK_EQ(bytes_written(), 0);
}

TEST(hints_about_caches_change_nothing)
{
	uint64_t to[] = {string_of(100, 1) | HINTS, (uint64_t)place};
	uint64_t from[] = {string_of(100, 1) | HINTS, (uint64_t)source};

	prepare(to, 2);
	CHECK_EQ(send_words(from, 2), 0);
	CHECK_EQ(received, 0);
	CHECK_EQ(bytes_written(), 100);
}

/* In the order of the pieces, so the last one counts. */
TEST(pieces_may_overlap)
{
	uint64_t to[] = {
		string_of(100, 2), (uint64_t)place, (uint64_t)place + 50};
	uint64_t from[] = {
		string_of(100, 2), (uint64_t)source, (uint64_t)source + 7};

	prepare(to, 3);
	CHECK_EQ(send_words(from, 3), 0);
	CHECK(place[49] == source[49] && place[50] == source[7] &&
		place[149] == source[106] && place[150] == 0);
}

/* --- what is no proper description --- */

TEST(buffers_end_with_the_registers)
{
	uint64_t to[WORDS] = {string_of(10, 31)};
	uint64_t from[] = {string_of(310, 1), (uint64_t)source};

	for (unsigned i = 1; i < WORDS; i++)
		to[i] = (uint64_t)place + 10 * i;
	prepare(to, 32);
	CHECK_EQ(send_words(from, 2), 0);
	CHECK_EQ(received, 0);
	CHECK_EQ(bytes_written(), 310);
	/* One more piece would be in the register behind the last. */
	to[0] = string_of(10, 32);
	prepare(to, 32);
	CHECK_EQ(send_words(from, 2), IPC_SEND_OVERFLOW);
	CHECK_EQ(received, IPC_RECEIVE_OVERFLOW);
	CHECK_EQ(bytes_written(), 0);
}

TEST(what_is_no_buffer_holds_nothing)
{
	uint64_t to[] = {BAD_ITEM, (uint64_t)place};
	uint64_t from[] = {string_of(1, 1), (uint64_t)source};

	prepare(to, 2);
	CHECK_EQ(send_words(from, 2), IPC_SEND_OVERFLOW);
	CHECK_EQ(received, IPC_RECEIVE_OVERFLOW);
}

TEST(a_string_must_be_in_the_message_with_all_its_pieces)
{
	uint64_t to[] = {string_of(1000, 1) | ITEM_CONTINUES, (uint64_t)place,
		string_of(1000, 1), (uint64_t)place + 1000};
	uint64_t from[] = {string_of(10, 1), (uint64_t)source, string_of(10, 4),
		(uint64_t)source};

	prepare(to, 4);
	CHECK_EQ(send_words(from, 4),
		ipc_error_code(IPC_SEND, IPC_OVERFLOW, 10));
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_OVERFLOW, 10));
	CHECK_EQ(bytes_written(), 10);
}

TEST(addresses_that_no_user_has_abort_it)
{
	static const uint64_t address[] = {UINT64_C(1) << 47, UINT64_MAX - 4,
		UINT64_C(0x800000000000) - 8};
	uint64_t to[] = {string_of(100, 1), (uint64_t)place};
	uint64_t from[] = {string_of(100, 1), (uint64_t)source};

	for (unsigned i = 0; i < sizeof(address) / sizeof(address[0]); i++) {
		to[1] = (uint64_t)place;
		from[1] = address[i];
		prepare(to, 2);
		CHECK_EQ(ipc_error_of(send_words(from, 2)), IPC_ABORTED);
		CHECK_EQ(ipc_error_of(received), IPC_ABORTED);
		to[1] = address[i];
		from[1] = (uint64_t)source;
		prepare(to, 2);
		CHECK_EQ(ipc_error_of(send_words(from, 2)), IPC_ABORTED);
		CHECK_EQ(ipc_error_of(received), IPC_ABORTED);
	}
}

TEST(the_kernels_pages_can_be_read_but_not_written)
{
	uint64_t to[] = {string_of(100, 1), (uint64_t)place};
	uint64_t from[] = {string_of(100, 1), KIP_BASE};

	prepare(to, 2);
	CHECK_EQ(send_words(from, 2), 0);
	CHECK_EQ(place[0], 'L');
	from[1] = (uint64_t)source;
	to[1] = KIP_BASE;
	prepare(to, 2);
	CHECK_EQ(send_words(from, 2), ipc_error_code(IPC_SEND, IPC_ABORTED, 0));
	CHECK_EQ(received, ipc_error_code(IPC_RECEIVE, IPC_ABORTED, 0));
}

TAP_MAIN(CASE(strings_of_any_shape_go_into_buffers_of_any_shape),
	CASE(each_string_has_a_buffer_of_its_own),
	CASE(the_next_buffer_counts_only_if_the_one_before_says_so),
	CASE(a_string_of_no_bytes_needs_a_buffer),
	CASE(a_buffer_of_no_bytes_holds_none),
	CASE(hints_about_caches_change_nothing), CASE(pieces_may_overlap),
	CASE(buffers_end_with_the_registers),
	CASE(what_is_no_buffer_holds_nothing),
	CASE(a_string_must_be_in_the_message_with_all_its_pieces),
	CASE(addresses_that_no_user_has_abort_it),
	CASE(the_kernels_pages_can_be_read_but_not_written))
