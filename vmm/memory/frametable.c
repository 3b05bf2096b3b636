/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Next fit, so that frames taken one after the other lie side by side while
 * the table has room.
 */
#include "vmm/memory/frametable.h"

#include <errno.h>
#include <stdlib.h>

int frame_table_init(
	struct frame_table *t, uint32_t count, struct content *content)
{
	*t = (struct frame_table){.content = content, .count = count};
	t->references = calloc(count, sizeof(t->references[0]));
	return t->references ? 0 : -ENOMEM;
}

void frame_table_fini(struct frame_table *t)
{
	free(t->references);
	t->references = NULL;
}

uint32_t frame_take(struct frame_table *t)
{
	if (t->used == t->count)
		return FRAME_NONE;
	while (t->references[t->cursor])
		t->cursor = (t->cursor + 1) % t->count;
	t->references[t->cursor] = 1;
	t->used++;
	return t->cursor;
}

void frame_reference(struct frame_table *t, uint32_t frame)
{
	t->references[frame]++;
}

void frame_put(struct frame_table *t, uint32_t frame)
{
	if (--t->references[frame] == 0)
		t->used--;
}
