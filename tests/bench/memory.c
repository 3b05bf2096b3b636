/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What requests about containers cost, from the user's Ipc to the reply, for
 * several numbers of frames; and the first touch of a frame that is mapped.
 *
 * Arguments: portal=NAME, of another domain
 */
#include "servers/lib/libc/format.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/container.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/sigma0.h"
#include "tests/bench/bench.h"
#include "vmm/abi/control.h"

#define GPA WINDOW_GPA
#define SIZE_2M (UINT64_C(2) << 20)
#define FIGURE_MAX 32
#define ROUNDS 5
#define TOUCHED 256
#define LARGE 4096
#define CROWD 128
#define WINDOWS 6 /* half of them over each container */
#define MAP_RW (CONTAINER_MAP_READ | CONTAINER_MAP_WRITE)

enum figure {
	ALLOCATE,
	MAP,
	UNMAP_UNTOUCHED,
	UNMAP,
	SHARE,
	COPY,
	DESTROY,
	NR_FIGURES,
};

static const char *const names[NR_FIGURES] = {"allocate", "map",
	"unmap-untouched", "unmap", "share", "copy", "destroy"};

static uint64_t ticks[NR_FIGURES][ROUNDS];
static uint64_t touch[TOUCHED];
static uint64_t cost, portal_slot;

/* One request, and how long it takes. */
static uint64_t ask(
	uint64_t *took, uint64_t label, const uint64_t *arg, unsigned nr)
{
	uint64_t result = 0;
	uint64_t start = bench_tsc();
	uint64_t error = container_request(label, arg, nr, &result);

	*took = bench_tsc() - start - cost;
	if (error)
		panic("request %lu failed: %lu", label, error);
	return result;
}

#define ASK(took, label, ...)                             \
	ask(took, label, (const uint64_t[]){__VA_ARGS__}, \
		sizeof((const uint64_t[]){__VA_ARGS__}) / 8)

/* The task maps the window's frames, without touching them. */
static void take_pages(uint64_t gpa, uint64_t count)
{
	const thread_id_t sigma0 = {startup_page()->sigma0};

	for (uint64_t i = 0; i < count; i++)
		if (fpage_is_nil(L4_Sigma0_GetPage(
			    sigma0, fpage_make(gpa + i * CONTAINER_FRAME_SIZE,
					    FPAGE_LOG2_MIN, FPAGE_RIGHTS))))
			panic("no page");
}

static uint64_t touch_frame(uint64_t gpa, uint64_t i)
{
	volatile uint64_t *word =
		(volatile uint64_t *)(gpa + i * CONTAINER_FRAME_SIZE);
	uint64_t start = bench_tsc();

	*word = i;
	return bench_tsc() - start - cost;
}

static void measure(uint64_t count, unsigned round)
{
	uint64_t from, to, unused;

	from = ASK(&ticks[ALLOCATE][round], CONTAINER_CREATE_WITH, count, 0);
	to = ASK(&unused, CONTAINER_CREATE_WITH, count, 0);
	(void)ASK(
		&ticks[MAP][round], CONTAINER_MAP, from, 0, count, MAP_RW, GPA);
	(void)ASK(&ticks[UNMAP_UNTOUCHED][round], CONTAINER_UNMAP, GPA);
	(void)ASK(&unused, CONTAINER_MAP, from, 0, count, MAP_RW, GPA);
	take_pages(GPA, count);
	for (uint64_t i = 0; i < count; i++)
		(void)touch_frame(GPA, i);
	(void)ASK(&ticks[UNMAP][round], CONTAINER_UNMAP, GPA);
	(void)ASK(&ticks[SHARE][round], CONTAINER_SHARE, from,
		CONTAINER_MAP_READ, portal_slot);
	(void)ASK(&ticks[COPY][round], CONTAINER_COPY, from, 0, to, 0, count);
	(void)ASK(&unused, CONTAINER_DESTROY, from);
	(void)ASK(&ticks[DESTROY][round], CONTAINER_DESTROY, to);
}

static void report(const char *what, uint64_t count, uint64_t figure)
{
	char frames[16];

	format(frames, sizeof(frames), "%lu", count);
	bench_record(what, frames, figure);
}

static void measure_touch(void)
{
	uint64_t unused;
	uint64_t ref = ASK(&unused, CONTAINER_CREATE_WITH, TOUCHED, 0);

	(void)ASK(&unused, CONTAINER_MAP, ref, 0, TOUCHED, MAP_RW, GPA);
	take_pages(GPA, TOUCHED);
	for (unsigned i = 0; i < TOUCHED; i++)
		touch[i] = touch_frame(GPA, i);
	report("ept-violation", 1, bench_median(touch, TOUCHED));
	(void)ASK(&unused, CONTAINER_DESTROY, ref);
}

