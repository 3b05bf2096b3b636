/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plenty: has frames in windows that are seen one by one, and logical copies of
 * them in others; says so, and waits to be ended.
 *
 * Arguments: hole (ask for all of a container at once, and then touch a place
 * without a window, instead of waiting)
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/sigma0.h"
#include "vmm/abi/control.h"

#define FRAMES 4096u
#define COPIES 2048u
#define MAP_RW (CONTAINER_MAP_READ | CONTAINER_MAP_WRITE)
#define PLACE (WINDOW_GPA + CONTAINER_FRAME_SIZE)
#define COPIES_PLACE (PLACE + (FRAMES + 1) * (uint64_t)CONTAINER_FRAME_SIZE)
#define HOLE (WINDOW_GPA + WINDOW_SIZE - CONTAINER_FRAME_SIZE)
#define WAIT_US 1000000u

static void fill(uint64_t place, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		*(volatile uint64_t *)(place + i * CONTAINER_FRAME_SIZE) = i;
}

static uint64_t new_container(uint64_t place, uint64_t count)
{
	uint64_t ref;

	if (container_create(&ref) || container_allocate(ref, 0, count, 0) ||
		container_map(ref, 0, count, MAP_RW, place, NULL))
		panic("not %lu frames", count);
	fill(place, count);
	return ref;
}

/* As much as a request can name. */
static void large_requests(void)
{
	const uint64_t all = CONTAINER_COUNT_MAX;
	uint64_t from, to;

	if (container_create(&from) || container_create(&to) ||
		container_allocate(from, 0, all, 0) ||
		container_allocate(to, 0, all, 0) ||
		container_allocate(to, 0, all, CONTAINER_ALLOCATE_SQUASH) ||
		container_copy(from, 0, to, 0, all) ||
		container_map(
			from, 0, all, CONTAINER_MAP_READ, WINDOW_GPA, NULL) ||
		container_unmap(WINDOW_GPA, all) ||
		container_deallocate(to, 0, all, 0) ||
		container_revoke(from, 1) || container_revoke(to, 1))
		panic("not %lu frames at once", all);
}

static uint64_t touch_hole(void)
{
	const thread_id_t sigma0 = {startup_page()->sigma0};

	if (fpage_is_nil(L4_Sigma0_GetPage(
		    sigma0, fpage_make(HOLE, FPAGE_LOG2_MIN, FPAGE_RIGHTS))))
		panic("no page");
	return *(volatile uint64_t *)HOLE;
}

int main(void)
{
	bool hole = args_flag(startup_page()->args, "hole");
	uint64_t from, to;

	if (hole)
		large_requests();
	from = new_container(PLACE, FRAMES);
	to = new_container(COPIES_PLACE, COPIES);
	if (container_copy(from, 0, to, 0, COPIES))
		panic("no copies");
	print("has plenty\n");
	if (hole)
		return (int)touch_hole();
	for (;;)
		L4_Sleep(L4_TimePeriod(WAIT_US));
}
