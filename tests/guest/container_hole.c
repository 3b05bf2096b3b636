/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container_hole: touches a window that it has taken out, for a system test.
 *
 * Arguments: flushed, if the mapping goes first, as it should
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"

int main(void)
{
	volatile uint64_t *word = (volatile uint64_t *)WINDOW_GPA;
	const uint64_t gpa = WINDOW_GPA;
	uint64_t ref, error;

	if (container_create(&ref) || container_allocate(ref, 0, 1, 0) ||
		container_map(ref, 0, 1,
			CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, gpa, NULL))
		panic("no container");
	*word = 1;
	error = args_flag(startup_page()->args, "flushed")
			? container_unmap(gpa, 1)
			: container_request(CONTAINER_UNMAP, &gpa, 1, NULL);
	print("container_hole: unmapped, error %lu\n", error);
	return (int)*word;
}
