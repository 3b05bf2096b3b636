/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/refill.h"

#include <string.h>

#include "vmm/clock.h"

uint64_t refill_point(uint64_t at, uint64_t release, uint64_t period)
{
	uint64_t step = (period + REFILL_POINTS - 1) / REFILL_POINTS;
	uint64_t offset = (at - release) % period;
	uint64_t point = (offset + step - 1) / step * step;

	return at - offset + (point < period ? point : period);
}

void refill_add(struct refills *r, uint64_t at, uint64_t amount)
{
	if (r->nr == REFILLS_MAX || (r->nr && r->item[r->nr - 1].at == at)) {
		r->item[r->nr - 1].at = at;
		r->item[r->nr - 1].amount += amount;
		return;
	}
	r->item[r->nr].at = at;
	r->item[r->nr].amount = amount;
	r->nr++;
}

uint64_t refill_next(const struct refills *r)
{
	return r->nr ? r->item[0].at : CLOCK_NEVER;
}

uint64_t refill_take(struct refills *r)
{
	uint64_t amount = r->item[0].amount;

	if (!r->nr)
		return 0;
	r->nr--;
	memmove(&r->item[0], &r->item[1], r->nr * sizeof(r->item[0]));
	return amount;
}
