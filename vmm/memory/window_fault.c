/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain touched what its windows do not show, or wrote what they show
 * read-only: logical copies get memory of their own, the rest is told.
 */
#include "vmm/memory/window.h"

/*
 * A shared frame of the window gets memory of its own, or some that are its
 * own by now become writable.  It goes round, from where it came to last time,
 * as who writes goes on behind what was written.
 */
static void unguard(struct memory_domain *d, struct window *w)
{
	uint64_t index = w->guard_at % w->count;
	uint64_t number = w->start + index, end = number + PIECE_FRAMES;
	bool writable = false;
	uint32_t first;
	uint64_t n = 1;

	if (end > w->start + w->count)
		end = w->start + w->count;
	if (container_lookup(w->container, number, &writable) == FRAME_NONE) {
		n = container_gap(w->container, number, end);
	} else if (!writable) {
		if (container_write(w->container, number) > 0)
			windows_refresh(d->memory, w->container, number, 1);
	} else {
		n = container_run(w->container, number, end, &first, &writable);
		window_refresh(d, w, number, number + n);
	}
	w->guard_at = index + n;
	w->unguarded += n;
	if (w->unguarded >= w->count)
		w->guarded = false;
}

/* The window that shows @gpa, or the first behind it; NULL: none. */
static const struct window *window_from(
	const struct memory_domain *d, uint64_t gpa)
{
	const struct window *first = NULL;

	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		const struct window *w = &d->window[i];

		if (w->count && w->gpa.addr + w->count * FRAME_SIZE > gpa &&
			(!first || w->gpa.addr < first->gpa.addr))
			first = w;
	}
	return first;
}

/* Notices of what one window does not show, as notice_put. */
static bool tell_window(struct memory_domain *d, const struct window *w)
{
	uint64_t at = w->start, end = w->start + w->count;
	bool room =
		w->writable || notice_put(d, w->gpa, w->count, NOTICE_WRITE);

	while (room && !container_has(w->container, at, end - at, &at)) {
		uint64_t gap = container_gap(w->container, at, end);

		room = notice_put(d, window_place(w, at), gap, NOTICE_ALL);
		at += gap;
	}
	return room;
}

/* From @gpa to @end there is no window. */
static bool tell_place(struct memory_domain *d, uint64_t gpa, uint64_t end)
{
	return gpa == end || notice_put(d, (gpa_t){gpa},
				     (end - gpa) / FRAME_SIZE, NOTICE_ALL);
}

/* Until the ring is full: then its kernel takes it that nothing is there. */
static void tell_all(struct memory_domain *d)
{
	uint64_t at = WINDOW_GPA;
	const struct window *w = window_from(d, at);
	bool room = true;

	for (; w && room; w = window_from(d, at)) {
		room = tell_place(d, at, w->gpa.addr) && tell_window(d, w);
		at = w->gpa.addr + w->count * FRAME_SIZE;
	}
	if (room)
		(void)tell_place(d, at, WINDOW_GPA + WINDOW_SIZE);
}

/*
 * What a copy under way has lent is not paid for twice: were its source written
 * meanwhile, there might be no memory for it.  And what is about to go is not to
 * be seen again.  So that comes first.
 */
static bool help_first(const struct window *w)
{
	struct memory_domain *busy = w->shared->busy;

	if (!busy || !busy->job.pending)
		return false;
	job_piece(busy);
	return true;
}

static bool unguard_any(struct memory_domain *d)
{
	for (unsigned i = 0; i < WINDOWS_MAX; i++)
		if (d->window[i].count) {
			if (help_first(&d->window[i]))
				return true;
			if (!d->window[i].guarded)
				continue;
			unguard(d, &d->window[i]);
			return true;
		}
	return false;
}

static enum window_fault tell_fault(struct memory_domain *d)
{
	struct notices *n = &d->notices;

	if (n->news)
		n->faults = 0;
	else if (++n->faults > NOTICE_FAULTS_MAX)
		return FAULT_LOOP;
	else
		tell_all(d);
	n->news = false;
	return FAULT_TOLD;
}

enum window_fault windows_fault(struct memory_domain *d)
{
	return unguard_any(d) ? FAULT_RESOLVED : tell_fault(d);
}

/* The window that @gpa is in; NULL: none. */
static struct window *window_over(struct memory_domain *d, gpa_t gpa)
{
	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		struct window *w = &d->window[i];

		if (w->count && gpa.addr >= w->gpa.addr &&
			gpa.addr - w->gpa.addr < w->count * FRAME_SIZE)
			return w;
	}
	return NULL;
}

enum window_fault window_fault(struct memory_domain *d, gpa_t gpa, bool write)
{
	struct window *w = window_over(d, gpa);
	uint64_t number;
	bool writable;

	if (w && help_first(w))
		return FAULT_RESOLVED;
	if (!w || !write || !w->guarded)
		return tell_fault(d);
	number = w->start + (gpa.addr - w->gpa.addr) / FRAME_SIZE;
	if (container_lookup(w->container, number, &writable) == FRAME_NONE)
		return tell_fault(d);
	if (container_write(w->container, number) > 0)
		windows_refresh(d->memory, w->container, number, 1);
	else
		window_refresh(d, w, number, number + 1);
	return FAULT_RESOLVED;
}
