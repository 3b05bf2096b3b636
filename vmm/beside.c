/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/beside.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int become(const char *name, char **argv)
{
	char program[PATH_MAX + NAME_MAX];
	ssize_t length = readlink("/proc/self/exe", program, PATH_MAX - 1);
	char *slash;

	program[length > 0 ? length : 0] = '\0';
	slash = strrchr(program, '/');
	strcpy(slash ? slash + 1 : program, name);
	execv(program, argv);
	fprintf(stderr, "hyperhurd: %s: %s\n", program, strerror(errno));
	return 1;
}

int top_main(int argc, char **argv)
{
	(void)argc;
	return become("hyperhurd-top", argv);
}

int metrics_main(int argc, char **argv)
{
	(void)argc;
	return become("hyperhurd-metrics", argv);
}
