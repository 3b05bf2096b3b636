/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "servers/ext2/lease.h"

#include "servers/lib/libhurd/store.h"

#define LEASES_MAX 64u

static struct lease {
	uint64_t capability; /* 0: free */
	uint32_t inode;
} table[LEASES_MAX];

static unsigned next;
static thread_id_t store;

void lease_start(thread_id_t control)
{
	store = control;
}

static void end(struct lease *lease)
{
	if (lease->capability)
		(void)store_revoke(store, lease->capability);
	lease->capability = 0;
}

void lease_add(uint64_t capability, uint32_t inode)
{
	struct lease *lease = &table[next++ % LEASES_MAX];

	end(lease);
	*lease = (struct lease){capability, inode};
}

void lease_end(uint64_t capability)
{
	for (unsigned i = 0; i < LEASES_MAX; i++)
		if (table[i].capability == capability)
			end(&table[i]);
}

void lease_end_all(uint32_t inode)
{
	for (unsigned i = 0; i < LEASES_MAX; i++)
		if (table[i].inode == inode)
			end(&table[i]);
}
