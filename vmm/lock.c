/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source: futex(2), "Priority-inheritance futexes".
 */
#include "vmm/lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

_Thread_local uint32_t lock_self;

static bool futex(struct lock *l, int op)
{
	return syscall(SYS_futex, &l->owner, op | FUTEX_PRIVATE_FLAG, 0, NULL,
		       NULL, 0) == 0;
}

/* Without it nothing would be protected any more. */
_Noreturn static void broken(const char *what)
{
	perror(what);
	abort();
}

void lock_wait(struct lock *l)
{
	uint32_t nobody = 0;

	lock_self = (uint32_t)syscall(SYS_gettid);
	if (__atomic_compare_exchange_n(&l->owner, &nobody, lock_self, false,
		    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (!futex(l, FUTEX_LOCK_PI))
		if (errno != EINTR && errno != EAGAIN)
			broken("FUTEX_LOCK_PI");
}

void lock_pass(struct lock *l)
{
	while (!futex(l, FUTEX_UNLOCK_PI))
		if (errno != EINTR && errno != EAGAIN)
			broken("FUTEX_UNLOCK_PI");
}
