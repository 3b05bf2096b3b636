/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running systems as tables and as JSON.
 */
#include "vmm/control/print.h"

#include <inttypes.h>
#include <stdio.h>

#include "vmm/abi/launch.h"
#include "vmm/config/value.h"
#include "vmm/report/json.h"

#define KIB_LOG2 10
#define MIB_LOG2 20

static const char *kind_name(uint32_t kind)
{
	switch (kind) {
	case LAUNCH_KIND_L4:
		return "l4";
	case LAUNCH_KIND_LINUX:
		return "linux";
	case LAUNCH_KIND_UEFI:
		return "uefi";
	default:
		return "?";
	}
}

static const char *state_name(uint32_t state)
{
	switch (state) {
	case SYSTEM_STATE_BOOTING:
		return "booting";
	case SYSTEM_STATE_RUNNING:
		return "running";
	case SYSTEM_STATE_STOPPED:
		return "stopped";
	case SYSTEM_STATE_CRASHED:
		return "crashed";
	default:
		return "?";
	}
}

static void print_domain(const struct system_domain *d)
{
	char slice[VALUE_TIME_TEXT];
	char period[VALUE_TIME_TEXT];
	char deadline[VALUE_TIME_TEXT];

	printf("%-24s %-6s %-8s %3" PRIu32 " %7" PRIu64 " MiB", d->name,
		kind_name(d->kind), state_name(d->state), d->cpu,
		d->ram_bytes >> MIB_LOG2);
	if (d->slice_us)
		printf("  %s in %s, deadline %s",
			value_time_text(d->slice_us, slice),
			value_time_text(d->period_us, period),
			value_time_text(d->deadline_us, deadline));
	else
		fputs("  slack only", stdout);
	putchar('\n');
}

int print_list(const struct client *client, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		const struct control_reply *r = &client[i].reply;

		printf("%s%s (process %" PRIu32 ")%s\n", i ? "\n" : "",
			r->system, r->pid,
			r->no_guarantees ? ", no guarantees" : "");
		printf("%-24s %-6s %-8s %3s %11s  %s\n", "NAME", "KIND",
			"STATE", "CPU", "RAM", "RESERVATION");
		for (unsigned j = 0; j < r->nr_domains; j++)
			print_domain(&client[i].domain[j]);
	}
	if (!nr)
		puts("no system is running");
	return ferror(stdout);
}

static uint64_t us_from_ns(uint64_t ns)
{
	return ns / 1000;
}

static void print_account(const struct system_domain *d)
{
	const struct domain_account *a = &d->account;

	printf("%-24s %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
	       " %9" PRIu64 " %9" PRIu64 " %8" PRIu64 "\n",
		d->name, us_from_ns(a->own_ns), us_from_ns(a->lent_ns),
		us_from_ns(a->for_others_ns), us_from_ns(a->ran_ns), a->exits,
		a->ipc, a->restarts);
}

static void print_spent(const char *name, const uint64_t *spent_ns)
{
	printf("%-24s", name);
	for (unsigned i = 0; i < NR_SPENT; i++)
		printf(" %10" PRIu64, us_from_ns(spent_ns[i]));
	putchar('\n');
}

/* Memory, in frames of 4 KiB. */
static void print_memory(const struct client *client)
{
	printf("%-24s %10s %10s %10s %10s %10s %10s %10s %10s\n", "FRAMES",
		"GUARANTEED", "USED", "EXTRA", "LIMIT", "ASKED", "FORCED",
		"RUNS", "USED");
	for (unsigned i = 0; i < client->reply.nr_domains; i++) {
		const struct domain_account *a = &client->domain[i].account;

		printf("%-24s %10" PRIu64 " %10" PRIu64 " %10" PRIu64
		       " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
		       " %10" PRIu64 "\n",
			client->domain[i].name, a->frames_guaranteed,
			a->frames_used, a->frames_extra, a->frames_limit,
			a->frames_asked, a->frames_forced, a->runs_guaranteed,
			a->runs_used);
	}
}

