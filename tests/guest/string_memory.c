/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/guest/string_memory.h"

#include "guestkernel/abi/item.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"

#define PAGE_SIZE 4096
#define FRESH_SIZE (8 * STRINGS_MAX)
#define UNALIGNED 5

/* Nobody maps anything there. */
#define NOWHERE UINT64_C(0x50000000)

extern char string_pattern[]; /* string_pattern.S */

static char memory[2][STRINGS_MAX + PAGE_SIZE]
	__attribute__((aligned(PAGE_SIZE)));
static char fresh[FRESH_SIZE] __attribute__((aligned(PAGE_SIZE)));
static char stack[PAGE_SIZE] __attribute__((aligned(16)));
static uint64_t fresh_used;
static enum strings_kind buffer_kind;
static char *buffer;
static thread_id_t usual_pager, silent_pager;

static void silent_main(void *arg)
{
	L4_ThreadId_t from;

	(void)arg;
	for (;;)
		(void)L4_Wait(&from);
}

void strings_init(void)
{
	usual_pager = L4_Pager();
	silent_pager = thread_create(silent_main, NULL, stack, sizeof(stack));
}

/* Byte @i of a string at @place: pieces lie backwards. */
static char *at(enum strings_kind kind, char *place, uint64_t size, uint64_t i)
{
	uint64_t half = size / 2, quarter = half / 4;

	if (kind != STRINGS_PIECES)
		return place + i;
	if (i < half)
		return place + half + (3 - i / quarter) * quarter + i % quarter;
	i -= half;
	return place + (1 - i / (half / 2)) * (half / 2) + i % (half / 2);
}

static unsigned pieces(char *place, uint64_t size, uint64_t *word)
{
	uint64_t half = size / 2;
	unsigned n = 0;

	word[n++] = item_string_word(half / 4) | UINT64_C(3) << 4 |
		    ITEM_STRING_COMPOUND;
	for (unsigned i = 0; i < 4; i++)
		word[n++] = (uint64_t)at(
			STRINGS_PIECES, place, size, i * (half / 4));
	word[n++] = item_string_word(half / 2) | UINT64_C(1) << 4;
	for (unsigned i = 0; i < 2; i++)
		word[n++] = (uint64_t)at(
			STRINGS_PIECES, place, size, half + i * (half / 2));
	return n;
}

static unsigned describe(
	enum strings_kind kind, char *place, uint64_t size, uint64_t *word)
{
	unsigned n = 0;

	L4_Set_Pager(kind == STRINGS_NOWHERE ? silent_pager : usual_pager);
	if (kind == STRINGS_PIECES)
		return pieces(place, size, word);
	if (kind == STRINGS_TWO)
		size /= 2;
	word[n++] = item_string_word(size);
	word[n++] = (uint64_t)place;
	if (kind == STRINGS_TWO) {
		word[0] |= ITEM_CONTINUES;
		word[n++] = item_string_word(size);
		word[n++] = (uint64_t)place + size;
	}
	return n;
}

unsigned strings_source(enum strings_kind kind, uint64_t size, uint64_t *word)
{
	char *place = memory[0] + UNALIGNED;

	if (kind == STRINGS_NOWHERE)
		place = (char *)NOWHERE;
	else if (kind == STRINGS_FRESH)
		place = string_pattern;
	else
		for (uint64_t i = 0; i < size; i++)
			*at(kind, place, size, i) = string_byte(i);
	return describe(kind, place, size, word);
}

static char *fresh_take(uint64_t size)
{
	char *at = fresh + fresh_used;

	fresh_used += (size + 2 * PAGE_SIZE) & ~(uint64_t)(PAGE_SIZE - 1);
	if (fresh_used > sizeof(fresh))
		panic("no fresh memory is left");
	return at + UNALIGNED;
}

void strings_accept(enum strings_kind kind, uint64_t size)
{
	uint64_t word[STRINGS_WORDS];
	unsigned n;

	buffer_kind = kind;
	buffer = memory[1] + UNALIGNED;
	if (kind == STRINGS_NOWHERE)
		buffer = (char *)NOWHERE;
	else if (kind == STRINGS_FRESH)
		buffer = fresh_take(size);
	else
		for (uint64_t i = 0; i < STRINGS_MAX; i++)
			buffer[i] = 0;
	n = describe(kind, buffer, size, word);
	for (unsigned i = 0; i < n; i++)
		L4_LoadBR(i + 1, word[i]);
	L4_Accept(kind == STRINGS_NONE ? ACCEPT_UNTYPED : ACCEPT_STRINGS);
}

uint64_t strings_right(uint64_t size)
{
	uint64_t i = 0;

	if (buffer_kind == STRINGS_NOWHERE)
		return 0;
	while (i < size && *at(buffer_kind, buffer, size, i) == string_byte(i))
		i++;
	return i;
}
