/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The crosstalk table.
 */
#include <inttypes.h>

#include "vmm/config/value.h"
#include "vmm/report/crosstalk.h"

static uint64_t us(uint64_t ns)
{
	return (ns + 500) / 1000;
}

static uint64_t ms(uint64_t ns)
{
	return (ns + 500000) / 1000000;
}

static void print_reservation(const struct pair_reservation *r, FILE *out)
{
	char slice[VALUE_TIME_TEXT];
	char period[VALUE_TIME_TEXT];
	char text[2 * VALUE_TIME_TEXT + 8];

	if (r->slice_us)
		snprintf(text, sizeof(text), "%s in %s",
			value_time_text(r->slice_us, slice),
			value_time_text(r->period_us, period));
	else
		snprintf(text, sizeof(text), "-");
	fprintf(out, " %-17s", text);
}

/* All that was charged, in the order of the system's files. */
static void print_charges(const struct pair_result *r, FILE *out)
{
	for (unsigned i = 0; i < r->nr_charges; i++)
		fprintf(out, "%s%s %" PRIu64, i ? ", " : "  ",
			r->charge[i].name, ms(r->charge[i].charged_ns));
	fprintf(out, ", host %" PRIu64 ", idle %" PRIu64 "\n", ms(r->host_ns),
		ms(r->idle_ns));
}

static void print_row(const struct crosstalk_pair *pair, FILE *out)
{
	const struct pair_result *r = &pair->result;
	const struct jitter *j = &r->jitter;

	fprintf(out, "%-12s %-12s", pair->victim, pair->antagonist);
	print_reservation(&r->antagonist, out);
	fprintf(out, " %5" PRIu32 "/%-5" PRIu32, j->missed, j->periods);
	fprintf(out, " %7" PRIu64 " %7" PRIu64 " %7" PRIu64, us(j->p50_ns),
		us(j->p99_ns), us(j->max_ns));
	fprintf(out, " %7" PRIu64, us(r->longest_step_ns));
	print_charges(r, out);
}

static void print_part(const struct crosstalk *crosstalk, bool unreserved,
	const char *title, FILE *out)
{
	bool any = false;

	for (unsigned i = 0; i < crosstalk->nr_pairs; i++) {
		const struct crosstalk_pair *pair = &crosstalk->pair[i];

		if (pair->unreserved != unreserved)
			continue;
		if (!any)
			fprintf(out,
				"\n%s\n%-12s %-12s %-17s %-11s %-23s %7s  %s\n",
				title, "VICTIM", "BESIDE", "WHICH RESERVED",
				"MISSED", "JITTER us p50  p99  max", "STEP us",
				"CHARGED ms");
		any = true;
		print_row(pair, out);
	}
}

void crosstalk_table(const struct crosstalk *crosstalk, FILE *out)
{
	print_part(crosstalk, false, "With reservations:", out);
	print_part(crosstalk, true, "Without reservations:", out);
	for (unsigned i = 0; i < crosstalk->nr_pairs; i++)
		if (crosstalk->pair[i].result.no_guarantees) {
			fputs("\nNo guarantees: this host does not let the "
			      "executors run undisturbed.\n",
				out);
			break;
		}
}