/* What disks and interfaces have moved, in KiB. */
static void print_io(const struct client *client)
{
	printf("%-24s %10s %10s %10s %10s %10s %10s %10s\n", "I/O, KiB",
		"REQUESTS", "READ", "WRITTEN", "FRAMES", "SENT", "RECEIVED",
		"DROPPED");
	for (unsigned i = 0; i < client->reply.nr_domains; i++) {
		const struct domain_account *a = &client->domain[i].account;

		printf("%-24s %10" PRIu64 " %10" PRIu64 " %10" PRIu64
		       " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64
		       "\n",
			client->domain[i].name, a->disk_requests,
			a->disk_read_bytes >> KIB_LOG2,
			a->disk_written_bytes >> KIB_LOG2, a->net_frames,
			a->net_sent_bytes >> KIB_LOG2,
			a->net_received_bytes >> KIB_LOG2, a->net_dropped);
	}
}

/* The same time again: what it was spent on. */
static void print_causes(const struct client *client)
{
	printf("%-24s", "SPENT ON");
	for (unsigned i = 0; i < NR_SPENT; i++)
		printf(" %10s", spent_name(i));
	putchar('\n');
	for (unsigned i = 0; i < client->reply.nr_domains; i++)
		print_spent(client->domain[i].name,
			client->domain[i].account.spent_ns);
}

/* What its longest step was about in the end. */
static const char *cause_of(const struct executor_account *e)
{
	return e->longest_step_cause < NR_SPENT
		       ? spent_name((enum spent)e->longest_step_cause)
		       : "?";
}

static void print_executor(const struct executor_account *e, unsigned nr)
{
	printf("executor %u: %" PRIu64 " us, of them host %" PRIu64
	       ", idle %" PRIu64 "; %" PRIu64 " steps, the longest %" PRIu64
	       " us (%s); %" PRIu64 " context switches\n",
		nr, us_from_ns(e->wall_ns), us_from_ns(e->host_ns),
		us_from_ns(e->idle_ns), e->steps,
		us_from_ns(e->longest_step_ns), cause_of(e),
		e->host_context_switches);
}

int print_stat(const struct client *client, unsigned nr)
{
	for (unsigned i = 0; i < nr; i++) {
		const struct control_reply *r = &client[i].reply;

		printf("%s%s (process %" PRIu32 "), times in us\n",
			i ? "\n" : "", r->system, r->pid);
		printf("%-24s %10s %10s %10s %10s %9s %9s %8s\n", "NAME", "OWN",
			"LENT", "FOR-OTHERS", "RAN", "EXITS", "IPC",
			"RESTARTS");
		for (unsigned j = 0; j < r->nr_domains; j++)
			print_account(&client[i].domain[j]);
		print_causes(&client[i]);
		print_memory(&client[i]);
		print_io(&client[i]);
		for (unsigned j = 0; j < r->nr_executors; j++)
			print_executor(&client[i].executor[j], j);
	}
	if (!nr)
		puts("no system is running");
	return ferror(stdout);
}

static void json_domain(struct json *json, const struct system_domain *d)
{
	json_put_string(json, "name", d->name);
	json_put_string(json, "kind", kind_name(d->kind));
	json_put_string(json, "state", state_name(d->state));
	json_put_u64(json, "cpu", d->cpu);
	json_put_u64(json, "ram_bytes", d->ram_bytes);
	json_put_u64(json, "balloon_bytes", d->balloon_bytes);
	json_put_u64(json, "reported_bytes", d->reported_bytes);
	json_put_u64(json, "slice_us", d->slice_us);
	json_put_u64(json, "period_us", d->period_us);
	json_put_u64(json, "deadline_us", d->deadline_us);
}

static void json_spent(struct json *json, const uint64_t *spent_ns)
{
	json_begin_object(json, "spent_ns");
	for (unsigned i = 0; i < NR_SPENT; i++)
		json_put_u64(json, spent_name(i), spent_ns[i]);
	json_end(json);
}

