/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is taken together lies side by side if a look at few blocks finds room;
 * a new block is begun before memory falls into pieces.
 */
#include "vmm/memory/frametable.h"

#include <errno.h>
#include <stdlib.h>

#define WORD_BITS 64u
#define LOOKS 4u /* blocks in which a run is looked for */

static void set_free(struct frame_block *b, uint32_t index)
{
	b->free[index / WORD_BITS] |= UINT64_C(1) << index % WORD_BITS;
	b->nr_free++;
}

/* Blocks at the end that are no whole ones are never empty. */
static struct frame_blocks *list_of(
	struct frame_table *t, const struct frame_block *b)
{
	return b->nr_free == FRAMES_2M ? &t->empty : &t->partial;
}

int frame_table_init(
	struct frame_table *t, uint32_t count, struct content *content)
{
	uint32_t blocks = (uint32_t)((count + FRAMES_2M - 1) / FRAMES_2M);

	*t = (struct frame_table){.content = content, .count = count};
	TAILQ_INIT(&t->empty);
	TAILQ_INIT(&t->partial);
	t->references = calloc(count, sizeof(t->references[0]));
	t->block = calloc(blocks, sizeof(t->block[0]));
	if (!t->references || !t->block) {
		frame_table_fini(t);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < count; i++)
		set_free(&t->block[i / FRAMES_2M], i % FRAMES_2M);
	for (uint32_t i = 0; i < blocks; i++)
		TAILQ_INSERT_TAIL(list_of(t, &t->block[i]), &t->block[i], link);
	return 0;
}

void frame_table_fini(struct frame_table *t)
{
	free(t->references);
	free(t->block);
	t->references = NULL;
	t->block = NULL;
}

static uint32_t frame_of(
	const struct frame_table *t, const struct frame_block *b)
{
	return (uint32_t)((uint64_t)(b - t->block) * FRAMES_2M);
}

static bool is_free(const struct frame_table *t, uint32_t frame)
{
	return frame < t->count && !t->references[frame];
}

static bool is_empty(const struct frame_table *t, uint32_t frame)
{
	return t->block[frame / FRAMES_2M].nr_free == FRAMES_2M;
}

/* A block that others are taken from last, as it may be about to be filled. */
static uint32_t take(struct frame_table *t, uint32_t frame)
{
	struct frame_block *b = &t->block[frame / FRAMES_2M];
	uint32_t index = frame % FRAMES_2M;

	t->references[frame] = 1;
	t->used++;
	b->free[index / WORD_BITS] &= ~(UINT64_C(1) << index % WORD_BITS);
	if (b->nr_free == FRAMES_2M) {
		TAILQ_REMOVE(&t->empty, b, link);
		TAILQ_INSERT_TAIL(&t->partial, b, link);
	}
	if (!--b->nr_free)
		TAILQ_REMOVE(&t->partial, b, link);
	return frame;
}

/* The first of @run free frames of a block, as an index; FRAMES_2M: none. */
static uint32_t find_run(const struct frame_block *b, uint64_t run)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < FRAMES_2M; i++) {
		if (i % WORD_BITS == 0 && !b->free[i / WORD_BITS]) {
			n = 0;
			i += WORD_BITS - 1;
			continue;
		}
		n = b->free[i / WORD_BITS] >> i % WORD_BITS & 1 ? n + 1 : 0;
		if (n == run)
			return i + 1 - n;
	}
	return FRAMES_2M;
}

/* Takes the first of a run, from one of few blocks. */
static uint32_t take_run(struct frame_table *t, uint64_t run)
{
	struct frame_block *b = TAILQ_FIRST(&t->partial);

	for (unsigned i = 0; b && i < LOOKS; i++, b = TAILQ_NEXT(b, link)) {
		uint32_t index = b->nr_free < run ? (uint32_t)FRAMES_2M
						  : find_run(b, run);

		if (index < FRAMES_2M)
			return take(t, frame_of(t, b) + index);
	}
	return FRAME_NONE;
}

uint32_t frame_take(struct frame_table *t, uint32_t wanted, uint64_t run)
{
	struct frame_block *empty = TAILQ_FIRST(&t->empty);
	bool all = run >= FRAMES_2M;
	uint32_t frame = FRAME_NONE;

	if (is_free(t, wanted) && is_empty(t, wanted) == all)
		return take(t, wanted);
	if (!all || !empty)
		frame = take_run(t, all ? 1 : run);
	if (frame == FRAME_NONE && empty)
		frame = take(t, frame_of(t, empty));
	return frame == FRAME_NONE ? take_run(t, 1) : frame;
}

void frame_reference(struct frame_table *t, uint32_t frame)
{
	t->references[frame]++;
}

void frame_put(struct frame_table *t, uint32_t frame)
{
	struct frame_block *b = &t->block[frame / FRAMES_2M];

	if (--t->references[frame])
		return;
	t->used--;
	if (b->nr_free)
		TAILQ_REMOVE(&t->partial, b, link);
	set_free(b, frame % FRAMES_2M);
	TAILQ_INSERT_TAIL(list_of(t, b), b, link);
}
