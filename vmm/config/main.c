/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hyperhurd-config: reads a system and writes its launch record.
 *
 * The VMM starts it as an unprivileged process (vmm/launch.c), so that no
 * XML is parsed where guests are run.  It writes messages to standard error and
 * nothing else but the record.
 *
 * Exit status: 0; 2 wrong configuration; 3 the record could not be written;
 * 64 wrong arguments.
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/config/arena.h"
#include "vmm/config/record.h"
#include "vmm/config/system.h"
#include "vmm/config/value.h"
#include "vmm/config/xml.h"

enum status {
	STATUS_OK = 0,
	STATUS_WRONG = 2,
	STATUS_WRITE = 3,
	STATUS_USAGE = 64,
};

struct arguments {
	const char *dir;
	const char *root;
	const char *only;
	uint32_t fd; /* where the record goes */
	bool write;  /* else only check */
	bool privileged;
	bool unreserved;
};

static int usage(void)
{
	fputs("usage: hyperhurd-config --root ROOT [--only NAME,...] "
	      "[--privileged] [--unreserved] [--fd N] DIR\n",
		stderr);
	return STATUS_USAGE;
}

static bool parse_arguments(int argc, char **argv, struct arguments *args)
{
	static const struct option options[] = {
		{"root", required_argument, NULL, 'r'},
		{"only", required_argument, NULL, 'o'},
		{"fd", required_argument, NULL, 'f'},
		{"privileged", no_argument, NULL, 'p'},
		{"unreserved", no_argument, NULL, 'u'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r')
			args->root = optarg;
		else if (option == 'o')
			args->only = optarg;
		else if (option == 'f' &&
			 !value_number(optarg, 1023, &args->fd))
			args->write = true;
		else if (option == 'p')
			args->privileged = true;
		else if (option == 'u')
			args->unreserved = true;
		else
			return false;
	}
	args->dir = argv[optind];
	return args->root && optind == argc - 1;
}

int main(int argc, char **argv)
{
	/* Zero, and paid for only as far as it is used. */
	static struct config_system system;
	struct arguments args = {0};

	if (!parse_arguments(argc, argv, &args))
		return usage();
	system.root = args.root;
	system.privileged = args.privileged;
	arena_setup();
	xml_setup();
	system_read(&system, args.dir);
	if (args.only && !system.incomplete)
		system_select(&system, args.dir, args.only);
	if (!system.incomplete)
		system_check(&system);
	if (!system.incomplete && !args.unreserved)
		system_check_admission(&system);
	if (system.diag.nr) {
		diag_print(&system.diag, stderr);
		return STATUS_WRONG;
	}
	if (!args.write)
		return STATUS_OK;

	int err = record_write(&system, args.unreserved, (int)args.fd);

	if (err) {
		fprintf(stderr, "hyperhurd-config: launch record: %s\n",
			strerror(-err));
		return STATUS_WRITE;
	}
	return STATUS_OK;
}
