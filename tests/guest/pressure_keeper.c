/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pressure_keeper: takes frames of the guarantee and gives them back, again and
 * again; they are there each time, whatever others do, or it says so and ends
 * the domain.
 *
 * Arguments: pause_us=N (for which it keeps them)
 */
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/console.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"

#define FRAMES 256u
#define PLACE (WINDOW_GPA + UINT64_C(0x1c00000)) /* behind those of servers */
#define PAUSE_US 200000u
#define REPORT_EVERY 5u

static volatile uint64_t *word_of(unsigned i)
{
	return (volatile uint64_t *)(PLACE + i * CONTAINER_FRAME_SIZE);
}

/* They are zeroed, keep what is written, and nothing else is in them. */
static bool frames_keep(uint64_t mark, uint64_t pause_us)
{
	bool good = true;

	for (unsigned i = 0; i < FRAMES; i++) {
		good &= *word_of(i) == 0;
		*word_of(i) = mark + i;
	}
	L4_Sleep(L4_TimePeriod(pause_us));
	for (unsigned i = 0; i < FRAMES; i++)
		good &= *word_of(i) == mark + i;
	return good;
}

static bool sample(uint64_t mark, uint64_t pause_us)
{
	uint64_t ref;
	bool good;

	if (container_create(&ref) || container_allocate(ref, 0, FRAMES, 0) ||
		container_map(ref, 0, FRAMES,
			CONTAINER_MAP_READ | CONTAINER_MAP_WRITE, PLACE, NULL))
		return false;
	good = frames_keep(mark, pause_us);
	return !container_unmap(PLACE, FRAMES) && good &&
	       !container_revoke(ref, 1);
}

int main(void)
{
	uint64_t pause_us =
		args_number(startup_page()->args, "pause_us", PAUSE_US);

	for (uint64_t n = 1; sample(n << 32, pause_us); n++)
		if (n % REPORT_EVERY == 0)
			print("guarantee kept %lu times\n", n);
	print("guarantee broken\n");
	vmm_exit(1);
}
