/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory bench: one run of a system whose program records the figures, and
 * the host's own figures for the same numbers of frames.
 */
#include "vmm/report/bench_mem.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/clock.h"
#include "vmm/host.h"
#include "vmm/memory/frame.h"
#include "vmm/report/bench_main.h"
#include "vmm/report/environment.h"
#include "vmm/report/host_mem.h"
#include "vmm/report/outfile.h"
#include "vmm/report/run_bench.h"

#define RESULTS_MAX (MEASUREMENT_FIGURES_MAX + 32)
#define RUN_LIMIT_S 200

/* Below DIR; what their programs record are the rows. */
static const char *const systems[] = {"memory", "paging", "lookup", "files"};

static const uint64_t counts[] = {1, 16, 256, 4096};

struct results {
	unsigned nr;
	uint64_t longest_step_ns;
	enum spent longest_step_cause;
	struct {
		char name[FIGURE_NAME_MAX];
		uint64_t frames;
		uint64_t value; /* ticks, or what the name ends in */
	} row[RESULTS_MAX];
};

static const char help_text[] =
	"usage: hyperhurd bench-mem [OPTION]... [DIR]\n"
	"\n"
	"Measure requests about containers, self-paging and files with systems "
	"in DIR\n[configs/bench],\n"
	"and what the host takes for memslots and for mmap, in ticks of the "
	"TSC, which\n"
	"under the instruction clock are instructions.\n"
	"\n"
	"  --json FILE        write the figures there, too\n"
	"  --root DIR         what /hyperhurd stands for in file names\n"
	"  --help             this text\n"
	"\n"
	"Exit status: 0; 1 a run failed; 2 the configuration or an argument is "
	"wrong.\n";

static void add(struct results *r, const char *name, size_t length,
	uint64_t frames, uint64_t value)
{
	if (r->nr == RESULTS_MAX)
		return;
	snprintf(
		r->row[r->nr].name, FIGURE_NAME_MAX, "%.*s", (int)length, name);
	r->row[r->nr].frames = frames;
	r->row[r->nr++].value = value;
}

/* Figures are named "map.256". */
static void take_figures(struct results *r, const struct measurement *m)
{
	for (unsigned i = 0; i < m->nr_figures; i++) {
		const char *dot = strrchr(m->figure[i].name, '.');

		if (dot)
			add(r, m->figure[i].name,
				(size_t)(dot - m->figure[i].name),
				strtoull(dot + 1, NULL, 10),
				m->figure[i].value);
	}
	clock_setup(m->tsc_khz);
	for (unsigned i = 0; i < MEASUREMENT_EXECUTORS_MAX; i++)
		if (m->executor[i].longest_step_ns > r->longest_step_ns) {
			r->longest_step_ns = m->executor[i].longest_step_ns;
			r->longest_step_cause =
				(enum spent)m->executor[i].longest_step_cause;
		}
}

static int measure_host(struct results *r)
{
	int err = 0;

	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]) && !err;
		i++) {
		uint64_t ticks[NR_HOST_MEM];

		err = host_mem_measure(counts[i], ticks);
		for (unsigned f = 0; f < NR_HOST_MEM && !err; f++)
			add(r, host_mem_name(f), strlen(host_mem_name(f)),
				counts[i], ticks[f]);
	}
	return err;
}

/* What a row counts: page faults if its name says so. */
static const char *unit_of(const char *name)
{
	static const char faults[] = "-faults";
	size_t length = strlen(name), tail = sizeof(faults) - 1;

	if (length > tail && !strcmp(name + length - tail, faults))
		return faults + 1;
	return "instructions";
}

/* Of a row that is about reading a file; 0: it is not. */
static uint64_t mib_per_s(const struct results *r, unsigned i)
{
	static const char file[] = "file-read";
	uint64_t ns = clock_ns_from_ticks(r->row[i].value);

	if (strncmp(r->row[i].name, file, sizeof(file) - 1) != 0 || !ns)
		return 0;
	return r->row[i].frames * FRAME_SIZE * 1000000000 / ns >> 20;
}

static void print_table(const struct results *r)
{
	printf("%-20s %7s %12s %6s\n", "NAME", "FRAMES",
		host_counts_instructions() ? "INSTRUCTIONS" : "TICKS", "MIB/S");
	for (unsigned i = 0; i < r->nr; i++) {
		uint64_t speed = mib_per_s(r, i);

		printf("%-20s %7" PRIu64 " %12" PRIu64, r->row[i].name,
			r->row[i].frames, r->row[i].value);
		if (speed)
			printf(" %6" PRIu64, speed);
		putchar('\n');
	}
	printf("longest step %" PRIu64 " us (%s)\n", r->longest_step_ns / 1000,
		spent_name(r->longest_step_cause));
}

static int write_json(const char *file, const struct results *r)
{
	FILE *out = outfile_create(file);
	struct json json;

	if (!out)
		return -EIO;
	json_open(&json, out);
	json_begin_object(&json, NULL);
	json_put_environment(&json);
	json_put_u64(&json, "longest_step_ns", r->longest_step_ns);
	json_put_string(
		&json, "longest_step_cause", spent_name(r->longest_step_cause));
	json_begin_array(&json, "results");
	for (unsigned i = 0; i < r->nr; i++) {
		json_begin_object(&json, NULL);
		json_put_string(&json, "name", r->row[i].name);
		json_put_u64(&json, "frames", r->row[i].frames);
		json_put_u64(&json, unit_of(r->row[i].name), r->row[i].value);
		if (mib_per_s(r, i))
			json_put_u64(&json, "mib_per_s", mib_per_s(r, i));
		json_end(&json);
	}
	json_end(&json);
	json_end(&json);
	return outfile_close(out, file, json_close(&json));
}

static int run_system(const struct bench_arguments *args, const char *system,
	struct results *r)
{
	const struct run_bench bench = {
		.dir = args->dir,
		.root = args->root,
		.system = system,
		.name = system,
		.limit_s = RUN_LIMIT_S,
		.runner = RUNNER_EXECUTOR,
	};
	struct measurement *m = measurement_map();
	int err = m ? run_bench(&bench, m) : -ENOMEM;

	if (!err)
		take_figures(r, m);
	measurement_unmap(m);
	return err;
}

static int measure(const struct bench_arguments *args, struct results *r)
{
	int err = 0;

	for (unsigned i = 0; i < sizeof(systems) / sizeof(systems[0]) && !err;
		i++)
		err = run_system(args, systems[i], r);
	if (err == -EINVAL)
		return BENCH_USAGE;
	if (err || !r->nr || measure_host(r)) {
		fputs("hyperhurd: no figures of memory\n", stderr);
		return BENCH_FAILED;
	}
	print_table(r);
	return args->json && write_json(args->json, r) ? BENCH_FAILED
						       : BENCH_OK;
}

static int run(const struct bench_arguments *args)
{
	struct results *r = calloc(1, sizeof(*r));
	int status = r ? measure(args, r) : BENCH_FAILED;

	free(r);
	return status;
}

int bench_mem_main(int argc, char **argv)
{
	return bench_main(argc, argv, help_text, run);
}
