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
#include "vmm/report/outfile.h"
#include "vmm/trace/fetch.h"
#include "vmm/trace/trace.h"

#define SECONDS_MAX 3600
#define FETCH_NS 2000000

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

/* The trace is over when @connection is closed. */
static int start(struct client *client, enum control_op op, int *connection)
{
	const struct control_request r = {
		.magic = CONTROL_MAGIC,
		.version = CONTROL_VERSION,
		.op = op,
	};

	return client_request(client, &r, connection);
}

static void fetch_for(struct trace_fetch *f, uint32_t seconds)
{
	const struct timespec pause = {.tv_nsec = FETCH_NS};
	struct timespec now;
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		trace_fetch(f);
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

static int write_file(const struct trace_fetch *f, FILE *out, const char *path)
{
	clock_setup(f->file->tsc_khz);
	return outfile_close(
		out, path, trace_write(out, f->file, f->stamp, f->nr, f->lost));
}

static int record(const struct client *client, int connection,
	const struct arguments *args, FILE *out)
{
	struct trace_fetch f;

	if (trace_fetch_open(&f, client->reply.pid, client->reply.trace_fd)) {
		trace_stop(connection);
		fputs("hyperhurd: the system's rings cannot be read\n", stderr);
		return STATUS_FAILED;
	}
	fetch_for(&f, args->seconds);
	trace_stop(connection);
	trace_fetch(&f);
	qsort(f.stamp, f.nr, sizeof(*f.stamp), compare);
	if (f.lost)
		fprintf(stderr, "hyperhurd: %llu events came too fast\n",
			(unsigned long long)f.lost);

	int err = write_file(&f, out, args->output);

	trace_fetch_close(&f);
	return err ? STATUS_FAILED : STATUS_OK;
}

int trace_main(int argc, char **argv)
{
	struct arguments args = {.seconds = 1};
	struct client *client;
	FILE *out;
	int connection;
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
	err = start(client,
		args.guest ? CONTROL_TRACE_GUESTS : CONTROL_TRACE_START,
		&connection);
	if (err) {
		fprintf(stderr, "hyperhurd: no trace: %s\n",
			err == -EBUSY ? "the system is traced already"
				      : strerror(-err));
		return STATUS_FAILED;
	}
	return record(client, connection, &args, out);
}
