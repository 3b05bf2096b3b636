/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/space.c"

#include "guestkernel/check/check.h"

unsigned check_space(struct space *space, unsigned nr_threads)
{
	check_object(space, sizeof(*space));
	check_that(
		space->nr_threads == nr_threads, "space: its threads", space);
	return check_tables(space);
}

void check_space_memory(void)
{
	check_slab(&spaces, sizeof(struct space));
}
