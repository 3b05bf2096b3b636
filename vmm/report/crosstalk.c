/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command: every victim beside every antagonist.
 */
#include "vmm/report/crosstalk.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/config/value.h"
#include "vmm/host.h"
#include "vmm/launch.h"
#include "vmm/report/campaign.h"
#include "vmm/report/outfile.h"
#include "vmm/report/progress.h"

#define PERIODS_DEFAULT 200
#define PERIODS_SLOW 10
#define TIME_LIMIT_S 1800

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

struct arguments {
	const char *dir; /* of the system */
	const char *root;
	const char *json; /* file for the report; NULL: none */
	const char *logs; /* directory for the consoles' logs; NULL: none */
	const char *victims;
	const char *antagonists;
	const char *server;
	uint32_t periods;
	bool no_unreserved;
	bool help;
};

static const char help_text[] =
	"usage: hyperhurd crosstalk [OPTION]... [DIR]\n"
	"\n"
	"Run each victim of the system in DIR [configs/crosstalk] alone and "
	"beside\n"
	"each antagonist, and tell how many deadlines it missed and how\n"
	"irregularly its periods started.\n"
	"\n"
	"  --periods N             periods to measure in each run [200; on ept "
	"10]\n"
	"  --victims NAME,...      [victim]\n"
	"  --antagonists NAME,...  [none,cpu-hog,ipc-flood,linux-busy]\n"
	"  --server NAME           runs in any case [shared-server]\n"
	"  --no-unreserved         leave out the runs without reservations "
	"[on ept]\n"
	"  --json FILE             write the report there, too\n"
	"  --logs DIR              keep what the domains print there\n"
	"  --root DIR              what /hyperhurd stands for in file names\n"
	"  --help                  this text\n"
	"\n"
	"With -o DIR it is a campaign, of more victims, antagonists and "
	"placements, with\n"
	"a report to look at; see hyperhurd crosstalk -o DIR --help and "
	"docs/crosstalk.md.\n"
	"\n"
	"Exit status: 0; 1 a run failed; 2 the configuration or an argument is "
	"wrong.\n";

enum {
	OPT_PERIODS = 256,
	OPT_VICTIMS,
	OPT_ANTAGONISTS,
	OPT_SERVER,
	OPT_NO_UNRESERVED,
	OPT_JSON,
	OPT_LOGS,
	OPT_ROOT,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"periods", required_argument, NULL, OPT_PERIODS},
	{"victims", required_argument, NULL, OPT_VICTIMS},
	{"antagonists", required_argument, NULL, OPT_ANTAGONISTS},
	{"server", required_argument, NULL, OPT_SERVER},
	{"no-unreserved", no_argument, NULL, OPT_NO_UNRESERVED},
	{"json", required_argument, NULL, OPT_JSON},
	{"logs", required_argument, NULL, OPT_LOGS},
	{"root", required_argument, NULL, OPT_ROOT},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

static bool parse_periods(const char *text, uint32_t *periods)
{
	if (value_number(text, PAIR_PERIODS_MAX, periods) == 0 && *periods)
		return true;
	fprintf(stderr, "hyperhurd: --periods %s: write a number, 1 to %u\n",
		text, PAIR_PERIODS_MAX);
	return false;
}

static bool parse_option(int option, struct arguments *args)
{
	switch (option) {
	case OPT_PERIODS:
		return parse_periods(optarg, &args->periods);
	case OPT_VICTIMS:
		args->victims = optarg;
		return true;
	case OPT_ANTAGONISTS:
		args->antagonists = optarg;
		return true;
	case OPT_SERVER:
		args->server = optarg;
		return true;
	case OPT_NO_UNRESERVED:
		args->no_unreserved = true;
		return true;
	case OPT_JSON:
		args->json = optarg;
		return true;
	case OPT_LOGS:
		args->logs = optarg;
		return true;
	case OPT_ROOT:
		args->root = optarg;
		return true;
	case OPT_HELP:
		args->help = true;
		return true;
	default:
		return false;
	}
}

