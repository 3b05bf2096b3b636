/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/notify.h"

#include "vmm/domain.h"
#include "vmm/executor.h"

static void deliver(struct notify_limit *l, uint64_t now)
{
	if (l->paid_until < now)
		l->paid_until = now;
	l->paid_until += clock_ticks_from_us(NOTIFY_EVERY_US);
	domain_raise(l->domain, l->irq);
}

static void notify_expire(struct timer *t, uint64_t now)
{
	deliver((struct notify_limit *)(void *)t, now);
}

void notify_init(struct domain *d)
{
	for (unsigned irq = 0; irq < NOTIFICATIONS; irq++)
		d->notify[irq] = (struct notify_limit){
			.timer.expire = notify_expire,
			.domain = d,
			.irq = irq,
		};
}

void notify_send(struct domain *to, unsigned irq)
{
	struct notify_limit *l = &to->notify[irq];
	uint64_t ahead =
		clock_ticks_from_us(NOTIFY_EVERY_US * (NOTIFY_BURST - 1));
	uint64_t now = clock_now();

	if (l->timer.place)
		return; /* the one that was put off stands for this one, too */
	if (l->paid_until <= now + ahead) {
		deliver(l, now);
	} else {
		timer_set(&to->ex->timers, &l->timer, l->paid_until - ahead);
		domain_wake(to); /* another executor has to see the timer */
	}
}

void notify_end(struct domain *d)
{
	for (unsigned irq = 0; irq < NOTIFICATIONS; irq++)
		timer_cancel(&d->ex->timers, &d->notify[irq].timer);
}
