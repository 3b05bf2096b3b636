/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications from other domains, at a bounded rate: whoever receives one
 * pays for being woken, so the sender may not decide how often.
 *
 * A number of them may come at once; after that one comes every millisecond at
 * most.  What comes sooner is put off and, as notifications of one number are
 * one until they are seen, put together.
 */
#ifndef VMM_NOTIFY_H
#define VMM_NOTIFY_H

#include "vmm/timer.h"

#define NOTIFY_EVERY_US 1000
#define NOTIFY_BURST 8

struct domain;

/* Of one number at one domain, whoever sends. */
struct notify_limit {
	struct timer timer; /* of one that was put off */
	struct domain *domain;
	unsigned irq;
	uint64_t paid_until; /* by those that came: NOTIFY_EVERY_US each */
};

/** notify_init - all numbers of @d, fresh. */
void notify_init(struct domain *d);

/**
 * notify_send - raise @irq of @to, now or later.
 * @irq: 0..NOTIFICATIONS-1
 */
void notify_send(struct domain *to, unsigned irq);

/** notify_end - @d is dead: forget what was put off. */
void notify_end(struct domain *d);

#endif