static bool parse(int argc, char **argv, struct arguments *args)
{
	int option;

	*args = (struct arguments){
		.victims = "victim",
		.antagonists = "none,cpu-hog,ipc-flood,linux-busy",
		.server = "shared-server",
	};
	optind = 1;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (!parse_option(option, args))
			return false;
	args->dir = optind < argc ? argv[optind] : "configs/crosstalk";
	return argc - optind <= 1;
}

/* The next name of a list with commas, or false at its end. */
static bool next_name(const char **list, char *name)
{
	size_t length = strcspn(*list, ",");

	if (!length)
		return false;
	snprintf(name, BOOT_NAME_MAX, "%.*s", (int)length, *list);
	*list += length;
	*list += **list == ',';
	return true;
}

static bool add_pair(struct crosstalk *crosstalk, const char *victim,
	const char *antagonist, bool unreserved)
{
	struct crosstalk_pair *pair = &crosstalk->pair[crosstalk->nr_pairs];

	if (crosstalk->nr_pairs ==
		sizeof(crosstalk->pair) / sizeof(crosstalk->pair[0])) {
		fputs("hyperhurd: too many pairs\n", stderr);
		return false;
	}
	crosstalk->nr_pairs++;
	snprintf(pair->victim, sizeof(pair->victim), "%s", victim);
	snprintf(pair->antagonist, sizeof(pair->antagonist), "%s", antagonist);
	pair->unreserved = unreserved;
	return true;
}

static bool list_pairs(struct crosstalk *crosstalk,
	const struct arguments *args, bool unreserved)
{
	const char *victims = args->victims;
	char victim[BOOT_NAME_MAX];
	char antagonist[BOOT_NAME_MAX];

	while (next_name(&victims, victim)) {
		const char *antagonists = args->antagonists;

		while (next_name(&antagonists, antagonist))
			if (!add_pair(
				    crosstalk, victim, antagonist, unreserved))
				return false;
	}
	return true;
}

static FILE *open_log(
	const struct arguments *args, const struct crosstalk_pair *pair)
{
	char file[PATH_MAX];

	if (!args->logs)
		return outfile_create("/dev/null");
	if (snprintf(file, sizeof(file), "%s/%s-%s%s.log", args->logs,
		    pair->victim, pair->antagonist,
		    pair->unreserved ? "-unreserved" : "") >= (int)sizeof(file))
		return NULL;
	return outfile_create(file);
}

static int run_pair(const struct arguments *args, struct crosstalk_pair *to)
{
	bool alone = !strcmp(to->antagonist, PAIR_NO_ANTAGONIST);
	FILE *log = open_log(args, to);
	char only[4 * BOOT_NAME_MAX];
	struct pair pair = {
		.dir = args->dir,
		.root = args->root,
		.only = only,
		.victim = to->victim,
		.antagonist = to->antagonist,
		.unreserved = to->unreserved,
		.periods = args->periods,
	};
	char what[3 * BOOT_NAME_MAX];
	const char *why;

	if (!log)
		return -EIO;
	pair.log_fd = fileno(log);
	snprintf(only, sizeof(only), "%s,%.*s,%s", to->victim,
		BOOT_NAME_MAX - 1, args->server, alone ? "" : to->antagonist);
	snprintf(what, sizeof(what), "%s beside %s%s", to->victim,
		to->antagonist, to->unreserved ? ", no reservations" : "");
	progress_begin(what);

	int err = pair_run(&pair, &to->result, &why);

	progress_end();
	fclose(log);
	/* -EINVAL alone: the configuration reader has said it all. */
	if (why || (err && err != -EINVAL))
		fprintf(stderr, "hyperhurd: %s: %s\n", what,
			why ? why : strerror(-err));
	return err;
}

