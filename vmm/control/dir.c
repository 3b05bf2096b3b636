/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where control sockets are.
 */
#include "vmm/control/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int control_dir(char *buf, unsigned size)
{
	const char *given = getenv("HYPERHURD_RUN_DIR");
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	int length;

	if (given && *given)
		length = snprintf(buf, size, "%s", given);
	else if (geteuid() == 0)
		length = snprintf(buf, size, "/run/hyperhurd");
	else if (runtime && *runtime)
		length = snprintf(buf, size, "%s/hyperhurd", runtime);
	else
		length = snprintf(
			buf, size, "/tmp/hyperhurd-%u", (unsigned)geteuid());
	return length < 0 || (unsigned)length >= size ? -ENAMETOOLONG : 0;
}
