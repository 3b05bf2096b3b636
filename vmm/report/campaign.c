/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/report/campaign.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm/host.h"
#include "vmm/launch.h"

bool campaign_wanted(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strncmp(argv[i], "-o", 2) ||
			!strcmp(argv[i], "--output") ||
			!strncmp(argv[i], "--output=", 9))
			return true;
	return false;
}

int campaign_exec(char **argv)
{
	char top[PATH_MAX];
	char build[PATH_MAX];
	char program[PATH_MAX + 32];
	int err = -ENOENT;

	if (host_top(top) && launch_root(build)) {
		snprintf(program, sizeof(program), "%s/tools/crosstalk/run",
			top);
		setenv("HYPERHURD_BUILD", build, 1);
		execv(program, argv);
		err = -errno;
	}
	fprintf(stderr, "hyperhurd: cannot run tools/crosstalk/run: %s\n",
		strerror(-err));
	return err;
}
