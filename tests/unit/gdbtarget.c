/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/gdbtarget.h"

#include <errno.h>
#include <string.h>

void gdbtarget_init(struct gdb_target *t)
{
	memset(t, 0, sizeof(*t));
	t->stop.reason = GDB_STOP_TRAP;
}

static int stopped(const struct gdb_target *t)
{
	if (t->stop.reason == GDB_EXITED || t->stop.reason == GDB_CRASHED)
		return -ESRCH;
	return t->stop.reason == GDB_RUNS ? -EBUSY : 0;
}

int gdb_target_get_cpu(struct gdb_target *t, struct gdb_cpu *cpu)
{
	*cpu = t->cpu;
	return stopped(t);
}

int gdb_target_put_cpu(struct gdb_target *t, const struct gdb_cpu *cpu)
{
	if (!stopped(t))
		t->cpu = *cpu;
	return stopped(t);
}

/* What is there from @address on, at most @size. */
static size_t present(uint64_t address, size_t size)
{
	uint64_t offset = address - GDBTARGET_BASE;

	if (offset >= GDBTARGET_MEMORY)
		return 0;
	return size < GDBTARGET_MEMORY - offset ? size
						: GDBTARGET_MEMORY - offset;
}

int gdb_target_read(
	struct gdb_target *t, uint64_t address, void *bytes, size_t size)
{
	size_t n = present(address, size);

	if (stopped(t))
		return stopped(t);
	if (size && !n)
		return -EFAULT;
	memcpy(bytes, t->memory + (size ? address - GDBTARGET_BASE : 0), n);
	return (int)n;
}

int gdb_target_write(
	struct gdb_target *t, uint64_t address, const void *bytes, size_t size)
{
	if (stopped(t))
		return stopped(t);
	if (present(address, size) != size)
		return -EFAULT;
	if (size)
		memcpy(t->memory + (address - GDBTARGET_BASE), bytes, size);
	return 0;
}

int gdb_target_insert(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	t->inserted++;
	t->kind = kind;
	t->address = address;
	t->size = size;
	return t->insert_error ? t->insert_error : stopped(t);
}

int gdb_target_remove(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	t->removed++;
	t->kind = kind;
	t->address = address;
	t->size = size;
	return stopped(t);
}

int gdb_target_resume(struct gdb_target *t, bool step)
{
	int err = stopped(t);

	if (err)
		return err;
	t->resumed++;
	t->stepped += step;
	t->stop.reason = GDB_RUNS;
	return 0;
}

void gdb_target_stop(struct gdb_target *t, struct gdb_stop *stop)
{
	*stop = t->stop;
}

void gdb_target_interrupt(struct gdb_target *t)
{
	t->interrupted++;
}

void gdb_target_kill(struct gdb_target *t)
{
	t->killed = true;
	t->stop.reason = GDB_CRASHED;
}

unsigned gdb_target_threads(struct gdb_target *t, struct gdb_thread *list)
{
	for (unsigned i = 0; i < t->nr_threads; i++)
		list[i] = t->thread[i];
	return t->nr_threads;
}

int gdb_target_choose(struct gdb_target *t, uint32_t number)
{
	if (stopped(t))
		return stopped(t);
	t->chosen = number;
	for (unsigned i = 0; i < t->nr_threads; i++)
		if (t->thread[i].number == number)
			return 0;
	return number == GDB_THREAD_VCPU ? 0 : -ESRCH;
}
