/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bump allocator behind libxml2's four memory functions.
 */
#include "vmm/config/arena.h"

#include <libxml/xmlmemory.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA_SIZE ((size_t)256 << 20)
#define ALIGN 16u

/* libxml2's functions get no argument that could carry this. */
static struct {
	char *next;
	char *end;
} arena;

/* In front of each piece: its size, for arena_realloc(). */
struct piece {
	_Alignas(ALIGN) size_t size;
};

static void *arena_malloc(size_t size)
{
	size_t room = (size_t)(arena.end - arena.next);

	if (size > SIZE_MAX / 2 || sizeof(struct piece) + size + ALIGN > room)
		return NULL;

	struct piece *piece = (struct piece *)arena.next;

	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	piece->size = size;
	arena.next += sizeof(*piece) + size;
	return piece + 1;
}

/* The last piece can be taken back; libxml2 often frees what is newest. */
static void arena_free(void *memory)
{
	struct piece *piece = memory;

	if (memory && (char *)memory + piece[-1].size == arena.next)
		arena.next = (char *)&piece[-1];
}

static void *arena_realloc(void *memory, size_t size)
{
	struct piece *piece = memory;

	if (!memory)
		return arena_malloc(size);
	if (size <= piece[-1].size)
		return memory;

	size_t used = piece[-1].size;

	arena_free(memory);

	void *bigger = arena_malloc(size);

	if (bigger && bigger != memory)
		memcpy(bigger, memory, used);
	return bigger;
}

static char *arena_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

void arena_setup(void)
{
	char *start = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED)
		return; /* libxml2 goes on with malloc */
	madvise(start, ARENA_SIZE, MADV_HUGEPAGE);
	arena.next = start;
	arena.end = start + ARENA_SIZE;
	xmlMemSetup(arena_free, arena_malloc, arena_realloc, arena_strdup);
}
