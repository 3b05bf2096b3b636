/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/window.h"

#include <errno.h>
#include <sys/mman.h>

#define HIDE_FRAMES 256u /* taken out in one go after they were dropped */

/* The longest run from @number on that one host mapping can show. */
static struct frame_run run_at(const struct memory_domain *d,
	const struct window *w, uint64_t number, uint64_t end, bool *writable)
{
	uint32_t first = 0;
	uint64_t n = container_run(w->container, number, end, &first, writable);

	return (struct frame_run){
		n ? content_index(d->memory->content, first) : 0, n};
}

/* Takes memory out of [@at, @at + @count), which lies in the window. */
static int hide(struct memory_domain *d, const struct window *w, uint64_t at,
	uint64_t count)
{
	return memslot_clear(d->mem, window_place(w, at), count);
}

void window_guard(struct window *w)
{
	if (!w->writable)
		return;
	w->guarded = true;
	w->unguarded = 0;
}

/*
 * Shows the beginning of [@at, @end), which lies in the window: what one host
 * mapping can show, or a gap.  Returns how many frames, or -errno of mmap.
 */
static int show_some(
	struct memory_domain *d, struct window *w, uint64_t at, uint64_t end)
{
	bool writable = false;
	struct frame_run run = run_at(d, w, at, end, &writable);
	int err;

	if (!run.count) {
		run.count = container_gap(w->container, at, end);
		err = hide(d, w, at, run.count);
		return err ? err : (int)run.count;
	}
	run.count = memslot_run(window_place(w, at), run);
	if (!writable)
		window_guard(w);
	err = memslot_put(d->mem, window_place(w, at),
		content_fd(d->memory->content), run,
		PROT_READ | (w->writable && writable ? PROT_WRITE : 0));
	return err ? err : (int)run.count;
}

/* All of it. */
static int show(
	struct memory_domain *d, struct window *w, uint64_t at, uint64_t end)
{
	int n = 0;

	for (; at < end && n >= 0; at += (unsigned)n)
		n = show_some(d, w, at, end);
	return n < 0 ? n : 0;
}

/* One notice for all of it, before the first piece goes. */
static void tell_closing(struct memory_domain *d, struct window *w)
{
	if (!w->closing)
		notice_put(d, w->gpa, w->count, NOTICE_ALL);
	w->closing = true;
}

/* The 2 MiB of the slot that frame @index of the window lies in. */
static uint64_t region_of(const struct window *w, uint64_t index)
{
	return (w->gpa.addr - WINDOW_GPA + index * FRAME_SIZE) >> 21;
}

static int charge_tables(struct memory_domain *d, const struct window *w)
{
	uint64_t first = region_of(w, 0), last = region_of(w, w->count - 1);
	uint64_t fresh = 0;
	int err;

	for (uint64_t r = first; r <= last; r++)
		fresh += !d->tables[r];
	err = account_charge(&d->holder.account, fresh * TABLE_FRAMES, false);
	/* As any other frame, if its guarantee is used up. */
	if (err &&
		!account_charge(&d->holder.account, fresh * TABLE_FRAMES, true))
		err = 0;
	for (uint64_t r = first; r <= last && !err; r++)
		d->tables[r]++;
	return err;
}

/* The last @count frames of the window go. */
static void release_place(
	struct memory_domain *d, const struct window *w, uint64_t count)
{
	uint64_t first = region_of(w, w->count - count);
	uint64_t last = region_of(w, w->count - 1);
	uint64_t unused = 0;

	if (count < w->count && region_of(w, w->count - count - 1) == first)
		first++;
	for (uint64_t r = first; r <= last; r++)
		unused += !--d->tables[r];
	account_release(&d->holder.account, unused * TABLE_FRAMES);
	account_release_runs(&d->holder.account, count);
}

void window_close(struct memory_domain *d, struct window *w)
{
	tell_closing(d, w);
	hide(d, w, w->start, w->count);
	release_place(d, w, w->count);
	w->count = 0;
}

/*
 * How much of its end lies in one 2 MiB page.  Where a host mapping that covers
 * all of such a page is cut, Linux empties all of it in the second-level page
 * table, 512 frames at once: so its frames are dropped before, and it is cut at
 * its beginning.
 */
static uint64_t end_part(const struct window *w)
{
	uint64_t end = w->gpa.addr / FRAME_SIZE + w->count;
	uint64_t part = (end - 1) % FRAMES_2M + 1;

	return part < w->count ? part : w->count;
}

void window_shrink(struct memory_domain *d, struct window *w)
{
	uint64_t part = end_part(w), left = part - w->dropped;
	uint64_t n = left < UNMAP_FRAMES ? left : UNMAP_FRAMES;

	tell_closing(d, w);
	if (part > UNMAP_FRAMES && n) {
		w->dropped += n;
		memslot_drop(d->mem,
			window_place(w, w->start + w->count - w->dropped), n);
		return;
	}
	if (part > HIDE_FRAMES)
		part = HIDE_FRAMES;
	hide(d, w, w->start + w->count - part, part);
	release_place(d, w, part);
	w->count -= part;
	w->dropped = w->dropped > part ? w->dropped - part : 0;
}

