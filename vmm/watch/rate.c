/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/watch/rate.h"

#include <stdlib.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

/* Since a counter can begin anew with a restart of the system, never < 0. */
static uint64_t since(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

uint32_t rate_share(uint64_t part_ns, uint64_t whole_ns)
{
	return whole_ns ? (uint32_t)((unsigned __int128)part_ns * 1000 /
				     whole_ns)
			: 0;
}

static uint64_t per_second(uint64_t before, uint64_t after, uint64_t ns)
{
	return ns ? (uint64_t)((unsigned __int128)since(before, after) *
			       NS_PER_S / ns)
		  : 0;
}

/* The accounts of all executors are brought up to the same moment. */
static uint64_t interval_ns(
	const struct client *before, const struct client *after)
{
	return after->reply.nr_executors ? since(before->executor[0].wall_ns,
						   after->executor[0].wall_ns)
					 : 0;
}

static uint64_t disk_bytes(const struct domain_account *a)
{
	return a->disk_read_bytes + a->disk_written_bytes;
}

static uint64_t net_bytes(const struct domain_account *a)
{
	return a->net_sent_bytes + a->net_received_bytes;
}

unsigned rate_between(const struct client *before, const struct client *after,
	struct rate *row)
{
	uint64_t ns = interval_ns(before, after);

	for (unsigned i = 0; i < after->reply.nr_domains; i++) {
		const struct domain_account *a = &before->domain[i].account;
		const struct domain_account *b = &after->domain[i].account;
		uint64_t all = 0;

		row[i] = (struct rate){
			.domain = &after->domain[i],
			.ipc = per_second(a->ipc, b->ipc, ns),
			.exits = per_second(a->exits, b->exits, ns),
			.disk = per_second(disk_bytes(a), disk_bytes(b), ns),
			.net = per_second(net_bytes(a), net_bytes(b), ns),
			.missed = b->missed,
		};
		for (unsigned j = 0; j < NR_SPENT; j++) {
			uint64_t t = since(a->spent_ns[j], b->spent_ns[j]);

			row[i].cause[j] = rate_share(t, ns);
			all += t;
		}
		row[i].cpu = rate_share(all, ns);
	}
	return after->reply.nr_domains;
}

static int less(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

static int by_name(const void *left, const void *right)
{
	const struct rate *a = left;
	const struct rate *b = right;

	return strcmp(a->domain->name, b->domain->name);
}

static int by_cpu(const void *left, const void *right)
{
	const struct rate *a = left;
	const struct rate *b = right;
	int order = less(a->cpu, b->cpu);

	return order ? order : by_name(left, right);
}

static int by_ipc(const void *left, const void *right)
{
	const struct rate *a = left;
	const struct rate *b = right;
	int order = less(a->ipc, b->ipc);

	return order ? order : by_name(left, right);
}

static int by_exits(const void *left, const void *right)
{
	const struct rate *a = left;
	const struct rate *b = right;
	int order = less(a->exits, b->exits);

	return order ? order : by_name(left, right);
}

static int by_missed(const void *left, const void *right)
{
	const struct rate *a = left;
	const struct rate *b = right;
	int order = less(a->missed, b->missed);

	return order ? order : by_name(left, right);
}

void rate_sort(struct rate *row, unsigned nr, enum rate_order order)
{
	static int (*const compare[NR_RATE_ORDERS])(
		const void *, const void *) = {
		[RATE_BY_CPU] = by_cpu,
		[RATE_BY_NAME] = by_name,
		[RATE_BY_IPC] = by_ipc,
		[RATE_BY_EXITS] = by_exits,
		[RATE_BY_MISSED] = by_missed,
	};

	qsort(row, nr, sizeof(*row), compare[order]);
}