/* All of a window, one frame after the other, and how many faults that takes. */
static void touch_window(const char *name, uint64_t count, uint64_t gpa)
{
	struct vmm_stat before, after;
	uint64_t unused, took = 0;
	uint64_t ref = ASK(&unused, CONTAINER_CREATE_WITH, count, 0);
	char faults[FIGURE_MAX];

	(void)ASK(&unused, CONTAINER_MAP, ref, 0, count, MAP_RW, gpa);
	take_pages(gpa, count);
	(void)vmm_stat(&before);
	for (uint64_t i = 0; i < count; i++)
		took += touch_frame(gpa, i);
	(void)vmm_stat(&after);
	report(name, count, took);
	format(faults, sizeof(faults), "%s-faults", name);
	report(faults, count, after.faults - before.faults);
	(void)ASK(&unused, CONTAINER_DESTROY, ref);
}

/*
 * What makes long steps: frames that do not lie side by side, seen in as many
 * windows as there may be, and all of it touched.  Only the steps count.
 */
static void crowd(void)
{
	uint64_t unused;
	uint64_t from = ASK(&unused, CONTAINER_CREATE_WITH, CROWD, 0);
	uint64_t to = ASK(&unused, CONTAINER_CREATE_WITH, CROWD, 0);

	for (uint64_t i = 0; i < CROWD; i += 2) {
		(void)ASK(&unused, CONTAINER_DEALLOCATE, to, i, 1, 0);
		(void)ASK(&unused, CONTAINER_ALLOCATE, from, CROWD + i, 1, 0);
		(void)ASK(&unused, CONTAINER_ALLOCATE, to, i, 1, 0);
	}
	for (uint64_t i = 0; i < WINDOWS; i++)
		(void)ASK(&unused, CONTAINER_MAP, i % 2 ? from : to, 0, CROWD,
			MAP_RW, GPA + i * CROWD * CONTAINER_FRAME_SIZE);
	take_pages(GPA, WINDOWS * CROWD);
	for (uint64_t i = 0; i < WINDOWS * CROWD; i++)
		(void)touch_frame(GPA, i);
	(void)ASK(&unused, CONTAINER_COPY, from, 0, to, 0, CROWD);
	for (uint64_t i = 0; i < WINDOWS * CROWD; i++)
		(void)touch_frame(GPA, i);
	(void)ASK(&unused, CONTAINER_DEALLOCATE, from, 0, CROWD, 0);
	(void)ASK(&unused, CONTAINER_ALLOCATE, from, 0, CROWD, 0);
	(void)ASK(&unused, CONTAINER_DESTROY, from);
	(void)ASK(&unused, CONTAINER_DESTROY, to);
}

/*
 * The same: a frame is taken out of the middle of each 2 MiB that are seen
 * frame by frame, or becomes read-only there.
 */
static void cut(void)
{
	const uint64_t gpa = GPA + CONTAINER_FRAME_SIZE, page = 512;
	uint64_t unused;
	uint64_t ref = ASK(&unused, CONTAINER_CREATE_WITH, 4 * page, 0);
	uint64_t copy = ASK(&unused, CONTAINER_CREATE_WITH, 1, 0);

	(void)ASK(&unused, CONTAINER_MAP, ref, 0, 4 * page, MAP_RW, gpa);
	take_pages(gpa, 4 * page);
	for (uint64_t i = 0; i < 4 * page; i++)
		(void)touch_frame(gpa, i);
	(void)ASK(&unused, CONTAINER_DEALLOCATE, ref, page + page / 2, 1, 0);
	(void)ASK(
		&unused, CONTAINER_COPY, ref, 2 * page + page / 2, copy, 0, 1);
	(void)touch_frame(gpa, 2 * page + page / 2);
	(void)ASK(&unused, CONTAINER_DESTROY, ref);
	(void)ASK(&unused, CONTAINER_DESTROY, copy);
}

int main(void)
{
	static const uint64_t counts[] = {1, 16, 256, 4096};

	cost = bench_tsc_cost();
	portal_slot = REMOTE_ID_SLOT(portal_from_args().raw);
	for (unsigned i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (unsigned round = 0; round < ROUNDS; round++)
			measure(counts[i], round);
		for (unsigned f = 0; f < NR_FIGURES; f++)
			report(names[f], counts[i],
				bench_median(ticks[f], ROUNDS));
	}
	measure_touch();
	touch_window("touch", SIZE_2M / CONTAINER_FRAME_SIZE, GPA);
	touch_window("touch", LARGE, GPA);
	touch_window("touch-unaligned", SIZE_2M / CONTAINER_FRAME_SIZE,
		GPA + CONTAINER_FRAME_SIZE);
	touch_window("touch-unaligned", LARGE, GPA + CONTAINER_FRAME_SIZE);
	crowd();
	cut();
	return 0;
}
