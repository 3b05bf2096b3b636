/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/run.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/foreign.h"
#include "vmm/host.h"
#include "vmm/launch.h"
#include "vmm/system.h"

static const char run_help[] =
	"usage: hyperhurd run [OPTION]... DIR\n"
	"       hyperhurd run [OPTION]... --sigma0 FILE --root FILE\n"
	"\n"
	"Launch the system whose domains are the *.xml files in DIR, or one\n"
	"L4 domain with a sigma0 and a root task of another L4 X.2 system.\n"
	"\n"
	"  --only NAME,...    only these domains\n"
	"  --unreserved       take the reservations away, keep the periods\n"
	"  --root DIR         what /hyperhurd stands for in file names\n"
	"  --time SECONDS     end after so long, with exit status 124\n"
	"  --runner KIND      who runs vCPUs: executor (default); futex or\n"
	"                     eventfd: a host thread for each, for comparison\n"
	"  --gdb DOMAIN=ADDR  hold DOMAIN until a debugger lets it run, and\n"
	"                     wait for gdb at ADDR: unix:PATH, or :PORT of\n"
	"                     127.0.0.1; may be given for several domains\n"
	"  --quiet            no lines about domains that end\n"
	"\n"
	"  --sigma0 FILE      sigma0, an ELF program\n"
	"  --root FILE        the root task, an ELF program\n"
	"  --module FILE      a boot module; may be repeated\n"
	"  --kernel FILE      the kernel; default: the one of this system\n"
	"  --memory MIB       the domain's memory (64)\n"
	"  --name NAME        the domain's name (l4)\n"
	"\n"
	"  --help             this text\n"
	"\n"
	"Exit status: that of the essential domains; 1 the host refused, 2 "
	"the\n"
	"configuration is wrong, 3 a domain crashed, 124 time limit,\n"
	"128 + N signal N.\n";

struct run_options {
	struct launch_source source;
	struct foreign foreign;
	struct system_options system;
	struct gdb_address gdb[GDB_SERVERS_MAX];
	bool help;
};

enum {
	OPT_ONLY = 256,
	OPT_UNRESERVED,
	OPT_ROOT,
	OPT_TIME,
	OPT_RUNNER,
	OPT_GDB,
	OPT_QUIET,
	OPT_SIGMA0,
	OPT_MODULE,
	OPT_KERNEL,
	OPT_MEMORY,
	OPT_NAME,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"only", required_argument, NULL, OPT_ONLY},
	{"unreserved", no_argument, NULL, OPT_UNRESERVED},
	{"root", required_argument, NULL, OPT_ROOT},
	{"time", required_argument, NULL, OPT_TIME},
	{"runner", required_argument, NULL, OPT_RUNNER},
	{"gdb", required_argument, NULL, OPT_GDB},
	{"quiet", no_argument, NULL, OPT_QUIET},
	{"sigma0", required_argument, NULL, OPT_SIGMA0},
	{"module", required_argument, NULL, OPT_MODULE},
	{"kernel", required_argument, NULL, OPT_KERNEL},
	{"memory", required_argument, NULL, OPT_MEMORY},
	{"name", required_argument, NULL, OPT_NAME},
	{"help", no_argument, NULL, OPT_HELP},
	{0},
};

#define SECONDS_MAX 86400u
#define MEMORY_MIN_MIB ((unsigned)(LAUNCH_RAM_MIN >> 20))
#define MEMORY_MAX_MIB ((unsigned)(LAUNCH_RAM_MAX >> 20))
#define MEMORY_STEP_MIB ((unsigned)(LAUNCH_RAM_ALIGN >> 20))

static bool parse_number(const char *text, unsigned max, unsigned *number)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || end == text || !n || n > max)
		return false;
	*number = (unsigned)n;
	return true;
}

static bool parse_memory(const char *text, unsigned *mib)
{
	return parse_number(text, MEMORY_MAX_MIB, mib) &&
	       *mib >= MEMORY_MIN_MIB && *mib % MEMORY_STEP_MIB == 0;
}

