/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A metric is a line here: its name, its help, and where its value lies.  All
 * samples of one metric stand together, as the format asks.
 */
#include "vmm/watch/text.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)

enum unit {
	UNIT_COUNT,
	UNIT_NS, /* written in seconds */
	UNIT_US, /* likewise; 32 bits */
};

struct metric {
	const char *name;
	const char *type;
	const char *help;
	enum unit unit;
	size_t offset;
};

#define OF_DOMAIN(field) offsetof(struct system_domain, field)
#define OF_EXECUTOR(field) offsetof(struct executor_account, field)

static const struct metric domain_metric[] = {
	{"domain_own_seconds_total", "counter", "Paid for its own vCPU.",
		UNIT_NS, OF_DOMAIN(account.own_ns)},
	{"domain_lent_seconds_total", "counter",
		"Paid for servers that ran for its calls.", UNIT_NS,
		OF_DOMAIN(account.lent_ns)},
	{"domain_for_others_seconds_total", "counter",
		"Paid for helping others' requests.", UNIT_NS,
		OF_DOMAIN(account.for_others_ns)},
	{"domain_ran_seconds_total", "counter", "Its vCPU ran, whoever paid.",
		UNIT_NS, OF_DOMAIN(account.ran_ns)},
	{"domain_exits_total", "counter", "Exits of its vCPU.", UNIT_COUNT,
		OF_DOMAIN(account.exits)},
	{"domain_ipc_total", "counter", "Calls and sends through portals.",
		UNIT_COUNT, OF_DOMAIN(account.ipc)},
	{"domain_restarts_total", "counter", "Restarts after crashes.",
		UNIT_COUNT, OF_DOMAIN(account.restarts)},
	{"domain_periods_total", "counter", "Periods that have passed.",
		UNIT_COUNT, OF_DOMAIN(account.periods)},
	{"domain_missed_total", "counter", "Deadlines missed.", UNIT_COUNT,
		OF_DOMAIN(account.missed)},
	{"domain_budget_seconds", "gauge", "Left in the current period.",
		UNIT_NS, OF_DOMAIN(account.budget_ns)},
	{"domain_slice_seconds", "gauge", "Reserved in each period.", UNIT_US,
		OF_DOMAIN(slice_us)},
	{"domain_period_seconds", "gauge", "The reservation's period.", UNIT_US,
		OF_DOMAIN(period_us)},
	{"domain_frames_guaranteed", "gauge", "RAM and containers.", UNIT_COUNT,
		OF_DOMAIN(account.frames_guaranteed)},
	{"domain_frames_used", "gauge", "Those in use.", UNIT_COUNT,
		OF_DOMAIN(account.frames_used)},
	{"domain_frames_extra", "gauge", "In use beyond the guarantee.",
		UNIT_COUNT, OF_DOMAIN(account.frames_extra)},
	{"domain_frames_asked_total", "counter", "Asked to be given back.",
		UNIT_COUNT, OF_DOMAIN(account.frames_asked)},
	{"domain_frames_forced_total", "counter", "Taken by force.", UNIT_COUNT,
		OF_DOMAIN(account.frames_forced)},
	{"domain_disk_requests_total", "counter", "Reads and writes.",
		UNIT_COUNT, OF_DOMAIN(account.disk_requests)},
	{"domain_disk_read_bytes_total", "counter", "Read from its disks.",
		UNIT_COUNT, OF_DOMAIN(account.disk_read_bytes)},
	{"domain_disk_written_bytes_total", "counter", "Written to its disks.",
		UNIT_COUNT, OF_DOMAIN(account.disk_written_bytes)},
	{"domain_net_frames_total", "counter", "Frames sent and received.",
		UNIT_COUNT, OF_DOMAIN(account.net_frames)},
	{"domain_net_sent_bytes_total", "counter", "Sent by its interfaces.",
		UNIT_COUNT, OF_DOMAIN(account.net_sent_bytes)},
	{"domain_net_received_bytes_total", "counter",
		"Received by its interfaces.", UNIT_COUNT,
		OF_DOMAIN(account.net_received_bytes)},
	{"domain_net_dropped_total", "counter", "Frames that were lost.",
		UNIT_COUNT, OF_DOMAIN(account.net_dropped)},
	{"domain_ram_bytes", "gauge", "RAM, all of it guaranteed.", UNIT_COUNT,
		OF_DOMAIN(ram_bytes)},
};

