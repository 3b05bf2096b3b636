/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/forced.h"

#include <stddef.h>
#include <unistd.h>

#include "vmm/executor.h"
#include "vmm/memory/policy.h"
#include "vmm/system.h"

static void wake_helper(const struct domain *d)
{
	uint64_t one = 1;
	ssize_t n = write(d->system->event_fd, &one, sizeof(one));

	(void)n; /* full means that it is readable */
}

static void deadline_passed(struct timer *t, uint64_t now)
{
	struct domain *d = TIMER_OF(t, struct domain, reclaim_timer);

	(void)now;
	reclaim_expired(d->memory);
	wake_helper(d);
}

void reclaim_ask(struct domain *d, int irq, uint64_t frames, uint64_t us)
{
	trace_point(d->ex->trace, TRACE_RECLAIM, d->index, TRACE_RECLAIM_ASKED,
		frames);
	d->reclaim_timer.expire = deadline_passed;
	timer_set(&d->ex->timers, &d->reclaim_timer,
		us ? clock_now() + clock_ticks_from_us(us) : CLOCK_NEVER);
	if (!us)
		wake_helper(d);
	else if (irq != RECLAIM_NO_IRQ)
		domain_raise(d, (unsigned)irq);
}

bool reclaim_is_there(const struct domain *d)
{
	return d->system->domain[d->index] == d && d->life == DOMAIN_LIVE;
}

void reclaim_notify(struct domain *d, int irq)
{
	domain_raise(d, (unsigned)irq);
}

void reclaim_balloon(struct domain *d, uint64_t pages)
{
	if (!machine_set_balloon(d->machine, (uint32_t)pages))
		executor_kick(d->ex);
}

void forced_balloon(struct domain *d)
{
	uint64_t reported;

	reclaim_balloon_holds(
		d->memory, machine_balloon(d->machine, &reported));
}

uint64_t reclaim_left_us(const struct domain *d)
{
	uint64_t now = clock_now(), at = d->reclaim_timer.at;

	if (!d->reclaim_timer.place || at <= now)
		return 0;
	return clock_ns_from_ticks(at - now) / 1000;
}

uint64_t policy_faults(struct domain *d)
{
	return reclaim_is_there(d) ? domain_faults(d) : 0;
}

static enum reclaim_step take_some(struct domain *d)
{
	uint64_t before = d->memory->reclaim.forced;
	enum reclaim_step step = reclaim_piece(d->memory);
	uint64_t taken = d->memory->reclaim.forced - before;

	if (taken)
		trace_point(d->ex->trace, TRACE_RECLAIM, d->index,
			TRACE_RECLAIM_FORCED, taken);
	if (step == RECLAIM_STUCK)
		domain_crash(d,
			"kept %llu frames of memory that it had to give back",
			(unsigned long long)(d->memory->reclaim.overdrawn +
					     account_overdue(
						     &d->memory->holder
							      .account)));
	return step;
}

bool forced_all(struct system *s)
{
	bool later = false;

	for (unsigned i = 0; i < s->nr_domains; i++) {
		enum reclaim_step step;

		do {
			struct domain *d;

			system_lock(s);
			d = s->domain[i];
			step = d && d->memory && d->life == DOMAIN_LIVE
				       ? take_some(d)
				       : RECLAIM_DONE;
			system_unlock(s);
		} while (step == RECLAIM_MORE);
		later |= step == RECLAIM_WAITS;
	}
	return later;
}
