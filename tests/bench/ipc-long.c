/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long messages between spaces: all 63 words, and strings in memory that both
 * sides have mapped.
 */
#include "guestkernel/abi/item.h"
#include "servers/lib/libhurd/task.h"
#include "tests/bench/bench.h"
#include "tests/bench/oneway.h"
#include "tests/guest/fixture.h"

#define SIZE_MAX_BYTES 65536

enum kind { LONG, EMPTY };

static char source[SIZE_MAX_BYTES] __attribute__((aligned(PAGE_SIZE)));
static char place[SIZE_MAX_BYTES] __attribute__((aligned(PAGE_SIZE)));

/* Answers each message with an empty one. */
static void receive(void *arg)
{
	thread_id_t from = THREAD_ANY;

	(void)arg;
	/* Both sides have all of their memory. */
	for (unsigned i = 0; i < SIZE_MAX_BYTES; i += PAGE_SIZE)
		place[i] = 0;
	L4_Accept(ACCEPT_STRINGS);
	L4_LoadBR(1, item_string_word(SIZE_MAX_BYTES));
	L4_LoadBR(2, (uint64_t)place);
	(void)L4_Wait(&from);
	for (;;) {
		thread_id_t next = THREAD_ANY;

		L4_Set_MsgTag(MSGTAG_EMPTY);
		(void)oneway(EMPTY, from, &next);
		from = next;
	}
}

static void measure(const char *name, thread_id_t to, L4_MsgTag_t tag)
{
	oneway_reset(LONG);
	for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
		thread_id_t from = to;

		L4_Set_MsgTag(tag);
		if (msgtag_failed(oneway(LONG, to, &from)))
			panic("%s: error %lu", name, L4_ErrorCode());
	}
	oneway_report(name, LONG);
}

static void measure_string(const char *name, thread_id_t to, uint64_t size)
{
	L4_LoadMR(1, item_string_word(size));
	L4_LoadMR(2, (uint64_t)source);
	measure(name, to, msgtag_make(0, 0, 2));
}

int main(void)
{
	thread_id_t receiver = spawn_in_new_space(receive, NULL);

	for (unsigned i = 0; i < SIZE_MAX_BYTES; i++)
		source[i] = (char)i;
	settle();
	measure("ipc-63-words", receiver, msgtag_make(0, UTCB_MR_COUNT - 1, 0));
	measure_string("string-4k", receiver, 4096);
	measure_string("string-64k", receiver, SIZE_MAX_BYTES);
	for (unsigned i = 0; i < SIZE_MAX_BYTES; i++)
		if (place[i] != source[i])
			panic("byte %u did not arrive", i);
	return 0;
}
