/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container-storm: makes a container, maps, unmaps and destroys it, without end.  All of it is work of the VMM.
 */
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/task.h"
#include "servers/workload/report.h"

#define FRAMES 16
#define RIGHTS (CONTAINER_MAP_READ | CONTAINER_MAP_WRITE)

static void must(uint64_t error, const char *what)
{
	if (error != VMM_OK)
		panic("%s: error %lu", what, error);
}

static void round_do(void)
{
	uint64_t ref;

	must(container_create(&ref), "create");
	must(container_allocate(ref, 0, FRAMES, 0), "allocate");
	must(container_map(ref, 0, FRAMES, RIGHTS, WINDOW_GPA, NULL), "map");
	*(volatile uint8_t *)WINDOW_GPA = 1;
	must(container_unmap(WINDOW_GPA, FRAMES), "unmap");
	must(container_revoke(ref, 1), "destroy");
}

int main(void)
{
	round_do();
	workload_begin();
	for (;;)
		round_do();
}
