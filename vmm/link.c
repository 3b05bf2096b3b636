/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The portals that the configuration asks for.  They keep their objects when
 * the server is restarted, so that its clients' capabilities stay good.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmm/system.h"

#define FIRST_NOTIFY_IRQ 32u

static bool same_portal(const struct launch *launch,
	const struct launch_portal *a, const struct launch_portal *b)
{
	return a->server == b->server &&
	       !strcmp(launch_string(launch, a->name),
		       launch_string(launch, b->name));
}

/* The first record that names the portal of record @i. */
static unsigned first_of(const struct launch *launch, unsigned i)
{
	unsigned k = 0;

	while (!same_portal(launch, &launch->portal[k], &launch->portal[i]))
		k++;
	return k;
}

static int notify_irq(const struct launch *launch, unsigned first)
{
	unsigned irq = FIRST_NOTIFY_IRQ;

	for (unsigned i = 0; i < first; i++)
		if (launch->portal[i].server == launch->portal[first].server &&
			first_of(launch, i) == i)
			irq++;
	return irq < NOTIFICATIONS ? (int)irq : -1;
}

static void tell(
	struct domain *d, const char *name, uint32_t slot, uint32_t role)
{
	struct boot_portal *p;

	if (d->boot.nr_portals == BOOT_PORTALS_MAX)
		return;
	p = &d->boot.portal[d->boot.nr_portals++];
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->slot = slot;
	p->role = role;
}

int system_link_server(struct system *s, struct domain *d)
{
	const struct launch *launch = s->launch;

	for (unsigned i = 0; i < launch->nr_portals; i++) {
		const struct launch_portal *lp = &launch->portal[i];
		const char *name = launch_string(launch, lp->name);

		if (lp->server != d->index || first_of(launch, i) != i)
			continue;
		if (s->named[i]) {
			if (!portal_adopt(s->named[i], d))
				return -ENOSPC;
		} else {
			s->named[i] = portal_create(d, 0, name);
			if (!s->named[i])
				return -ENOSPC;
			s->named[i]->nr_caps++; /* the system's own */
			s->named[i]->ring = lp->flags & LAUNCH_PORTAL_RING;
		}
		tell(d, name, s->named[i]->slot, BOOT_PORTAL_SERVER);
		if (notify_irq(launch, i) >= 0)
			tell(d, name, (uint32_t)notify_irq(launch, i),
				BOOT_PORTAL_NOTIFY);
	}
	return 0;
}

int system_link_client(struct system *s, struct domain *d)
{
	const struct launch *launch = s->launch;

	for (unsigned i = 0; i < launch->nr_portals; i++) {
		const struct launch_portal *lp = &launch->portal[i];
		unsigned first = first_of(launch, i);
		struct portal *p = s->named[first];
		uint32_t slot;

		if (lp->client != d->index || !lp->rights)
			continue;
		slot = cap_grant(d, p, lp->rights,
			lp->rights & PORTAL_NOTIFY ? notify_irq(launch, first)
						   : -1,
			portal_origin(p));
		if (!slot)
			return -ENOSPC;
		tell(d, launch_string(launch, lp->name), slot,
			BOOT_PORTAL_CLIENT);
	}
	return 0;
}