/*
 * A mapping that covers all of a 2 MiB page is made in one piece; a part of
 * one is short, as making it may cut a mapping that does.
 */
int window_show(struct memory_domain *d, struct window *w, uint64_t number,
	uint64_t end)
{
	uint64_t frame = window_place(w, number).addr / FRAME_SIZE;
	uint64_t left = FRAMES_2M - frame % FRAMES_2M;

	if (left > end - number)
		left = end - number;
	if (left < FRAMES_2M && left > SHOW_FRAMES)
		left = SHOW_FRAMES;
	return show_some(d, w, number, number + left);
}

static bool is_place(gpa_t gpa, uint64_t count)
{
	uint64_t offset = gpa.addr - WINDOW_GPA;

	return gpa.addr >= WINDOW_GPA && offset < WINDOW_SIZE &&
	       offset % FRAME_SIZE == 0 &&
	       count <= (WINDOW_SIZE - offset) / FRAME_SIZE;
}

static bool overlap(const struct window *a, const struct window *b)
{
	return a->gpa.addr < b->gpa.addr + b->count * FRAME_SIZE &&
	       b->gpa.addr < a->gpa.addr + a->count * FRAME_SIZE;
}

unsigned windows_over(struct memory *m, const struct container *c,
	uint64_t start, uint64_t count)
{
	struct memory_domain *d;
	unsigned n = 0;

	TAILQ_FOREACH(d, &m->domains, link)
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		const struct window *w = &d->window[i];

		n += w->count && w->container == c &&
		     w->start < start + count && start < w->start + w->count;
	}
	return n;
}

int window_open(struct memory_domain *d, const struct window *window,
	struct window **opened)
{
	struct window *w = NULL;
	int err;

	if (!is_place(window->gpa, window->count))
		return -EINVAL;
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		if (!d->window[i].count)
			w = &d->window[i];
		else if (overlap(&d->window[i], window))
			return -EEXIST;
	}
	/* Each change of a container is shown in all its windows at once. */
	if (!w || windows_over(d->memory, window->container, window->start,
			  window->count) >= WINDOWS_OVERLAP_MAX)
		return -ENFILE;
	/* Each of its frames may come to need a mapping of its own. */
	err = account_charge_runs(&d->holder.account, window->count);
	if (err)
		return err;
	err = charge_tables(d, window);
	if (err) {
		account_release_runs(&d->holder.account, window->count);
		return err;
	}
	*w = *window;
	*opened = w;
	return 0;
}

struct window *window_at(struct memory_domain *d, gpa_t gpa)
{
	for (unsigned i = 0; i < WINDOWS_MAX; i++)
		if (d->window[i].count && d->window[i].gpa.addr == gpa.addr)
			return &d->window[i];
	return NULL;
}

struct window *window_any(struct memory_domain *d)
{
	for (unsigned i = 0; i < WINDOWS_MAX; i++)
		if (d->window[i].count)
			return &d->window[i];
	return NULL;
}

/* What cannot be shown must not show what was there. */
void window_refresh(
	struct memory_domain *d, struct window *w, uint64_t from, uint64_t to)
{
	if (show(d, w, from, to))
		window_close(d, w);
}

static void refresh(struct memory_domain *d, const struct container *c,
	uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		struct window *w = &d->window[i];
		uint64_t from = start > w->start ? start : w->start;
		uint64_t to = w->start + w->count;

		if (!w->count || w->container != c)
			continue;
		if (to > end)
			to = end;
		if (from < to)
			window_refresh(d, w, from, to);
	}
}

void windows_refresh(struct memory *m, const struct container *c,
	uint64_t start, uint64_t count)
{
	struct memory_domain *d;

	TAILQ_FOREACH(d, &m->domains, link)
	refresh(d, c, start, start + count);
}

static void tell_part(struct memory_domain *d, const struct window *w,
	uint64_t from, uint64_t to)
{
	if (from < w->start)
		from = w->start;
	if (to > w->start + w->count)
		to = w->start + w->count;
	if (from < to)
		notice_put(d, window_place(w, from), to - from, NOTICE_ALL);
}

void windows_tell(struct memory *m, const struct container *c, uint64_t start,
	uint64_t count)
{
	struct memory_domain *d;

	TAILQ_FOREACH(d, &m->domains, link)
	for (unsigned i = 0; i < WINDOWS_MAX; i++)
		if (d->window[i].count && d->window[i].container == c)
			tell_part(d, &d->window[i], start, start + count);
}

static bool is_stale(const struct memory_domain *d, const struct window *w,
	const struct memory_domain *but)
{
	const struct reference *r = &d->holder.reference[w->ref];

	return but ? d != but : !r->of || r->serial != w->serial;
}

struct window *window_stale(struct memory *m, const struct container *c,
	const struct memory_domain *but, struct memory_domain **owner)
{
	struct memory_domain *d;

	TAILQ_FOREACH(d, &m->domains, link)
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		struct window *w = &d->window[i];

		if (w->count && w->container == c && is_stale(d, w, but)) {
			*owner = d;
			return w;
		}
	}
	return NULL;
}