static bool parse_runner(const char *text, enum runner *runner)
{
	static const char *const name[] = {
		[RUNNER_EXECUTOR] = "executor",
		[RUNNER_FUTEX] = "futex",
		[RUNNER_EVENTFD] = "eventfd",
	};

	for (unsigned i = 0; i < sizeof(name) / sizeof(name[0]); i++) {
		if (strcmp(text, name[i]) != 0)
			continue;
		*runner = (enum runner)i;
		return true;
	}
	return false;
}

static bool parse_gdb(const char *text, struct run_options *opt)
{
	opt->system.gdb = opt->gdb;
	return opt->system.nr_gdb < GDB_SERVERS_MAX &&
	       gdb_address_parse(text, &opt->gdb[opt->system.nr_gdb++]);
}

/* Options of a system without a directory; -1 after having said why. */
static int parse_foreign(int c, struct foreign *foreign)
{
	switch (c) {
	case OPT_SIGMA0:
		foreign->sigma0 = optarg;
		return 0;
	case OPT_KERNEL:
		foreign->kernel = optarg;
		return 0;
	case OPT_NAME:
		foreign->name = optarg;
		return 0;
	case OPT_MODULE:
		if (foreign->nr_modules < FOREIGN_MODULES_MAX) {
			foreign->module[foreign->nr_modules++] = optarg;
			return 0;
		}
		fprintf(stderr, "hyperhurd: --module %s: more than %u\n",
			optarg, FOREIGN_MODULES_MAX);
		return -1;
	case OPT_MEMORY:
		if (parse_memory(optarg, &foreign->memory_mib))
			return 0;
		fprintf(stderr,
			"hyperhurd: --memory %s: write MiB, an even number, "
			"%u to %u\n",
			optarg, MEMORY_MIN_MIB, MEMORY_MAX_MIB);
		return -1;
	default:
		return -1;
	}
}

static int check_operands(int argc, char **argv, const struct run_options *opt)
{
	if (!foreign_wanted(&opt->foreign)) {
		if (argc - optind == 1)
			return 0;
		fprintf(stderr, "hyperhurd: one directory or file is needed; "
				"see --help\n");
		return -1;
	}
	if (argc == optind)
		return 0;
	fprintf(stderr,
		"hyperhurd: %s: a directory does not go with --sigma0, "
		"--module, --kernel, --memory or --name\n",
		argv[optind]);
	return -1;
}

/* Returns 0, or -1 after having said what is wrong. */
static int parse(int argc, char **argv, struct run_options *opt)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		switch (c) {
		case OPT_ONLY:
			opt->source.only = optarg;
			break;
		case OPT_UNRESERVED:
			opt->source.unreserved = true;
			break;
		case OPT_ROOT:
			opt->source.root = opt->foreign.root = optarg;
			break;
		case OPT_RUNNER:
			if (parse_runner(optarg, &opt->system.runner))
				break;
			fprintf(stderr,
				"hyperhurd: --runner %s: write executor, "
				"futex or eventfd\n",
				optarg);
			return -1;
		case OPT_GDB:
			if (parse_gdb(optarg, opt))
				break;
			fprintf(stderr,
				"hyperhurd: --gdb %s: write "
				"DOMAIN=unix:PATH or DOMAIN=:PORT\n",
				optarg);
			return -1;
		case OPT_QUIET:
			opt->system.quiet = true;
			break;
		case OPT_HELP:
			opt->help = true;
			return 0;
		case OPT_TIME:
			if (parse_number(optarg, SECONDS_MAX,
				    &opt->system.time_limit_s))
				break;
			fprintf(stderr,
				"hyperhurd: --time %s: write seconds, 1 to "
				"%u\n",
				optarg, SECONDS_MAX);
			return -1;
		default:
			if (parse_foreign(c, &opt->foreign))
				return -1;
		}
	}
	return check_operands(argc, argv, opt);
}

