/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pressure_deaf: takes all extra frames that it gets, keeps most of them locked,
 * and does not hear when they are asked back.
 *
 * Arguments: delay_ms=N
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"

#define PAUSE_US 20000u

/* The second container is locked. */
static const uint64_t most[2] = {200, 3800};

int main(void)
{
	uint64_t ref[2], nr[2] = {0}, got;

	L4_Sleep(L4_TimePeriod(
		1000 * args_number(startup_page()->args, "delay_ms", 1)));
	for (unsigned i = 0; i < 2; i++)
		if (container_create(&ref[i]))
			panic("no container");
	if (container_request(CONTAINER_LOCK, (uint64_t[]){ref[1], 0}, 2, NULL))
		panic("no lock");
	for (unsigned i = 0;; i = 1 - i) {
		const uint64_t arg[] = {ref[i], nr[i], most[i] - nr[i],
			CONTAINER_ALLOCATE_EXTRA | CONTAINER_ALLOCATE_PARTIAL};

		got = 0;
		if (arg[2])
			(void)container_request(
				CONTAINER_ALLOCATE, arg, 4, &got);
		nr[i] += got;
		L4_Sleep(L4_TimePeriod(PAUSE_US));
	}
}
