/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames in all windows over a container, a few windows at a time: a host
 * mapping takes 25 us.
 */
#include <sys/mman.h>

#include "vmm/memory/window.h"

#define PUT_WINDOWS 2u /* in one piece */

/* All of it, in as many host mappings as it takes. */
static int put(struct memory_domain *d, const struct window *w, uint64_t at,
	struct frame_run run)
{
	int err = 0;

	while (run.count && !err) {
		gpa_t place = window_place(w, at);
		struct frame_run part = {run.first, memslot_run(place, run)};

		err = memslot_put(d->mem, place, content_fd(d->memory->content),
			part, PROT_READ);
		at += part.count;
		run.first += part.count;
		run.count -= part.count;
	}
	return err;
}

/* Returns false if there was nothing to do in this window. */
static bool lend_in(struct memory_domain *d, struct window *w, uint64_t at,
	struct frame_run run)
{
	if (memslot_shows(d->mem, window_place(w, at), run, PROT_READ))
		return false;
	window_guard(w);
	if (put(d, w, at, run))
		window_close(d, w);
	return true;
}

static bool hide_in(struct memory_domain *d, struct window *w, uint64_t at,
	struct frame_run run)
{
	gpa_t place = window_place(w, at);

	if (memslot_shows(d->mem, place, run, PROT_NONE))
		return false;
	if (memslot_clear(d->mem, place, run.count))
		window_close(d, w);
	return true;
}

/* Frames that are its own. */
static bool show_in(struct memory_domain *d, struct window *w, uint64_t at,
	struct frame_run run)
{
	int prot = PROT_READ | (w->writable ? PROT_WRITE : 0);

	if (memslot_shows(d->mem, window_place(w, at), run, prot))
		return false;
	window_refresh(d, w, at, at + run.count);
	return true;
}

/* Calls @change for the part of each window, until it has changed a few. */
static bool change_some(struct memory *m, const struct container *c,
	uint64_t start, struct frame_run run,
	bool (*change)(struct memory_domain *d, struct window *w, uint64_t at,
		struct frame_run run))
{
	struct memory_domain *d;
	unsigned changed = 0;

	TAILQ_FOREACH(d, &m->domains, link)
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		struct window *w = &d->window[i];
		uint64_t skip = w->start > start ? w->start - start : 0;
		uint64_t end = w->start + w->count;
		uint64_t n = end < start + run.count ? end - start : run.count;

		if (!w->count || w->container != c || end <= start || n <= skip)
			continue;
		if (changed == PUT_WINDOWS)
			return false;
		changed += change(d, w, start + skip,
			(struct frame_run){run.first + skip, n - skip});
	}
	return true;
}

bool windows_lend(struct memory *m, const struct container *c, uint64_t start,
	uint32_t first, uint64_t count)
{
	const struct frame_run run = {content_index(m->content, first), count};

	return change_some(m, c, start, run, lend_in);
}

bool windows_show(struct memory *m, const struct container *c, uint64_t number)
{
	bool writable;
	uint32_t first = container_lookup(c, number, &writable);
	const struct frame_run run = {content_index(m->content, first), 1};

	return change_some(m, c, number, run, show_in);
}

bool windows_hide(struct memory *m, const struct container *c, uint64_t start,
	uint64_t count)
{
	const struct frame_run run = {0, count};

	return change_some(m, c, start, run, hide_in);
}
