/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd trace: fetch the events of a running system for some seconds, sort
 * them, write them down.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vmm/config/value.h"
#include "vmm/control/client.h"
#include "vmm/launch.h"
#include "vmm/report/outfile.h"
#include "vmm/trace/trace.h"

#define SECONDS_MAX 3600
#define FETCH_NS 2000000
#define EVENTS_AT_ONCE 4096
#define EVENTS_MAX (1u << 21) /* kept; the rest counts as lost */

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

static const char help_text[] =
	"usage: hyperhurd trace [OPTION]... -o FILE\n"
	"\n"
	"Write what the executors of a running system do to FILE, as JSON "
	"that\n"
	"https://ui.perfetto.dev and chrome://tracing open.\n"
	"\n"
	"  -o, --output FILE  where to\n"
	"  --guest            what happens in L4 domains, too\n"
	"  --seconds N        for so long, or until SIGINT [1]\n"
	"  --system PID       of several running systems, that one\n"
	"  --help             this text\n"
	"\n"
	"Exit status: 0; 1 no such system, or FILE cannot be written; 2 wrong "
	"usage.\n";

struct arguments {
	const char *output;
	const char *system;
	uint32_t seconds;
	bool guest;
	bool help;
};

struct fetch {
	const struct trace_file *file;
	uint64_t next[LAUNCH_CPUS_MAX];
	uint64_t lost;
	unsigned nr;
	struct trace_stamp *stamp; /* room for EVENTS_MAX */
};

static volatile sig_atomic_t interrupted;

static void on_signal(int signal)
{
	(void)signal;
	interrupted = 1;
}

static bool parse(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"output", required_argument, NULL, 'o'},
		{"seconds", required_argument, NULL, 'n'},
		{"system", required_argument, NULL, 's'},
		{"guest", no_argument, NULL, 'g'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
		if (option == 'o')
			args->output = optarg;
		else if (option == 's')
			args->system = optarg;
		else if (option == 'g')
			args->guest = true;
		else if (option == 'h')
			args->help = true;
		else if (option != 'n' ||
			 value_number(optarg, SECONDS_MAX, &args->seconds) ||
			 !args->seconds)
			return false;
	}
	return args->help || (args->output && optind == argc);
}

static int request(struct client *client, enum control_op op)
{
	const struct control_request r = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = op,
	};

	return client_request(client, &r, NULL);
}

static void fetch_ring(struct fetch *f, unsigned i)
{
	static struct trace_event event[EVENTS_AT_ONCE];
	const struct trace_ring *ring = &f->file->ring[i];
	unsigned nr;

	do {
		nr = trace_read(
			ring, &f->next[i], event, EVENTS_AT_ONCE, &f->lost);
		for (unsigned j = 0; j < nr; j++) {
			if (f->nr == EVENTS_MAX) {
				f->lost += nr - j;
				break;
			}
			f->stamp[f->nr] = (struct trace_stamp){
				event[j], ring->cpu, f->nr};
			f->nr++;
		}
	} while (nr == EVENTS_AT_ONCE);
}

static void fetch_for(struct fetch *f, uint32_t seconds)
{
	const struct timespec pause = {.tv_nsec = FETCH_NS};
	struct timespec now;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		for (unsigned i = 0; i < f->file->nr_rings; i++)
			fetch_ring(f, i);
		nanosleep(&pause, NULL);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (!interrupted && (now.tv_sec < end.tv_sec ||
					 (now.tv_sec == end.tv_sec &&
						 now.tv_nsec < end.tv_nsec)));
}

static int compare(const void *left, const void *right)
{
	const struct trace_stamp *a = left;
	const struct trace_stamp *b = right;

	if (a->event.at != b->event.at)
		return a->event.at < b->event.at ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

/* The system traces no longer; or it is gone by now, perhaps. */
static void stop(struct client *client)
{
	(void)request(client, CONTROL_TRACE_STOP);
}

static int write_file(const struct fetch *f, FILE *out, const char *path)
{
	clock_setup(f->file->tsc_khz);
	return outfile_close(
		out, path, trace_write(out, f->file, f->stamp, f->nr, f->lost));
}

static int record(
	struct client *client, const struct arguments *args, FILE *out)
{
	struct fetch f = {
		.file = trace_map(client->reply.pid, client->reply.trace_fd),
	};

	f.stamp = malloc(sizeof(*f.stamp) * EVENTS_MAX);
	if (!f.file || !f.stamp) {
		stop(client);
		fputs("hyperhurd: the system's rings cannot be read\n", stderr);
		return STATUS_FAILED;
	}
	fetch_for(&f, args->seconds);
	stop(client);
	for (unsigned i = 0; i < f.file->nr_rings; i++)
		fetch_ring(&f, i);
	qsort(f.stamp, f.nr, sizeof(*f.stamp), compare);
	if (f.lost)
		fprintf(stderr, "hyperhurd: %llu events came too fast\n",
			(unsigned long long)f.lost);
	return write_file(&f, out, args->output) ? STATUS_FAILED : STATUS_OK;
}

int trace_main(int argc, char **argv)
{
	struct arguments args = {.seconds = 1};
	struct client *client;
	FILE *out;
	int err;

	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: see hyperhurd trace --help\n", stderr);
		return STATUS_USAGE;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}
	client = client_choose(args.system);
	if (!client)
		return STATUS_FAILED;
	out = outfile_create(args.output);
	if (!out)
		return STATUS_FAILED;
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	signal(SIGHUP, on_signal);
	err = request(client,
		args.guest ? CONTROL_TRACE_GUESTS : CONTROL_TRACE_START);
	if (err) {
		fprintf(stderr, "hyperhurd: no trace: %s\n", strerror(-err));
		return STATUS_FAILED;
	}
	return record(client, &args, out);
}
