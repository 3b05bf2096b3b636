/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a new thread finds its function: between libhurd's own files.
 */
#ifndef SERVERS_LIB_LIBHURD_THREAD_H
#define SERVERS_LIB_LIBHURD_THREAD_H

#include <stddef.h>
#include <stdint.h>

/** thread_entry - first instruction of every thread (thread_entry.S). */
void thread_entry(void);

/**
 * thread_push_entry - prepare a stack for thread_entry.
 *
 * Returns the stack pointer to start with.
 */
static inline uint64_t thread_push_entry(
	void (*entry)(void *), void *arg, void *stack, size_t size)
{
	uint64_t *top = (uint64_t *)((char *)stack + size);

	top[-2] = (uint64_t)entry;
	top[-1] = (uint64_t)arg;
	return (uint64_t)(top - 2);
}

/** thread_main - where thread_entry goes; does not return. */
__attribute__((noreturn)) void thread_main(void (*entry)(void *), void *arg);

/** start - where crt0 goes; does not return. */
__attribute__((noreturn)) void start(void);

#endif
