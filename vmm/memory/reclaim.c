/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/memory/reclaim.h"

#include "vmm/memory/piece.h"
#include "vmm/memory/policy.h"
#include "vmm/memory/window.h"

/*
 * What it may have in addition it pays for before its balloon shrinks; what it
 * has to give back, it pays for until the balloon has grown.
 */
static void set_balloon(struct memory_domain *d)
{
	struct account *a = &d->holder.account;
	uint64_t may = least(d->balloon, a->extra), used = a->used.frames;
	uint64_t more =
		may > used ? least(may - used, account_room(a, true)) : 0;

	if (!reclaim_is_there(d->owner))
		return; /* later, if it is being made */
	if (account_charge(a, more, true))
		return; /* there is room */
	may = least(may, used + more);
	if (may == d->reclaim.granted)
		return;
	d->reclaim.granted = may;
	reclaim_balloon(d->owner, d->balloon - may);
}

void reclaim_changed(struct memory *m)
{
	struct memory_domain *d;

	TAILQ_FOREACH(d, &m->domains, link)
	if (d->balloon)
		set_balloon(d);
	policy_publish(m);
}

void reclaim_balloon_holds(struct memory_domain *d, uint64_t pages)
{
	struct account *a = &d->holder.account;
	struct reclaim *r = &d->reclaim;
	uint64_t has = d->balloon - least(pages, d->balloon);
	uint64_t pays = has > r->granted ? has : r->granted;
	bool before = r->overdrawn;

	r->overdrawn = pays > a->used.frames ? pays - a->used.frames : 0;
	if (!r->overdrawn)
		r->late = false;
	else if (!before && !account_excess(a))
		reclaim_ask(d->owner, RECLAIM_NO_IRQ, r->overdrawn,
			RECLAIM_BALLOON_US);
	if (pays < a->used.frames) {
		account_release(a, a->used.frames - pays);
		reclaim_changed(d->memory);
	}
}

uint64_t reclaim_limit(struct memory_domain *d, uint64_t extra, uint64_t us)
{
	struct account *a = &d->holder.account;
	uint64_t before = account_excess(a), owed = account_limit(a, extra);

	if (d->balloon)
		set_balloon(d);
	if (!owed)
		return 0;
	if (owed > before)
		d->reclaim.asked += owed - before;
	if (!us)
		account_expire(a);
	if (reclaim_is_there(d->owner))
		reclaim_ask(d->owner, d->reclaim.irq, owed, us);
	return owed;
}

/* Asks others for @frames, but for none that their configuration gives them. */
static void ask_others(struct memory *m, uint64_t frames, uint64_t us)
{
	struct memory_domain *d;

	TAILQ_FOREACH(d, &m->domains, link)
	frames -= least(frames, account_excess(&d->holder.account));
	TAILQ_FOREACH(d, &m->domains, link)
	{
		const struct account *a = &d->holder.account;
		uint64_t has = least(account_lent(a), a->extra);
		uint64_t give = least(frames, has - least(has, d->extra));

		if (give)
			reclaim_limit(d, has - give, us);
		frames -= give;
	}
}

uint64_t reclaim_for_return(struct memory *m, uint64_t frames, uint64_t us)
{
	struct account *a = &m->returning;
	uint64_t missing;

	a->extra = frames;
	if (account_charge(a, account_room(a, true), true))
		return frames; /* there is room */
	missing = frames - a->used.frames;
	ask_others(m, missing, us);
	reclaim_changed(m);
	return missing;
}

void reclaim_returned(struct memory *m)
{
	account_release(&m->returning, m->returning.used.frames);
	m->returning.extra = 0;
}

void reclaim_expired(struct memory_domain *d)
{
	account_expire(&d->holder.account);
	d->reclaim.late = d->reclaim.overdrawn != 0;
}

/* Which of two is taken from first. */
static const struct reference *first_of(
	const struct reference *a, const struct reference *b)
{
	if (!a || a->of->rank != b->of->rank)
		return !a || b->of->rank > a->of->rank ? b : a;
	return b->serial > a->serial ? b : a;
}

/* A container's first reference is its creator's, whose account pays. */
static struct shared_container *choose(const struct memory_domain *d)
{
	const struct reference *best = NULL;

	for (unsigned i = 1; i < REFERENCES_MAX; i++) {
		const struct reference *r = &d->holder.reference[i];

		if (r->of && !r->depth &&
			(!r->of->lock ||
				container_is_pinned(r->of->container)) &&
			container_account(r->of->container) ==
				&d->holder.account &&
			container_frames(r->of->container))
			best = first_of(best, r);
	}
	return best ? best->of : NULL;
}

/* A run of frames at the end of the container, few enough for one piece. */
static uint64_t find_last(
	struct memory_domain *d, const struct container *c, uint64_t most)
{
	uint64_t *at = &d->reclaim.at, n = 0;
	bool writable;

	if (d->reclaim.from != c || !*at)
		*at = CONTAINER_SIZE_MAX;
	d->reclaim.from = c;
	for (unsigned i = 0; i < LOOK_FRAMES && *at; i++, (*at)--)
		if (container_lookup(c, *at - 1, &writable) != FRAME_NONE)
			break;
	while (n < most && n < *at &&
		container_lookup(c, *at - 1 - n, &writable) != FRAME_NONE)
		n++;
	return n;
}

static void take(struct memory_domain *d, struct container *c, uint64_t most)
{
	uint64_t n = find_last(d, c, most), start = d->reclaim.at - n;
	unsigned windows = n ? windows_over(d->memory, c, start, n) : 0;

	if (windows > 1 && n > PIECE_FRAMES / windows)
		n = PIECE_FRAMES / windows;
	start = d->reclaim.at - n;
	if (!n)
		return;
	windows_tell(d->memory, c, start, n);
	if (container_deallocate(c, start, &n, 0))
		return; /* they are there */
	windows_refresh(d->memory, c, start, n);
	d->reclaim.at = start;
	d->reclaim.forced += n;
}

enum reclaim_step reclaim_piece(struct memory_domain *d)
{
	uint64_t owed = account_overdue(&d->holder.account);
	struct shared_container *s;

	d->memory->waits = false;
	if (d->reclaim.late)
		return RECLAIM_STUCK;
	if (!owed)
		return RECLAIM_DONE;
	s = choose(d);
	if (!s)
		return RECLAIM_STUCK;
	if (s->busy)
		job_piece(s->busy);
	else if (!container_is_pinned(s->container))
		take(d, s->container, least(owed, PIECE_FRAMES));
	else if (operation_unpin(d->memory, s->container))
		s->lock = NULL; /* a device's lock protects no longer */
	reclaim_changed(d->memory);
	return d->memory->waits ? RECLAIM_WAITS : RECLAIM_MORE;
}
