/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What has been used between two looks at a running system.
 *
 * Owner: vmm/watch.
 */
#ifndef VMM_WATCH_RATE_H
#define VMM_WATCH_RATE_H

#include "vmm/control/client.h"

#define RATE_ROWS_MAX (LAUNCH_DOMAINS_MAX)

/* One domain in an interval.  Shares are in tenths of a percent of a CPU. */
struct rate {
	const struct system_domain *domain;
	uint32_t cpu; /* all that it has paid for */
	uint32_t cause[NR_SPENT];
	uint64_t ipc;	 /* calls and sends a second */
	uint64_t exits;	 /* a second */
	uint64_t disk;	 /* bytes a second, both ways */
	uint64_t net;	 /* likewise */
	uint64_t missed; /* deadlines, since the start */
};

enum rate_order {
	RATE_BY_CPU,
	RATE_BY_NAME,
	RATE_BY_IPC,
	RATE_BY_EXITS,
	RATE_BY_MISSED,
	NR_RATE_ORDERS,
};

/**
 * rate_between - compare two looks at one system.
 * @before: an earlier one; all zero: since the start
 * @row:    room for RATE_ROWS_MAX
 *
 * Returns how many rows there are, in the order of @after.
 */
unsigned rate_between(const struct client *before, const struct client *after,
	struct rate *row);

/** rate_sort - the largest first; names from a to z. */
void rate_sort(struct rate *row, unsigned nr, enum rate_order order);

/** rate_share - @part_ns of @whole_ns in tenths of a percent. */
uint32_t rate_share(uint64_t part_ns, uint64_t whole_ns);

#endif
