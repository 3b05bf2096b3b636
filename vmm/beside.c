/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/beside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *beside_program(const char *name, char *buf)
{
	ssize_t length = readlink("/proc/self/exe", buf, PATH_MAX - 1);
	char *slash;

	buf[length > 0 ? length : 0] = '\0';
	slash = strrchr(buf, '/');
	strcpy(slash ? slash + 1 : buf, name);
	return buf;
}

static int become(const char *name, char **argv)
{
	char program[BESIDE_PATH_MAX];

	execv(beside_program(name, program), argv);
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
