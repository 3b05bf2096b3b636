/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The running program: its end, its threads, its interrupts.
 *
 * Two implementations: task.c for a task, which asks wortel; root.c for
 * sigma0 and a root task, which have the right to do it themselves.
 */
#ifndef SERVERS_LIB_LIBHURD_TASK_H
#define SERVERS_LIB_LIBHURD_TASK_H

#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"

/** Every program's first function; its result is the exit status. */
int main(void);

/** task_exit - end the program.  @status: 0..255 */
__attribute__((noreturn)) void task_exit(int status);

/** panic - print a line that begins with the program's name; exit status 1. */
__attribute__((noreturn, format(printf, 1, 2))) void panic(
	const char *fmt, ...);

/** program_name - for messages. */
const char *program_name(void);

/**
 * thread_create - run @entry(@arg) in a new thread of this space.
 * @stack: lowest byte of its stack, 16-byte aligned, kept until it is deleted
 * @size:  bytes, a multiple of 16
 *
 * The thread is deleted when @entry returns.  Overwrites the message
 * registers.  Returns its global id, or nil if no thread or UTCB is left.
 */
thread_id_t thread_create(
	void (*entry)(void *), void *arg, void *stack, size_t size);

/** thread_delete - end a thread that thread_create made.  0 or an error. */
uint64_t thread_delete(thread_id_t id);

/** thread_exit - end the running thread. */
__attribute__((noreturn)) void thread_exit(void);

/** thread_set_priority - @priority: 0..WORTEL_PRIORITY_MAX.  0 or an error. */
uint64_t thread_set_priority(thread_id_t id, unsigned priority);

/**
 * interrupt_attach - the running thread gets interrupt @irq as messages from
 * thread_id_interrupt(@irq); it acknowledges each with an empty message.
 *
 * Returns 0 or an error.
 */
uint64_t interrupt_attach(unsigned irq);

#endif
