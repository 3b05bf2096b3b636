/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * thread-storm: makes threads until none is left, deletes them, and begins
 * anew.  The threads do nothing but give up the CPU.
 */
#include <stdint.h>

#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/schedule.h"
#include "servers/workload/report.h"

#define THREADS_MAX 32
#define STACK_SIZE 1024

static uint8_t stack[THREADS_MAX][STACK_SIZE] __attribute__((aligned(16)));
static thread_id_t thread[THREADS_MAX];

static void yield_for_ever(void *arg)
{
	(void)arg;
	for (;;)
		L4_Yield();
}

static void storm(void)
{
	unsigned n = 0;

	while (n < THREADS_MAX) {
		thread[n] = thread_create(
			yield_for_ever, NULL, stack[n], sizeof(stack[n]));
		if (thread_id_is_nil(thread[n]))
			break;
		n++;
	}
	if (n == 0)
		panic("no thread can be made");
	while (n > 0)
		(void)thread_delete(thread[--n]);
}

int main(void)
{
	storm();
	workload_begin();
	for (;;)
		storm();
}
