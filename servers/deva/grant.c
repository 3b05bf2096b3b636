/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/deva/grant.h"

/*
 * A number is a count of all that were made; its remainder is the place in the
 * table.  So a number that is gone never comes back.
 */
struct grant {
	uint64_t number; /* 0: free */
	uint32_t domain;
	uint32_t nr;
	uint64_t rights;
	struct grant_extent extent[STORE_EXTENTS_MAX];
};

static struct grant table[GRANTS_MAX];
static uint64_t made;
static uint64_t device_sectors;

void grant_reset(uint64_t sectors)
{
	for (unsigned i = 0; i < GRANTS_MAX; i++)
		table[i].number = 0;
	device_sectors = sectors;
}

bool grant_on_device(struct grant_extent extent)
{
	return extent.nr && extent.sector < device_sectors &&
	       extent.nr <= device_sectors - extent.sector;
}

uint64_t grant_make(uint32_t domain, uint64_t rights,
	const struct grant_extent *extent, unsigned nr, uint64_t *number)
{
	struct grant *g = &table[(made + 1) % GRANTS_MAX];

	if (nr == 0 || nr > STORE_EXTENTS_MAX || rights == 0 ||
		(rights & ~(uint64_t)(STORE_READ | STORE_WRITE)))
		return STORE_EINVAL;
	for (unsigned i = 0; i < nr; i++)
		if (!grant_on_device(extent[i]))
			return STORE_EINVAL;
	g->number = *number = ++made;
	g->domain = domain;
	g->rights = rights;
	g->nr = nr;
	for (unsigned i = 0; i < nr; i++)
		g->extent[i] = extent[i];
	return STORE_OK;
}

static struct grant *find(uint64_t number)
{
	struct grant *g = &table[number % GRANTS_MAX];

	return number && g->number == number ? g : NULL;
}

uint64_t grant_revoke(uint64_t number)
{
	struct grant *g = find(number);

	if (!g)
		return STORE_ENOENT;
	g->number = 0;
	return STORE_OK;
}

uint64_t grant_check(uint32_t domain, uint64_t number, uint64_t right,
	struct grant_extent extent)
{
	const struct grant *g = find(number);

	if (!g || g->domain != domain)
		return STORE_ENOENT;
	if (!(g->rights & right))
		return STORE_EACCESS;
	for (unsigned i = 0; i < g->nr; i++) {
		const struct grant_extent *e = &g->extent[i];

		if (extent.sector >= e->sector && extent.nr <= e->nr &&
			extent.sector - e->sector <= e->nr - extent.nr)
			return STORE_OK;
	}
	return STORE_EACCESS;
}
