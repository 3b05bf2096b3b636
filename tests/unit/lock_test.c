/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The system's lock: one thread at a time, and who waits gets it.
 */
/* link: vmm/lock.c */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "tests/tap.h"
#include "vmm/lock.h"

#define THREADS 4
#define ROUNDS 20000

static struct lock lock;
static uint64_t inside;
static uint64_t rounds;
static uint64_t collisions;

static void *take_and_give(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < ROUNDS; i++) {
		lock_take(&lock);
		collisions += inside++ != 0;
		if (i % 100 == 0)
			sched_yield();
		rounds++;
		inside--;
		lock_give(&lock);
	}
	return NULL;
}

TEST(one_thread_at_a_time_has_it)
{
	pthread_t thread[THREADS];

	for (unsigned i = 0; i < THREADS; i++)
		CHECK_EQ(pthread_create(&thread[i], NULL, take_and_give, NULL),
			0);
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	CHECK_EQ(collisions, 0);
	CHECK_EQ(rounds, THREADS * ROUNDS);
	CHECK_EQ(lock.owner, 0);
}

static void *wait_for_it(void *arg)
{
	lock_take(&lock);
	*(bool *)arg = true;
	lock_give(&lock);
	return NULL;
}

/* The kernel, which raises the owner's priority, knows who waits. */
TEST(who_waits_is_known_to_the_host_and_gets_it)
{
	const struct timespec pause = {.tv_nsec = 1000000};
	bool had_it = false;
	pthread_t thread;

	lock_take(&lock);
	CHECK_EQ(lock.owner, lock_self);
	CHECK_EQ(pthread_create(&thread, NULL, wait_for_it, &had_it), 0);
	while (__atomic_load_n(&lock.owner, __ATOMIC_RELAXED) == lock_self)
		nanosleep(&pause, NULL);
	CHECK(!had_it);
	lock_give(&lock);
	pthread_join(thread, NULL);
	CHECK(had_it);
	CHECK_EQ(lock.owner, 0);
}

TAP_MAIN(CASE(one_thread_at_a_time_has_it),
	CASE(who_waits_is_known_to_the_host_and_gets_it))
