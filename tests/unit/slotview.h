/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a domain's slot for windows shows, without a VM.
 */
#ifndef TESTS_UNIT_SLOTVIEW_H
#define TESTS_UNIT_SLOTVIEW_H

#include <stdbool.h>
#include <sys/mman.h>

#include "vmm/abi/container.h"
#include "vmm/memory/memslot.h"

#define PLACES (WINDOW_SIZE / FRAME_SIZE)

struct view {
	uint32_t frame[PLACES]; /* index in the memfd + 1; 0: nothing */
	int prot[PLACES];
};

static inline uint64_t view_place(gpa_t gpa)
{
	return (gpa.addr - WINDOW_GPA) / FRAME_SIZE;
}

static inline void view_put(
	struct view *v, gpa_t gpa, struct frame_run run, int prot)
{
	for (uint64_t i = 0; i < run.count; i++) {
		v->frame[view_place(gpa) + i] = (uint32_t)(run.first + i) + 1;
		v->prot[view_place(gpa) + i] = prot;
	}
}

static inline void view_clear(struct view *v, gpa_t gpa, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		v->frame[view_place(gpa) + i] = 0;
}

/** view_shows - as memslot_shows(). */
static inline bool view_shows(
	const struct view *v, gpa_t gpa, struct frame_run run, int prot)
{
	uint64_t place = view_place(gpa), n = 0;

	while (n < run.count &&
		(prot == PROT_NONE ? !v->frame[place + n]
				   : v->frame[place + n] == run.first + n + 1 &&
					     v->prot[place + n] == prot))
		n++;
	return n == run.count;
}

#endif
