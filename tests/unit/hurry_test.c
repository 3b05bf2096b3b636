/* SPDX-License-Identifier: GPL-2.0-or-later */
/* link: vmm/hurry.c */
/*
 * Who hurries is back afterwards, and who it starts never did.
 */
#include "vmm/hurry.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/tap.h"

#define PRIORITY 3
#define NOBODY 65534

/* The exit status of a child that does @what. */
static int in_child(int (*what)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (pid == 0)
		_exit(what());
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int policy(void)
{
	return sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
}

static int hurry_and_stop(void)
{
	struct rank was = hurry_begin(PRIORITY);

	if (policy() != SCHED_FIFO)
		return 1;
	if (in_child(policy) != SCHED_OTHER)
		return 2;
	hurry_end(was);
	return policy() == SCHED_OTHER ? 0 : 3;
}

/* As who is allowed to by a limit alone. */
static int lose_privileges_and_stop(void)
{
	struct rank was = hurry_begin(PRIORITY);

	if (setresuid(NOBODY, NOBODY, NOBODY) || policy() != SCHED_FIFO)
		return 1;
	hurry_end(was);
	return policy() == SCHED_OTHER ? 0 : 3;
}

static int hurry_in_vain(void)
{
	const struct rlimit none = {0, 0};
	struct rank was;

	if (setrlimit(RLIMIT_RTPRIO, &none) ||
		setresuid(NOBODY, NOBODY, NOBODY))
		return 4;
	was = hurry_begin(PRIORITY);
	if (policy() != SCHED_OTHER)
		return 1;
	hurry_end(was);
	return policy() == SCHED_OTHER ? 0 : 3;
}

static int hurry_not(void)
{
	struct rank was = hurry_begin(0);

	if (policy() != SCHED_OTHER)
		return 1;
	hurry_end(was);
	return policy() == SCHED_OTHER ? 0 : 3;
}

static bool may_hurry(void)
{
	const struct sched_param param = {.sched_priority = PRIORITY};
	const struct sched_param none = {0};

	return geteuid() == 0 && !sched_setscheduler(0, SCHED_FIFO, &param) &&
	       !sched_setscheduler(0, SCHED_OTHER, &none);
}

static void succeeds(int (*what)(void))
{
	if (!may_hurry())
		SKIP("no right to be real-time here");
	CHECK_EQ(in_child(what), 0);
}

TEST(root_is_back_afterwards)
{
	succeeds(hurry_and_stop);
}

TEST(who_has_no_privilege_is_back_afterwards)
{
	succeeds(lose_privileges_and_stop);
}

TEST(who_may_not_hurry_does_not)
{
	succeeds(hurry_in_vain);
}

TEST(at_priority_0_nothing_changes)
{
	succeeds(hurry_not);
}

static const struct tap_case cases[] = {
	CASE(root_is_back_afterwards),
	CASE(who_has_no_privilege_is_back_afterwards),
	CASE(who_may_not_hurry_does_not),
	CASE(at_priority_0_nothing_changes),
};

int main(void)
{
	return tap_run(cases, sizeof(cases) / sizeof(cases[0]));
}