static void json_account(struct json *json, const struct domain_account *a)
{
	json_put_u64(json, "own_ns", a->own_ns);
	json_put_u64(json, "lent_ns", a->lent_ns);
	json_put_u64(json, "for_others_ns", a->for_others_ns);
	json_put_u64(json, "ran_ns", a->ran_ns);
	json_put_u64(json, "exits", a->exits);
	json_put_u64(json, "ipc", a->ipc);
	json_put_u64(json, "restarts", a->restarts);
	json_put_u64(json, "periods", a->periods);
	json_put_u64(json, "missed", a->missed);
	json_put_u64(json, "budget_ns", a->budget_ns);
	json_put_u64(json, "frames_guaranteed", a->frames_guaranteed);
	json_put_u64(json, "frames_used", a->frames_used);
	json_put_u64(json, "frames_extra", a->frames_extra);
	json_put_u64(json, "frames_limit", a->frames_limit);
	json_put_u64(json, "frames_asked", a->frames_asked);
	json_put_u64(json, "frames_forced", a->frames_forced);
	json_put_u64(json, "runs_guaranteed", a->runs_guaranteed);
	json_put_u64(json, "runs_used", a->runs_used);
	json_put_u64(json, "disk_requests", a->disk_requests);
	json_put_u64(json, "disk_read_bytes", a->disk_read_bytes);
	json_put_u64(json, "disk_written_bytes", a->disk_written_bytes);
	json_put_u64(json, "net_frames", a->net_frames);
	json_put_u64(json, "net_sent_bytes", a->net_sent_bytes);
	json_put_u64(json, "net_received_bytes", a->net_received_bytes);
	json_put_u64(json, "net_dropped", a->net_dropped);
	json_spent(json, a->spent_ns);
}

static void json_executors(struct json *json, const struct client *client)
{
	json_begin_array(json, "executors");
	for (unsigned i = 0; i < client->reply.nr_executors; i++) {
		const struct executor_account *e = &client->executor[i];

		json_begin_object(json, NULL);
		json_put_u64(json, "ran_ns", e->wall_ns);
		json_spent(json, e->spent_ns);
		json_put_u64(json, "host_ns", e->host_ns);
		json_put_u64(json, "idle_ns", e->idle_ns);
		json_put_u64(json, "longest_step_ns", e->longest_step_ns);
		json_put_string(json, "longest_step_cause", cause_of(e));
		json_put_u64(json, "steps", e->steps);
		json_put_u64(json, "host_context_switches",
			e->host_context_switches);
		json_end(json);
	}
	json_end(json);
}

enum detail {
	DETAIL_LIST,
	DETAIL_STAT,
};

static void json_system(
	struct json *json, const struct client *client, enum detail detail)
{
	json_begin_object(json, NULL);
	json_put_string(json, "system", client->reply.system);
	json_put_u64(json, "pid", client->reply.pid);
	json_put_bool(json, "guarantees", !client->reply.no_guarantees);
	json_begin_array(json, "domains");
	for (unsigned i = 0; i < client->reply.nr_domains; i++) {
		json_begin_object(json, NULL);
		json_domain(json, &client->domain[i]);
		if (detail == DETAIL_STAT)
			json_account(json, &client->domain[i].account);
		json_end(json);
	}
	json_end(json);
	if (detail == DETAIL_STAT)
		json_executors(json, client);
	json_end(json);
}

static int json_systems(
	const struct client *client, unsigned nr, enum detail detail)
{
	struct json json;

	json_open(&json, stdout);
	json_begin_object(&json, NULL);
	json_begin_array(&json, "systems");
	for (unsigned i = 0; i < nr; i++)
		json_system(&json, &client[i], detail);
	json_end(&json);
	json_end(&json);
	return json_close(&json);
}

int print_list_json(const struct client *client, unsigned nr)
{
	return json_systems(client, nr, DETAIL_LIST);
}

int print_stat_json(const struct client *client, unsigned nr)
{
	return json_systems(client, nr, DETAIL_STAT);
}