static const struct metric executor_metric[] = {
	{"cpu_wall_seconds_total", "counter", "Since the executor's start.",
		UNIT_NS, OF_EXECUTOR(wall_ns)},
	{"cpu_host_seconds_total", "counter", "The host's share.", UNIT_NS,
		OF_EXECUTOR(host_ns)},
	{"cpu_idle_seconds_total", "counter", "Nothing was ready.", UNIT_NS,
		OF_EXECUTOR(idle_ns)},
	{"cpu_steps_total", "counter", "Steps of the executor.", UNIT_COUNT,
		OF_EXECUTOR(steps)},
	{"cpu_longest_step_seconds", "gauge", "The longest of them.", UNIT_NS,
		OF_EXECUTOR(longest_step_ns)},
};

static void put_head(
	FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP hyperhurd_%s %s\n# TYPE hyperhurd_%s %s\n", name,
		help, name, type);
}

/* A label's value: backslash, quote and newline are escaped. */
static void put_label(FILE *out, const char *label, const char *value)
{
	fprintf(out, "%s=\"", label);
	for (; *value; value++) {
		if (*value == '\n')
			fputs("\\n", out);
		else if (*value == '"' || *value == '\\')
			fprintf(out, "\\%c", *value);
		else
			fputc(*value, out);
	}
	fputc('"', out);
}

static void put_labels(FILE *out, const char *name, const struct client *c)
{
	fprintf(out, "hyperhurd_%s{", name);
	put_label(out, "system", c->reply.system);
	fprintf(out, ",pid=\"%" PRIu32 "\"", c->reply.pid);
}

static void put_seconds(FILE *out, uint64_t ns)
{
	fprintf(out, "%" PRIu64 ".%09" PRIu64 "\n", ns / NS_PER_S,
		ns % NS_PER_S);
}

static void put_value(FILE *out, const struct metric *m, const void *object)
{
	const char *from = (const char *)object + m->offset;
	uint64_t value = 0;
	uint32_t us = 0;

	if (m->unit == UNIT_US) {
		memcpy(&us, from, sizeof(us));
		put_seconds(out, (uint64_t)us * 1000);
		return;
	}
	memcpy(&value, from, sizeof(value));
	if (m->unit == UNIT_NS)
		put_seconds(out, value);
	else
		fprintf(out, "%" PRIu64 "\n", value);
}

static void put_domain_label(FILE *out, const struct system_domain *d)
{
	fputc(',', out);
	put_label(out, "domain", d->name);
}

static void put_domains(FILE *out, const struct metric *m,
	const struct client *client, unsigned nr)
{
	put_head(out, m->name, m->type, m->help);
	for (unsigned i = 0; i < nr; i++) {
		for (unsigned j = 0; j < client[i].reply.nr_domains; j++) {
			const struct system_domain *d = &client[i].domain[j];

			put_labels(out, m->name, &client[i]);
			put_domain_label(out, d);
			fputs("} ", out);
			put_value(out, m, d);
		}
	}
}

static void put_executors(FILE *out, const struct metric *m,
	const struct client *client, unsigned nr)
{
	put_head(out, m->name, m->type, m->help);
	for (unsigned i = 0; i < nr; i++) {
		for (unsigned j = 0; j < client[i].reply.nr_executors; j++) {
			put_labels(out, m->name, &client[i]);
			fprintf(out, ",executor=\"%u\"} ", j);
			put_value(out, m, &client[i].executor[j]);
		}
	}
}

static void put_spent(FILE *out, const struct client *client, unsigned nr)
{
	static const char name[] = "domain_spent_seconds_total";

	put_head(out, name, "counter", "What it has paid for, by cause.");
	for (unsigned i = 0; i < nr; i++) {
		for (unsigned j = 0; j < client[i].reply.nr_domains; j++) {
			const struct system_domain *d = &client[i].domain[j];

			for (unsigned k = 0; k < NR_SPENT; k++) {
				put_labels(out, name, &client[i]);
				put_domain_label(out, d);
				fprintf(out, ",cause=\"%s\"} ", spent_name(k));
				put_seconds(out, d->account.spent_ns[k]);
			}
		}
	}
}

int text_write(FILE *out, const struct client *client, unsigned nr)
{
	for (size_t i = 0; i < sizeof(domain_metric) / sizeof(domain_metric[0]);
		i++)
		put_domains(out, &domain_metric[i], client, nr);
	put_spent(out, client, nr);
	for (size_t i = 0;
		i < sizeof(executor_metric) / sizeof(executor_metric[0]); i++)
		put_executors(out, &executor_metric[i], client, nr);
	return ferror(out);
}
