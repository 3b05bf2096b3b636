/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every thousandth system call ends with a look at all books.
 *
 * The linker puts the functions here between entry.S and those that it calls
 * (--wrap), so the kernel is at rest: it is about to return to user mode.
 */
#include "guestkernel/check/check.h"
#include "guestkernel/ipc.h"
#include "guestkernel/mapdb.h"
#include "guestkernel/panic.h"
#include "guestkernel/sched.h"
#include "guestkernel/syscall.h"
#include "guestkernel/x86/trap.h"

#define INTERVAL 1000 /* system calls */

struct tcb *__real_syscall_dispatch(struct tcb *self, uint64_t number);
struct tcb *__wrap_syscall_dispatch(struct tcb *self, uint64_t number);
struct tcb *__real_sys_thread_switch(struct tcb *self, uint64_t dest);
struct tcb *__wrap_sys_thread_switch(struct tcb *self, uint64_t dest);
struct tcb *__real_trap_user(struct tcb *self);
struct tcb *__wrap_trap_user(struct tcb *self);

static uint64_t nr_calls;
static uint64_t nr_others; /* of them not by sigma0 and the root task */
static uint64_t nr_checks;
static unsigned nr_mappings; /* of the spaces, this time */
static uint64_t pages_used;

void check_that(bool ok, const char *what, const void *object)
{
	if (ok)
		return;
	console_puts("check: call ");
	console_hex(nr_calls);
	console_puts(", running ");
	console_hex(current->id);
	console_puts("\nguest kernel: ");
	console_puts(what);
	console_puts(": ");
	console_hex((uint64_t)object);
	console_putc('\n');
	panic(STOP_PANIC, (uint64_t)object, 0);
}

static void check_all(void)
{
	unsigned nodes;

	check_pool_begin();
	check_callers();
	check_portals();
	nr_mappings = check_threads();
	nodes = check_frames(check_translates);
	check_that(nodes == nr_mappings, "mappings: not one a page", NULL);
	check_mapping_memory();
	check_space_memory();
	pages_used = check_pool_end();
	nr_checks++;
}

/* At rest: about to return to @t. */
static struct tcb *leave(struct tcb *t)
{
	check_that(t == current && sched_can_run(t),
		"returns to a thread that cannot run", t);
	return t;
}

/* sigma0 or the root task's first thread. */
static bool is_root(const struct tcb *t)
{
	return t->id <= THREAD_ROOT.raw;
}

struct tcb *__wrap_trap_user(struct tcb *self)
{
	return leave(__real_trap_user(self));
}

static struct tcb *end_call(struct tcb *t)
{
	if (++nr_calls % INTERVAL == 0)
		check_all();
	return leave(t);
}

struct tcb *__wrap_syscall_dispatch(struct tcb *self, uint64_t number)
{
	switch (number) {
	case CHECK_CALL_PRINT:
	case CHECK_CALL_NOW:
		check_all();
		if (number == CHECK_CALL_PRINT)
			check_pool_print();
		frame_of(self)->rax = nr_checks;
		frame_of(self)->rdx = pages_used;
		frame_of(self)->rsi = nr_others;
		return self;
	case CHECK_CALL_FAULT:
		frame_of(self)->rax = check_fault(frame_of(self)->rdi, self);
		return self;
	default:
		nr_others += !is_root(self);
		return end_call(__real_syscall_dispatch(self, number));
	}
}

struct tcb *__wrap_sys_thread_switch(struct tcb *self, uint64_t dest)
{
	nr_others += !is_root(self);
	return end_call(__real_sys_thread_switch(self, dest));
}
