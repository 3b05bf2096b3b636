/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is debugged, as the protocol sees it: one vCPU and its memory.
 *
 * The VMM's is domain.c, with what it shares state.h with; unit tests and the
 * fuzzer link one of their own behind the same functions.  Besides the vCPU
 * there may be threads that the guest's kernel tells of: their registers and
 * memory can be read.  All but the last three need a target that is stopped and fail with -EBUSY while it runs,
 * -ESRCH after its end.
 */
#ifndef VMM_GDB_TARGET_H
#define VMM_GDB_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/gdb/register.h"

struct gdb_target;

/* As in the protocol's Z packets. */
enum gdb_break {
	GDB_BREAK_SOFTWARE = 0,
	GDB_BREAK_HARDWARE = 1,
	GDB_WATCH_WRITE = 2,
	GDB_WATCH_READ = 3,
	GDB_WATCH_ACCESS = 4,
};

enum gdb_stop_reason {
	GDB_RUNS,
	GDB_STOP_INTERRUPT,
	GDB_STOP_TRAP, /* a step is done; or nothing that we know of */
	GDB_STOP_BREAK, /* `kind` says at which sort, `address` what is watched */
	GDB_EXITED,	/* `status` */
	GDB_CRASHED,
};

struct gdb_stop {
	enum gdb_stop_reason reason;
	enum gdb_break kind;
	uint64_t address;
	int status; /* 0..255 */
};

#define GDB_THREAD_VCPU 1u
#define GDB_THREADS_MAX 256 /* more are not shown */
#define GDB_THREAD_TEXT 64

struct gdb_thread {
	uint32_t number; /* the debugger's name of it; not GDB_THREAD_VCPU */
	char text[GDB_THREAD_TEXT];
};

/**
 * gdb_target_threads - the threads besides the vCPU.
 * @list: OUT, GDB_THREADS_MAX
 *
 * Returns how many: none where the guest tells of none.
 */
unsigned gdb_target_threads(struct gdb_target *t, struct gdb_thread *list);

/**
 * gdb_target_choose - whose registers and memory are meant, until it runs on.
 * @number: GDB_THREAD_VCPU, or of a thread
 *
 * Returns 0 or -ESRCH.
 */
int gdb_target_choose(struct gdb_target *t, uint32_t number);

/** gdb_target_get_cpu - read all registers; 0 or -errno. */
int gdb_target_get_cpu(struct gdb_target *t, struct gdb_cpu *cpu);

/**
 * gdb_target_put_cpu - write all registers.
 *
 * Returns 0, -EPERM for a thread, or -errno if the host refuses them (-EINVAL: a control register
 * with a value that no CPU has); some may have been written then.
 */
int gdb_target_put_cpu(struct gdb_target *t, const struct gdb_cpu *cpu);

/**
 * gdb_target_read - read memory by virtual address, as the vCPU would.
 *
 * Returns the bytes read, fewer than @size if the rest is not mapped or no
 * RAM, or -EFAULT if that is so from the first byte on.
 */
int gdb_target_read(
	struct gdb_target *t, uint64_t address, void *bytes, size_t size);

/** gdb_target_write - write memory; 0, or -EFAULT where not all is there. */
int gdb_target_write(
	struct gdb_target *t, uint64_t address, const void *bytes, size_t size);

/**
 * gdb_target_insert - set a breakpoint or watchpoint.
 * @size: bytes watched: 1, 2, 4 or 8, and @address is a multiple of it
 *
 * Returns 0, -EFAULT (no memory there), -ENOSPC (too many), -EINVAL (size),
 * -ENOTSUP (the host cannot).
 */
int gdb_target_insert(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size);

/** gdb_target_remove - take it away; 0, also if it was not there. */
int gdb_target_remove(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size);

/** gdb_target_resume - run on, or for one instruction; 0 or -errno. */
int gdb_target_resume(struct gdb_target *t, bool step);

/** gdb_target_stop - why it stands still, or that it runs. */
void gdb_target_stop(struct gdb_target *t, struct gdb_stop *stop);

/** gdb_target_interrupt - stop it soon; gdb_target_stop tells when. */
void gdb_target_interrupt(struct gdb_target *t);

/** gdb_target_kill - the domain ends. */
void gdb_target_kill(struct gdb_target *t);

#endif
