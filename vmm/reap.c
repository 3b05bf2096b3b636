/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/reap.h"

#include <stdio.h>

#include "vmm/complain.h"
#include "vmm/executor.h"
#include "vmm/hurry.h"
#include "vmm/populate.h"
#include "vmm/setup.h"
#include "vmm/system.h"

/* Others have so long to give back what a restarted domain needs; then it is
 * taken, which has so long until the restart fails. */
#define NOTICE_US 5000000
#define FORCE_US 5000000
#define RESTARTS_MAX 5 /* of one domain; then it stays down */

/* An ended domain's account goes on in the next life of its name. */
static void keep_account(struct system *s, const struct domain *d)
{
	struct domain_account *a = &s->measurement->domain[d->index];

	system_export(s);
	s->ended[d->index] = *a;
}

/*
 * Making and unmaking a domain holds the host kernel's lock of our address
 * space, which executors may come to wait for: nobody is to be before us then.
 */
static struct rank hurry(const struct system *s, unsigned i)
{
	bool real_time = s->executor[s->launch->domain[i].cpu]->real_time;

	return hurry_begin(real_time ? EXECUTOR_PRIORITY - 1 : 0);
}

static int restart(struct system *s, unsigned i)
{
	struct rank was = hurry(s, i);
	struct domain *d = setup_domain(s, i);

	while (d && setup_any_reserved(s) &&
		populate_step(&s->filler, &d->mem, &d->populated))
		;
	if (d && setup_any_reserved(s))
		domain_populate(d);
	hurry_end(was);
	if (!d)
		return -1;
	system_lock(s);
	s->ended[i].restarts++;
	s->domain[i] = d;
	setup_enlist(d, clock_now());
	system_trace_domain(s, d);
	if (d->memory) /* its balloon may have a limit already */
		reclaim_changed(&s->memory);
	executor_kick(d->ex);
	system_unlock(s);
	return 0;
}

/* How many frames of its RAM others have, who are asked for them. */
static uint64_t missing_frames(struct system *s, unsigned i)
{
	uint64_t frames = domain_balloon(&s->launch->domain[i]);
	uint64_t now = clock_now(),
		 notice = s->returns[i] - clock_ticks_from_us(FORCE_US);
	uint64_t missing;

	if (!frames)
		return 0;
	system_lock(s);
	missing = reclaim_for_return(&s->memory, frames,
		notice > now ? clock_ns_from_ticks(notice - now) / 1000 : 0);
	system_unlock(s);
	return missing;
}

/* Returns true if it has to wait for its RAM. */
static bool try_restart(struct system *s, unsigned i)
{
	const char *name = launch_string(s->launch, s->launch->domain[i].name);
	uint64_t missing = missing_frames(s, i);

	if (missing && clock_now() < s->returns[i])
		return true;
	s->returns[i] = 0;
	if (missing)
		complain("domain %s cannot be restarted: others use %llu "
			 "frames of its RAM and did not give them back",
			name, (unsigned long long)missing);
	else if (!restart(s, i))
		complain("domain %s restarted", name);
	system_lock(s);
	reclaim_returned(&s->memory);
	system_unlock(s);
	return false;
}

/* The calls and capabilities that were too many for its end. */
static void unlink_all(struct system *s, struct domain *d)
{
	bool more;

	do {
		system_lock(s);
		more = portal_unlink_piece(d);
		system_unlock(s);
	} while (more);
}

/* A domain that its executor has let go: take it away, maybe start it anew. */
static void reap(struct system *s, unsigned i, bool quiet)
{
	struct domain *d = s->domain[i];
	bool again = d->life == DOMAIN_CRASHED &&
		     d->conf->on_crash == LAUNCH_CRASH_RESTART &&
		     d->vcputhread.how == RUNNER_EXECUTOR;
	char name[BOOT_NAME_MAX];
	char why[sizeof(d->why)];
	enum domain_life life = d->life;
	int status = d->exit_status;
	struct rank was = hurry(s, i);

	snprintf(name, sizeof(name), "%s", d->name);
	snprintf(why, sizeof(why), "%s", d->why);
	unlink_all(s, d);
	system_lock(s);
	keep_account(s, d);
	s->domain[i] = NULL;
	s->life[i] = life;
	s->status[i] = status;
	system_unlock(s);
	vcputhread_join(d);
	domain_destroy(d);
	hurry_end(was);
	if (life == DOMAIN_CRASHED)
		complain("domain %s crashed: %s", name, why);
	else if (!quiet)
		complain("domain %s ended with status %d", name, status);
	if (again && s->ended[i].restarts < RESTARTS_MAX)
		s->returns[i] =
			clock_now() + clock_ticks_from_us(NOTICE_US + FORCE_US);
}

bool reap_all(struct system *s, bool quiet)
{
	bool later = false;

	for (unsigned i = 0; i < s->nr_domains; i++) {
		struct domain *d = s->domain[i];
		bool dead;
		bool free_now;

		system_lock(s);
		dead = d && d->life != DOMAIN_LIVE;
		free_now = dead && d->detached;
		system_unlock(s);
		if (free_now)
			reap(s, i, quiet);
		else
			later |= dead;
	}
	/* One after the other: what is kept is kept for one. */
	for (unsigned i = 0; i < s->nr_domains; i++)
		if (s->returns[i] && try_restart(s, i))
			return true;
	return later;
}
