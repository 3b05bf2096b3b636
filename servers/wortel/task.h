/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tasks: a space, its threads, its program.
 */
#ifndef SERVERS_WORTEL_TASK_H
#define SERVERS_WORTEL_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/abi/threadid.h"
#include "servers/abi/startup.h"
#include "servers/wortel/elf.h"

#define TASKS_MAX STARTUP_TASKS_MAX
#define THREADS_MAX 256 /* of all tasks */
#define UTCBS_MAX 256	/* of one task */

struct task {
	bool alive;
	bool essential; /* the domain ends with this task */
	uint32_t index;
	const struct boot_module *module;
	struct elf_image image;
	thread_id_t first; /* thread */
};

/**
 * task_create - read a program and make a space and a first thread for it.
 * @module: its file is mapped at its physical address
 *
 * The thread does not run before task_start.  Returns the task, or NULL after
 * a line on the console that says why.
 */
struct task *task_create(const struct boot_module *module);

/** task_start - write the startup page and let the first thread run. */
void task_start(struct task *task, const struct boot_info *info);

/**
 * task_end - delete the threads of a task and take back its frames.
 * @status: 0..255, its exit status
 *
 * Ends the domain if the task was essential or the last; else returns.
 */
void task_end(struct task *task, unsigned status);

/** task_of - the living task that has thread @id, or NULL. */
struct task *task_of(thread_id_t id);

/**
 * task_thread_create - make another thread that runs at once.
 *
 * Returns its id, or nil if no thread number or UTCB is left.
 */
thread_id_t task_thread_create(struct task *task, uint64_t ip, uint64_t sp);

/** task_thread_delete - @id is one of @task's, and not its first. */
bool task_thread_delete(struct task *task, thread_id_t id);

/** task_count - number of living tasks. */
unsigned task_count(void);

#endif
