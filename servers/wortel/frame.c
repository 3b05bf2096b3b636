/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of the tasks.  A table in the order of allocation, searched from the
 * start: a domain here has some hundred frames, and a page faults once.
 */
#include "servers/wortel/frame.h"

#include "servers/lib/libc/string.h"
#include "servers/lib/libl4/sigma0.h"

#define FRAMES_MAX 16384
#define BATCH_LOG2 16 /* what is asked of sigma0 at once, if it has it */

static struct frame frame[FRAMES_MAX];
static uint32_t nr_frames;

struct frame *frame_find(uint32_t task, uint64_t address)
{
	for (uint32_t i = 0; i < nr_frames; i++)
		if (frame[i].task == task && frame[i].address == address)
			return &frame[i];
	return NULL;
}

/* Adds free frames to the table. */
static void frames_fetch(void)
{
	fpage_t got = L4_Sigma0_GetAny(THREAD_SIGMA0, BATCH_LOG2);

	if (fpage_is_nil(got))
		got = L4_Sigma0_GetAny(THREAD_SIGMA0, FPAGE_LOG2_MIN);
	if (fpage_is_nil(got))
		return;

	uint64_t end = fpage_base(got) + fpage_size(got);

	for (uint64_t at = fpage_base(got); at < end && nr_frames < FRAMES_MAX;
		at += FRAME_SIZE)
		frame[nr_frames++] = (struct frame){
			.memory = (void *)at,
			.task = FRAME_FREE,
		};
}

static struct frame *frame_find_free(void)
{
	for (uint32_t i = 0; i < nr_frames; i++)
		if (frame[i].task == FRAME_FREE)
			return &frame[i];
	return NULL;
}

struct frame *frame_alloc(uint32_t task, uint64_t address)
{
	struct frame *f = frame_find_free();

	if (f == NULL) {
		frames_fetch();
		f = frame_find_free();
	}
	if (f == NULL)
		return NULL;

	memset(f->memory, 0, FRAME_SIZE);
	f->task = task;
	f->address = address;
	f->rights = 0;
	return f;
}

void frame_free(struct frame *f)
{
	f->task = FRAME_FREE;
}

void frame_free_all(uint32_t task)
{
	for (uint32_t i = 0; i < nr_frames; i++)
		if (frame[i].task == task)
			frame_free(&frame[i]);
}

int frame_map_region(uint64_t start, uint64_t size)
{
	for (uint64_t at = start; at < start + size; at += FRAME_SIZE) {
		fpage_t page = fpage_make(at, FPAGE_LOG2_MIN, FPAGE_RIGHTS);

		if (fpage_is_nil(L4_Sigma0_GetPage(THREAD_SIGMA0, page)))
			return -1;
	}
	return 0;
}