static int report(int err, const char *name, const char *why)
{
	if (err == -EINVAL && !why)
		return SYSTEM_EXIT_CONFIG; /* the reader has said it all */
	fprintf(stderr, "hyperhurd: %s: %s\n", name,
		err == -ENOEXEC ? "hyperhurd-config is missing beside hyperhurd"
		: why		? why
				: strerror(-err));
	return err == -EINVAL ? SYSTEM_EXIT_CONFIG : SYSTEM_EXIT_HOST;
}

static bool runs_in_appliance(void)
{
	enum host host;

	return host_select(&host) == 0 && host != HOST_KVM;
}

/* Read the configuration; 0 or, having said what is wrong, the exit status. */
static int read_system(struct run_options *opt, struct launch *launch)
{
	struct launch_reader reader;
	const char *why = NULL;
	int err = launch_start(&reader, &opt->source);

	if (!err)
		err = launch_finish(&reader, launch, &why);
	return err ? report(err, opt->source.dir, why) : 0;
}

/* The same without a directory. */
static int make_system(struct run_options *opt, struct launch *launch)
{
	opt->system.name = opt->foreign.name ? opt->foreign.name : FOREIGN_NAME;
	if (opt->source.only || opt->source.unreserved) {
		fputs("hyperhurd: --only and --unreserved need a directory\n",
			stderr);
		return SYSTEM_EXIT_CONFIG;
	}
	switch (foreign_launch(launch, &opt->foreign)) {
	case 0:
		return 0;
	case -EINVAL:
		return SYSTEM_EXIT_CONFIG;
	default:
		fputs("hyperhurd: no memory\n", stderr);
		return SYSTEM_EXIT_HOST;
	}
}

int run_main(int argc, char **argv)
{
	struct run_options opt = {0};
	struct launch launch = {0};
	int status;

	if (parse(argc, argv, &opt))
		return SYSTEM_EXIT_CONFIG;
	if (opt.help) {
		fputs(run_help, stdout);
		return 0;
	}
	if (optind == argc) {
		status = make_system(&opt, &launch);
	} else {
		opt.source.dir = opt.system.name = argv[optind];
		status = read_system(&opt, &launch);
	}
	if (status)
		return status;
	if (opt.system.nr_gdb && runs_in_appliance()) {
		fprintf(stderr, "hyperhurd: --gdb: the domains would run in an "
				"appliance, where no debugger reaches them; "
				"see docs/gdb.md\n");
		return SYSTEM_EXIT_HOST;
	}
	if (host_enter(&(struct host_job){.argv = argv,
		    .launch = &launch,
		    .run_s = opt.system.time_limit_s}))
		return SYSTEM_EXIT_HOST;
	status = system_run(&launch, &opt.system);
	launch_free(&launch);
	return status;
}

int launch_main(int argc, char **argv)
{
	struct run_options opt = {0};
	struct launch launch = {0};
	const char *why = NULL;
	int status;
	int err;
	int fd;

	if (parse(argc, argv, &opt))
		return SYSTEM_EXIT_CONFIG;
	if (!opt.help && (optind == argc || opt.source.only ||
				 opt.source.root || opt.source.unreserved)) {
		fputs("hyperhurd: launch takes a record as it is, without "
		      "--only, --unreserved, --root and --sigma0; see --help\n",
			stderr);
		return SYSTEM_EXIT_CONFIG;
	}
	if (opt.help) {
		fputs("usage: hyperhurd launch [--time SECONDS] [--quiet] "
		      "FILE\n\nLaunch the system of a launch record, as "
		      "hyperhurd-config writes it.\n",
			stdout);
		return 0;
	}
	opt.system.name = argv[optind];
	fd = open(argv[optind], O_RDONLY | O_CLOEXEC);
	err = fd < 0 ? -errno : launch_read(&launch, fd, &why);
	if (fd >= 0)
		close(fd);
	if (err)
		return report(err, argv[optind], why);
	status = system_run(&launch, &opt.system);
	launch_free(&launch);
	return status;
}