/* Runs all; those that failed are taken off the list. */
static int run_pairs(const struct arguments *args, struct crosstalk *crosstalk)
{
	int status = STATUS_OK;
	unsigned kept = 0;

	for (unsigned i = 0; i < crosstalk->nr_pairs; i++) {
		int err = run_pair(args, &crosstalk->pair[i]);

		if (err == -EINVAL)
			return STATUS_USAGE;
		if (err)
			status = STATUS_FAILED;
		else
			crosstalk->pair[kept++] = crosstalk->pair[i];
	}
	crosstalk->nr_pairs = kept;
	return status;
}

static bool write_report(
	const struct arguments *args, const struct crosstalk *crosstalk)
{
	FILE *out = outfile_create(args->json);

	return out &&
	       !outfile_close(out, args->json, crosstalk_json(crosstalk, out));
}

/*
 * Be where it can run: this process goes on in an appliance if need be, with
 * the files of all domains.  That they cannot all run at once does not matter:
 * without reservations there is nothing to admit.
 */
static int enter_host(const struct arguments *args, char **argv)
{
	char only[4096];
	const struct launch_source source = {
		.dir = args->dir,
		.root = args->root,
		.only = only,
		.unreserved = true,
	};
	const char *const output[] = {args->json ? args->json : args->logs,
		args->json ? args->logs : NULL, NULL};
	struct launch_reader reader;
	struct launch launch = {0};
	const char *why = NULL;
	const char *antagonists = args->antagonists;
	size_t used = (size_t)snprintf(
		only, sizeof(only), "%s,%s", args->victims, args->server);
	char name[BOOT_NAME_MAX];

	while (next_name(&antagonists, name) && used < sizeof(only))
		if (strcmp(name, PAIR_NO_ANTAGONIST) != 0)
			used += (size_t)snprintf(
				only + used, sizeof(only) - used, ",%s", name);

	int err = launch_start(&reader, &source);

	if (!err)
		err = launch_finish(&reader, &launch, &why);
	if (!err)
		err = host_enter(&(struct host_job){
			.argv = argv,
			.launch = &launch,
			.output = output,
			.limit_s = TIME_LIMIT_S,
		});
	else if (err != -EINVAL)
		fprintf(stderr, "hyperhurd: %s: %s\n", args->dir,
			why ? why : strerror(-err));
	launch_free(&launch);
	return err;
}

/* What the host is too slow for is not done there unless it is asked for. */
static void set_defaults(struct arguments *args)
{
	bool slow = !strcmp(host_label(), host_name(HOST_EPT));

	if (!args->periods) {
		args->periods = slow ? PERIODS_SLOW : PERIODS_DEFAULT;
		args->no_unreserved |= slow;
	}
}

static int run(const struct arguments *args)
{
	struct crosstalk *crosstalk = calloc(1, sizeof(*crosstalk));
	int status = STATUS_USAGE;

	if (!crosstalk)
		return STATUS_FAILED;
	crosstalk->periods = args->periods;
	if (list_pairs(crosstalk, args, false) &&
		(args->no_unreserved || list_pairs(crosstalk, args, true)))
		status = run_pairs(args, crosstalk);
	if (status != STATUS_USAGE) {
		crosstalk_table(crosstalk, stdout);
		if (args->json && !write_report(args, crosstalk))
			status = STATUS_FAILED;
	}
	for (unsigned i = 0; i < crosstalk->nr_pairs; i++)
		pair_free(&crosstalk->pair[i].result);
	free(crosstalk);
	return status;
}

int crosstalk_main(int argc, char **argv)
{
	struct arguments args;

	if (campaign_wanted(argc, argv))
		return campaign_exec(argv) ? STATUS_FAILED : STATUS_OK;
	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: see hyperhurd crosstalk --help\n", stderr);
		return STATUS_USAGE;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}

	int err = enter_host(&args, argv);

	if (err)
		return err == -EINVAL ? STATUS_USAGE : STATUS_FAILED;
	set_defaults(&args);
	return run(&args);
}
