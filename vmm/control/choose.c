/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which of the running systems a command means.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/control/client.h"

struct client *client_find_all(int *nr)
{
	struct client *all = calloc(CLIENT_SYSTEMS_MAX, sizeof(*all));
	bool silent = false;

	*nr = all ? client_find(all, &silent) : -ENOMEM;
	if (*nr < 0)
		fprintf(stderr, "hyperhurd: %s\n", strerror(-*nr));
	if (silent)
		fputs("hyperhurd: a system runs that gave no answer\n", stderr);
	if (silent && !*nr)
		*nr = -ETIMEDOUT;
	return all;
}

struct client *client_choose(const char *system)
{
	int nr;
	struct client *all = client_find_all(&nr);
	struct client *chosen = NULL;
	int matching = 0;

	for (int i = 0; i < nr; i++) {
		char pid[16];

		snprintf(pid, sizeof(pid), "%u", all[i].reply.pid);
		if (system && strcmp(system, pid) != 0 &&
			strcmp(system, all[i].reply.system) != 0)
			continue;
		chosen = &all[i];
		matching++;
	}
	if (nr >= 0 && matching == 0 && system)
		fprintf(stderr, "hyperhurd: no running system '%s'\n", system);
	else if (nr >= 0 && matching == 0)
		fputs("hyperhurd: no system is running\n", stderr);
	else if (matching > 1)
		fputs("hyperhurd: more than one system is running; choose one "
		      "with --system PID (see hyperhurd list)\n",
			stderr);
	return matching == 1 ? chosen : NULL;
}
