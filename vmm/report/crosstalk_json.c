/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.json.  Fields get added; none is renamed.
 *
 * Numbers ending in _us and _ms are decimal and exact to what was measured.
 */
#include "vmm/report/crosstalk.h"
#include "vmm/report/environment.h"
#include "vmm/report/json.h"

static void json_us(struct json *json, const char *key, uint64_t ns)
{
	json_put_thousandths(json, key, ns);
}

static void json_ms(struct json *json, const char *key, uint64_t ns)
{
	json_put_thousandths(json, key, (ns + 500) / 1000);
}

static void json_reservation(
	struct json *json, const char *key, const struct pair_reservation *r)
{
	json_begin_object(json, key);
	json_put_u64(json, "slice_us", r->slice_us);
	json_put_u64(json, "period_us", r->period_us);
	json_put_u64(json, "deadline_us", r->deadline_us);
	json_end(json);
}

static void json_charges(struct json *json, const struct pair_result *r)
{
	json_begin_object(json, "charged_ms");
	for (unsigned i = 0; i < r->nr_charges; i++)
		json_ms(json, r->charge[i].name, r->charge[i].charged_ns);
	json_end(json);
	json_begin_object(json, "charged_for_others_ms");
	for (unsigned i = 0; i < r->nr_charges; i++)
		json_ms(json, r->charge[i].name, r->charge[i].for_others_ns);
	json_end(json);
	json_begin_object(json, "spent_ms");
	for (unsigned i = 0; i < NR_SPENT; i++)
		json_ms(json, spent_name(i), r->spent_ns[i]);
	json_end(json);
	json_ms(json, "host_ms", r->host_ns);
	json_ms(json, "idle_ms", r->idle_ns);
	json_ms(json, "interval_ms", r->interval_ns);
}

static void json_pair(struct json *json, const struct crosstalk_pair *pair)
{
	const struct pair_result *r = &pair->result;

	json_begin_object(json, NULL);
	json_put_string(json, "victim", pair->victim);
	json_put_string(json, "antagonist", pair->antagonist);
	json_reservation(json, "victim_reservation", &r->victim);
	json_reservation(json, "antagonist_reservation", &r->antagonist);
	json_put_u64(json, "missed", r->jitter.missed);
	json_put_u64(json, "periods", r->jitter.periods);
	json_put_u64(json, "not_started", r->jitter.not_started);
	json_begin_object(json, "jitter_us");
	json_us(json, "p50", r->jitter.p50_ns);
	json_us(json, "p99", r->jitter.p99_ns);
	json_us(json, "max", r->jitter.max_ns);
	json_end(json);
	json_charges(json, r);
	json_us(json, "longest_step_us", r->longest_step_ns);
	json_us(json, "longest_step_at_start_us", r->start_step_ns);
	json_put_bool(json, "guarantees", !r->no_guarantees);
	json_end(json);
}

static void json_pairs(struct json *json, const char *key,
	const struct crosstalk *crosstalk, bool unreserved)
{
	json_begin_array(json, key);
	for (unsigned i = 0; i < crosstalk->nr_pairs; i++)
		if (crosstalk->pair[i].unreserved == unreserved)
			json_pair(json, &crosstalk->pair[i]);
	json_end(json);
}

int crosstalk_json(const struct crosstalk *crosstalk, FILE *out)
{
	struct json json;

	json_open(&json, out);
	json_begin_object(&json, NULL);
	json_put_u64(&json, "version", CROSSTALK_VERSION);
	json_put_environment(&json);
	json_put_u64(&json, "periods", crosstalk->periods);
	json_pairs(&json, "pairs", crosstalk, false);
	json_pairs(&json, "pairs_unreserved", crosstalk, true);
	json_end(&json);
	return json_close(&json);
}
