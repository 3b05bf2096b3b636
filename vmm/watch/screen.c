/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/watch/screen.h"

#include <inttypes.h>
#include <stdio.h>

#define WIDTH 192
#define KIB_LOG2 10
#define BUDGET_TEXT 48

static uint64_t between(uint64_t before, uint64_t after)
{
	return after > before ? after - before : 0;
}

static void show_executor(const struct executor_account *a,
	const struct executor_account *b, unsigned nr, screen_line *line)
{
	uint64_t wall = between(a->wall_ns, b->wall_ns);
	uint64_t vmm = 0;
	char text[WIDTH];
	uint32_t guest;
	uint32_t rest;

	for (unsigned i = SPENT_GUEST + 1; i < NR_SPENT; i++)
		vmm += between(a->spent_ns[i], b->spent_ns[i]);
	guest = rate_share(
		between(a->spent_ns[SPENT_GUEST], b->spent_ns[SPENT_GUEST]),
		wall);
	rest = rate_share(vmm, wall);

	uint32_t host = rate_share(between(a->host_ns, b->host_ns), wall);
	uint32_t idle = rate_share(between(a->idle_ns, b->idle_ns), wall);

	snprintf(text, sizeof(text),
		"CPU %-2u  guest %3u.%u%%  VMM %3u.%u%%  host %3u.%u%%  idle "
		"%3u.%u%%  longest step %" PRIu64 " us",
		nr, guest / 10, guest % 10, rest / 10, rest % 10, host / 10,
		host % 10, idle / 10, idle % 10, b->longest_step_ns / 1000);
	line(text, false);
}

/* "4.2 of 10.0 ms": left and whole. */
static const char *budget_text(const struct system_domain *d, char *buf)
{
	uint64_t left_us = d->account.budget_ns / 1000;

	if (!d->slice_us)
		return "-";
	snprintf(buf, BUDGET_TEXT, "%" PRIu64 ".%" PRIu64 " of %u.%u ms",
		left_us / 1000, left_us / 100 % 10, d->slice_us / 1000,
		d->slice_us / 100 % 10);
	return buf;
}

static void show_domain(const struct rate *r, screen_line *line)
{
	const struct system_domain *d = r->domain;
	char budget[BUDGET_TEXT];
	char text[WIDTH];
	int used = snprintf(text, sizeof(text), "%-18.18s %3u.%u", d->name,
		r->cpu / 10, r->cpu % 10);

	for (unsigned i = 0; i < NR_SPENT; i++)
		used += snprintf(text + used, sizeof(text) - (size_t)used,
			" %5u.%u", r->cause[i] / 10, r->cause[i] % 10);
	snprintf(text + used, sizeof(text) - (size_t)used,
		" %17s %6" PRIu64 " %7" PRIu64 " %7" PRIu64 " %8" PRIu64
		" %6" PRIu64 " %6" PRIu64 " %7" PRIu64 " %7" PRIu64,
		budget_text(d, budget), r->missed, r->ipc, r->exits,
		d->account.frames_used, d->account.frames_extra,
		d->account.frames_forced, r->disk >> KIB_LOG2,
		r->net >> KIB_LOG2);
	line(text, false);
}

void screen_show(const struct client *before, const struct client *after,
	enum rate_order order, screen_line *line)
{
	const struct control_reply *reply = &after->reply;
	struct rate row[RATE_ROWS_MAX];
	unsigned nr = rate_between(before, after, row);
	char text[WIDTH];

	snprintf(text, sizeof(text), "%s (process %" PRIu32 ")%s",
		reply->system, reply->pid,
		reply->no_guarantees ? ", no guarantees" : "");
	line(text, false);
	for (unsigned i = 0; i < reply->nr_executors; i++)
		show_executor(
			&before->executor[i], &after->executor[i], i, line);
	snprintf(text, sizeof(text),
		"%-18s %5s %7s %7s %7s %7s %7s %7s %17s %6s %7s %7s %8s %6s "
		"%6s "
		"%7s %7s",
		"DOMAIN", "CPU%", "GUEST", "ACTION", "DEVICE", "SCHED", "OTHER",
		"HELPER", "BUDGET", "MISSED", "IPC/s", "EXITS/s", "FRAMES",
		"EXTRA", "FORCED", "DISKK/s", "NETK/s");
	line(text, true);
	rate_sort(row, nr, order);
	for (unsigned i = 0; i < nr; i++)
		show_domain(&row[i], line);
}
