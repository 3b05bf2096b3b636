/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `hyperhurd measure` writes.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "vmm/report/environment.h"
#include "vmm/report/json.h"
#include "vmm/report/measure.h"

static void json_us(struct json *json, const char *key, uint64_t ns)
{
	json_put_thousandths(json, key, ns);
}

/* In one line: there may be thousands. */
static void json_samples(struct json *json, const struct samples *samples)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		json_put_json(json, "samples_ns", "null");
		return;
	}
	putc('[', out);
	for (unsigned i = 0; i < samples->nr; i++)
		fprintf(out, "%s%" PRIu64, i ? "," : "", samples->sample[i].ns);
	putc(']', out);
	json_put_json(
		json, "samples_ns", fclose(out) == 0 && text ? text : "null");
	free(text);
}

static void json_domain(struct json *json, const struct pair_charge *domain)
{
	json_begin_object(json, NULL);
	json_put_string(json, "name", domain->name);
	json_put_u64(json, "slice_us", domain->reservation.slice_us);
	json_put_u64(json, "period_us", domain->reservation.period_us);
	json_put_u64(json, "deadline_us", domain->reservation.deadline_us);
	json_us(json, "charged_us", domain->charged_ns);
	json_us(json, "charged_for_others_us", domain->for_others_ns);
	json_end(json);
}

static void json_cpu(struct json *json, const struct pair_cpu *cpu)
{
	json_begin_object(json, NULL);
	json_us(json, "spent_us", cpu->spent_ns);
	json_us(json, "host_us", cpu->host_ns);
	json_us(json, "idle_us", cpu->idle_ns);
	json_us(json, "wall_us", cpu->wall_ns);
	json_end(json);
}

static void json_accounts(struct json *json, const struct pair_result *r)
{
	json_begin_array(json, "domains");
	for (unsigned i = 0; i < r->nr_charges; i++)
		json_domain(json, &r->charge[i]);
	json_end(json);
	json_begin_object(json, "spent_us");
	for (unsigned i = 0; i < NR_SPENT; i++)
		json_us(json, spent_name(i), r->spent_ns[i]);
	json_end(json);
	json_begin_array(json, "cpus");
	for (unsigned i = 0; i < r->nr_cpus; i++)
		json_cpu(json, &r->cpu[i]);
	json_end(json);
	json_us(json, "host_us", r->host_ns);
	json_us(json, "idle_us", r->idle_ns);
	json_us(json, "interval_us", r->interval_ns);
	json_us(json, "longest_step_us", r->longest_step_ns);
	json_us(json, "longest_step_at_start_us", r->start_step_ns);
	json_put_bool(json, "guarantees", !r->no_guarantees);
}

static void json_result(struct json *json, const struct pair_result *r)
{
	json_put_string(json, "victim", r->name);
	json_put_u64(json, "periods", r->jitter.periods);
	json_put_u64(json, "missed", r->jitter.missed);
	json_put_u64(json, "not_started", r->jitter.not_started);
	json_begin_object(json, "jitter_us");
	json_us(json, "p50", r->jitter.p50_ns);
	json_us(json, "p99", r->jitter.p99_ns);
	json_us(json, "max", r->jitter.max_ns);
	json_end(json);
	json_accounts(json, r);
	json_samples(json, &r->samples);
}

static void json_run(struct json *json, const struct measure_run *run)
{
	json_result(json, &run->result);
	if (!run->closeups)
		return;
	json_put_u64(json, "events_lost", run->events_lost);
	json_put_json(json, "closeups", run->closeups);
}

int measure_json(const struct measure_run *run, unsigned nr, FILE *out)
{
	struct json json;

	json_open(&json, out);
	json_begin_object(&json, NULL);
	json_put_u64(&json, "version", MEASURE_VERSION);
	json_put_environment(&json);
	json_begin_array(&json, "runs");
	for (unsigned i = 0; i < nr; i++) {
		json_begin_object(&json, NULL);
		json_put_string(&json, "system", run[i].system);
		if (run[i].error)
			json_put_string(&json, "error", run[i].error);
		else
			json_run(&json, &run[i]);
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
	return json_close(&json);
}
