/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command: every victim beside every antagonist.
 */
#include "vmm/report/crosstalk.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmm/config/value.h"
#include "vmm/report/progress.h"

#define PERIODS_DEFAULT 200

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
};

struct arguments {
	const char *dir; /* of the system */
	const char *root;
	const char *out; /* directory for the report; NULL: none */
	const char *victims;
	const char *antagonists;
	const char *server;
	uint32_t periods;
	bool no_unreserved;
	bool json;
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
	"  --periods N             periods to measure in each run [200]\n"
	"  --victims NAME,...      [victim]\n"
	"  --antagonists NAME,...  [none,cpu-hog,ipc-flood,linux-busy]\n"
	"  --server NAME           runs in any case [shared-server]\n"
	"  --no-unreserved         leave out the runs without reservations\n"
	"  -o DIR                  write report.json and the consoles' logs "
	"there\n"
	"  --json                  print the report instead of the table\n"
	"  --root DIR              what /hyperhurd stands for in file names\n"
	"  --help                  this text\n"
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
	OPT_ROOT,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"periods", required_argument, NULL, OPT_PERIODS},
	{"victims", required_argument, NULL, OPT_VICTIMS},
	{"antagonists", required_argument, NULL, OPT_ANTAGONISTS},
	{"server", required_argument, NULL, OPT_SERVER},
	{"no-unreserved", no_argument, NULL, OPT_NO_UNRESERVED},
	{"json", no_argument, NULL, OPT_JSON},
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
		args->json = true;
		return true;
	case OPT_ROOT:
		args->root = optarg;
		return true;
	case 'o':
		args->out = optarg;
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
		.periods = PERIODS_DEFAULT,
	};
	optind = 1;
	while ((option = getopt_long(argc, argv, "o:", long_options, NULL)) !=
		-1)
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

static int open_in(const char *dir, const char *name)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >=
		(int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		fprintf(stderr, "hyperhurd: %s: %s\n", path, strerror(errno));
	return fd < 0 ? -errno : fd;
}

static int open_log(
	const struct arguments *args, const struct crosstalk_pair *pair)
{
	char name[3 * BOOT_NAME_MAX];

	if (!args->out)
		return open("/dev/null", O_WRONLY | O_CLOEXEC);
	snprintf(name, sizeof(name), "%s-%s%s.log", pair->victim,
		pair->antagonist, pair->unreserved ? "-unreserved" : "");
	return open_in(args->out, name);
}

static int run_pair(const struct arguments *args, struct crosstalk_pair *to)
{
	const struct pair pair = {
		.dir = args->dir,
		.root = args->root,
		.victim = to->victim,
		.antagonist = to->antagonist,
		.server = args->server,
		.unreserved = to->unreserved,
		.periods = args->periods,
		.log_fd = open_log(args, to),
	};
	char what[3 * BOOT_NAME_MAX];
	const char *why;

	if (pair.log_fd < 0)
		return pair.log_fd;
	snprintf(what, sizeof(what), "%s beside %s%s", to->victim,
		to->antagonist, to->unreserved ? ", no reservations" : "");
	progress_begin(what);

	int err = pair_run(&pair, &to->result, &why);

	progress_end();
	close(pair.log_fd);
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
	int fd = open_in(args->out, "report.json");
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int err;

	if (!out)
		return false;
	err = crosstalk_json(crosstalk, out);
	if (fclose(out) != 0 && !err)
		err = -errno;
	if (err)
		fprintf(stderr, "hyperhurd: report.json: %s\n", strerror(-err));
	return !err;
}

static bool show(
	const struct arguments *args, const struct crosstalk *crosstalk)
{
	if (args->out && !write_report(args, crosstalk))
		return false;
	if (args->json)
		return crosstalk_json(crosstalk, stdout) == 0;
	crosstalk_table(crosstalk, stdout);
	return fflush(stdout) == 0;
}

int crosstalk_main(int argc, char **argv)
{
	struct arguments args;
	struct crosstalk *crosstalk;
	int status;

	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: see hyperhurd crosstalk --help\n", stderr);
		return STATUS_USAGE;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}
	crosstalk = calloc(1, sizeof(*crosstalk));
	if (!crosstalk)
		return STATUS_FAILED;
	crosstalk->periods = args.periods;
	if (!list_pairs(crosstalk, &args, false) ||
		(!args.no_unreserved && !list_pairs(crosstalk, &args, true)) ||
		(args.out && mkdir(args.out, 0777) < 0 && errno != EEXIST)) {
		free(crosstalk);
		return STATUS_USAGE;
	}
	status = run_pairs(&args, crosstalk);
	if (status != STATUS_USAGE && !show(&args, crosstalk))
		status = STATUS_FAILED;
	free(crosstalk);
	return status;
}
