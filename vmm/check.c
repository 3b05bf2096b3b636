/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd check DIR.  The same way to a launch record as that of run, which
 * is then thrown away.
 */
#include "vmm/check.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "vmm/launch.h"

enum status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_WRONG = 2,
};

static const char help_text[] =
	"usage: hyperhurd check [OPTION]... DIR\n"
	"\n"
	"Read and check the system whose domains are the *.xml files in DIR;\n"
	"run nothing.  The format: docs/config.md.\n"
	"\n"
	"  --only NAME,...    only these domains\n"
	"  --root DIR         what /hyperhurd stands for in file names\n"
	"  --write FILE       keep the launch record (see hyperhurd launch)\n"
	"  --help             this text\n"
	"\n"
	"Exit status: 0; 2 the configuration is wrong.\n";

enum {
	OPT_ONLY = 256,
	OPT_ROOT,
	OPT_WRITE,
	OPT_HELP,
};

static const struct option long_options[] = {
	{"only", required_argument, NULL, OPT_ONLY},
	{"root", required_argument, NULL, OPT_ROOT},
	{"write", required_argument, NULL, OPT_WRITE},
	{"help", no_argument, NULL, OPT_HELP},
	{NULL, 0, NULL, 0},
};

struct arguments {
	struct launch_source source;
	const char *write;
	bool help;
};

static bool parse(int argc, char **argv, struct arguments *args)
{
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
		-1) {
		if (option == OPT_ONLY)
			args->source.only = optarg;
		else if (option == OPT_ROOT)
			args->source.root = optarg;
		else if (option == OPT_WRITE)
			args->write = optarg;
		else if (option == OPT_HELP)
			args->help = true;
		else
			return false;
	}
	args->source.dir = argv[optind];
	return args->help || optind == argc - 1;
}

static int read_system(const struct launch_source *source,
	struct launch *launch, const char **why)
{
	struct launch_reader reader;
	int err = launch_start(&reader, source);

	*why = NULL;
	return err ? err : launch_finish(&reader, launch, why);
}

static int keep_record(const struct launch *launch, const char *name)
{
	const struct launch_header *header = launch->record;
	FILE *out = fopen(name, "we");
	int err = out ? 0 : -errno;

	if (out && fwrite(header, header->size, 1, out) != 1)
		err = -EIO;
	if (out && fclose(out) != 0 && !err)
		err = -errno;
	if (err)
		fprintf(stderr, "hyperhurd: %s: %s\n", name, strerror(-err));
	return err;
}

int check_main(int argc, char **argv)
{
	struct arguments args = {0};
	struct launch launch = {0};
	const char *why;

	if (!parse(argc, argv, &args)) {
		fputs("hyperhurd: one directory is needed; see hyperhurd "
		      "check --help\n",
			stderr);
		return STATUS_WRONG;
	}
	if (args.help) {
		fputs(help_text, stdout);
		return STATUS_OK;
	}

	int err = read_system(&args.source, &launch, &why);

	if (err && err != -EINVAL)
		fprintf(stderr, "hyperhurd: %s: %s\n", args.source.dir,
			err == -ENOEXEC ? "hyperhurd-config does not stand "
					  "beside hyperhurd"
			: why		? why
					: strerror(-err));
	if (!err && args.write)
		err = keep_record(&launch, args.write);
	launch_free(&launch);
	return !err ? STATUS_OK : err == -EINVAL ? STATUS_WRONG : STATUS_FAILED;
}
