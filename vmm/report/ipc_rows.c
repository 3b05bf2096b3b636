/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rows of the IPC bench, as a table and as JSON.
 */
#include "vmm/report/ipc_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmm/host.h"
#include "vmm/report/environment.h"
#include "vmm/report/json.h"
#include "vmm/report/outfile.h"

#define ANY IPC_ROW_WORDS_ANY

/* Rows of one system and runner stand together: it runs once for them. */
const struct ipc_row ipc_rows[] = {
	{"ipc-intra-space", ANY, NULL, "ipc-intra-space", RUNNER_EXECUTOR},
	{"ipc-inter-space", ANY, NULL, "ipc-inter-space", RUNNER_EXECUTOR},
	{"send-wait", 0, "send-wait-0", "ipc-short", RUNNER_EXECUTOR},
	{"send-wait", 7, "send-wait-7", "ipc-short", RUNNER_EXECUTOR},
	{"call", 0, "call-0", "ipc-short", RUNNER_EXECUTOR},
	{"call", 7, "call-7", "ipc-short", RUNNER_EXECUTOR},
	{"replywait-closed", 0, "replywait-closed-0", "ipc-short",
		RUNNER_EXECUTOR},
	{"replywait-closed", 7, "replywait-closed-7", "ipc-short",
		RUNNER_EXECUTOR},
	{"replywait-open", 0, "replywait-open-0", "ipc-short", RUNNER_EXECUTOR},
	{"replywait-open", 7, "replywait-open-7", "ipc-short", RUNNER_EXECUTOR},
	{"call-intra", 0, "call-intra-0", "ipc-short", RUNNER_EXECUTOR},
	{"call-intra", 7, "call-intra-7", "ipc-short", RUNNER_EXECUTOR},
	{"lipc", 0, "lipc-0", "ipc-short", RUNNER_EXECUTOR},
	{"lipc", 7, "lipc-7", "ipc-short", RUNNER_EXECUTOR},
	{"ipc-63-words", 63, NULL, "ipc-long", RUNNER_EXECUTOR},
	{"string-4k", ANY, NULL, "ipc-long", RUNNER_EXECUTOR},
	{"string-64k", ANY, NULL, "ipc-long", RUNNER_EXECUTOR},
	{"pagefault", ANY, NULL, "faults", RUNNER_EXECUTOR},
	{"exception", ANY, NULL, "faults", RUNNER_EXECUTOR},
	{"map-1", ANY, NULL, "mapping", RUNNER_EXECUTOR},
	{"map-2m", ANY, NULL, "mapping", RUNNER_EXECUTOR},
	{"unmap", ANY, NULL, "mapping", RUNNER_EXECUTOR},
	{"timeout-1", ANY, NULL, "timeouts", RUNNER_EXECUTOR},
	{"timeout-10000", ANY, NULL, "timeouts", RUNNER_EXECUTOR},
	{"handoff-roundtrip", ANY, NULL, "handoff", RUNNER_EXECUTOR},
	{"futex-roundtrip", ANY, "handoff-roundtrip", "handoff", RUNNER_FUTEX},
	{"eventfd-roundtrip", ANY, "handoff-roundtrip", "handoff",
		RUNNER_EVENTFD},
	{"handoff-string-4k", ANY, NULL, "handoff-string", RUNNER_EXECUTOR},
	{"foreign-syscall", ANY, NULL, "foreign-syscall", RUNNER_EXECUTOR},
	{"notification", ANY, NULL, "notification", RUNNER_EXECUTOR},
};

const unsigned nr_ipc_rows = sizeof(ipc_rows) / sizeof(ipc_rows[0]);

static const char *const figure_names[NR_IPC_FIGURES] = {
	[IPC_INSTRUCTIONS] = "instructions",
	[IPC_KERNEL_INSTRUCTIONS] = "kernel_instructions",
	[IPC_EXITS] = "exits",
	[IPC_SWITCHES] = "host_context_switches",
};

bool ipc_rows_share(const struct ipc_row *a, const struct ipc_row *b)
{
	return a->runner == b->runner && strcmp(a->system, b->system) == 0;
}

void ipc_row_take(const struct ipc_row *row, const struct measurement *m,
	struct ipc_result *result)
{
	const char *name = row->figure ? row->figure : row->name;
	size_t length = strlen(name);

	for (unsigned i = 0; i < m->nr_figures; i++) {
		const struct figure *f = &m->figure[i];

		if (strncmp(f->name, name, length) != 0 ||
			f->name[length] != '.')
			continue;
		for (unsigned j = 0; j < NR_IPC_FIGURES; j++) {
			if (strcmp(f->name + length + 1, figure_names[j]) != 0)
				continue;
			result->figure[j] = f->value;
			result->known[j] = true;
		}
	}
}

/* --- the table --- */

static void print_figure(
	const struct ipc_result *result, enum ipc_figure which, int width)
{
	if (result->known[which])
		printf(" %*" PRIu64, width, result->figure[which]);
	else
		printf(" %*s", width, "-");
}

static void print_row(const struct ipc_row *row, const struct ipc_result *r)
{
	printf("%-20s", row->name);
	if (row->words == ANY)
		printf(" %5s", "-");
	else
		printf(" %5d", row->words);
	print_figure(r, IPC_INSTRUCTIONS, 12);
	print_figure(r, IPC_KERNEL_INSTRUCTIONS, 7);
	print_figure(r, IPC_EXITS, 6);
	print_figure(r, IPC_SWITCHES, 9);
	putchar('\n');
}

void ipc_rows_print(const struct ipc_result *result)
{
	printf("%-20s %5s %12s %7s %6s %9s\n", "NAME", "WORDS",
		host_counts_instructions() ? "INSTRUCTIONS" : "TICKS", "KERNEL",
		"EXITS", "SWITCHES");
	for (unsigned i = 0; i < nr_ipc_rows; i++)
		if (result[i].known[IPC_INSTRUCTIONS])
			print_row(&ipc_rows[i], &result[i]);
}

/* --- JSON --- */

static void put_row(struct json *json, const struct ipc_row *row,
	const struct ipc_result *result)
{
	json_begin_object(json, NULL);
	json_put_string(json, "name", row->name);
	if (row->words != ANY)
		json_put_u64(json, "words", (uint64_t)row->words);
	for (unsigned i = 0; i < NR_IPC_FIGURES; i++)
		if (result->known[i])
			json_put_u64(json, figure_names[i], result->figure[i]);
	json_end(json);
}

int ipc_rows_write(const char *file, const struct ipc_result *result)
{
	FILE *out = outfile_create(file);
	struct json json;

	if (!out)
		return -EIO;
	json_open(&json, out);
	json_begin_object(&json, NULL);
	json_put_environment(&json);
	json_begin_array(&json, "results");
	for (unsigned i = 0; i < nr_ipc_rows; i++)
		if (result[i].known[IPC_INSTRUCTIONS])
			put_row(&json, &ipc_rows[i], &result[i]);
	json_end(&json);
	json_end(&json);
	return outfile_close(out, file, json_close(&json));
}
