/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shares a container with file_reader, and asks for its frames all the time.
 * When one request took long, as the other domain came to its end, it says how
 * long, how much of that was its own time, and ends.
 *
 * Arguments: portal=NAME (of file_reader)
 */
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"

#define LONG_US 20000u
#define PAUSE_US 10000u
#define RIGHTS (CONTAINER_MAP_READ | CONTAINER_MAP_WRITE)

static uint64_t share(void)
{
	L4_ThreadId_t reader = portal_from_args();
	uint64_t ref, there;

	if (container_create(&ref) || container_allocate(ref, 0, 1, 0) ||
		container_share(ref, RIGHTS, reader, &there))
		panic("nothing to share");
	L4_Set_MsgTag(msgtag_make(0, 1, 0));
	L4_LoadMR(1, there);
	if (msgtag_failed(L4_Call(reader)))
		panic("nobody to share with");
	return ref;
}

/* Maps and unmaps its frame, unless a device writes to it.  Returns how many
 * microseconds it took. */
static uint64_t use(uint64_t ref)
{
	uint64_t began = L4_SystemClock();
	uint64_t error = container_map(ref, 0, 1, RIGHTS, WINDOW_GPA, NULL);

	if (!error)
		error = container_unmap(WINDOW_GPA, 1);
	if (error && error != VMM_EBUSY)
		panic("error %lu", error);
	return L4_SystemClock() - began;
}

int main(void)
{
	uint64_t ref = share(), took;
	struct vmm_stat before, after;

	for (;;) {
		vmm_stat(&before);
		took = use(ref);
		vmm_stat(&after);
		if (took >= LONG_US)
			break;
		L4_Sleep(L4_TimePeriod(PAUSE_US));
	}
	print("waited %lu us, with %lu us of its own\n", took,
		(after.charged_ns - before.charged_ns) / 1000);
	return 0;
}
