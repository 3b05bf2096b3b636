/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The threads of an L4 domain, where its kernel says that they are
 * (vmm/abi/control.h, THREAD_LAYOUT_*).  All of it is guest memory: each word
 * is read once, by the page tables, and may be anything.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "vmm/gdb/state.h"
#include "vmm/once.h"

#define THREAD_SHIFT 32
#define ANYBODY UINT64_MAX

struct thread {
	uint64_t address;
	uint64_t id;
};

static int read_at(
	const struct domain *d, uint64_t address, void *to, size_t size)
{
	uint8_t *bytes = to;

	for (size_t i = 0; i < size; i++) {
		gpa_t gpa;

		if (gdb_translate(d, address + i, &gpa) ||
			guestmem_read(&d->mem, gpa, bytes + i, 1))
			return -EFAULT;
	}
	return 0;
}

static int read_word(const struct domain *d, uint64_t address, uint64_t *word)
{
	return read_at(d, address, word, sizeof(*word));
}

/* A member of the block at @thread. */
static uint64_t member(const struct domain *d, uint64_t thread, unsigned offset)
{
	uint64_t word;

	return read_word(d, thread + offset, &word) ? 0 : word;
}

/* Of the thread that runs; 0 if the kernel told of none. */
static uint64_t running_thread(const struct domain *d)
{
	uint64_t at = d->control ? once_u64(&d->control->running_thread) : 0;

	return at ? member(d, at, 0) : 0;
}

/* Returns how many there are, GDB_THREADS_MAX at most. */
static unsigned list_threads(const struct domain *d, struct thread *list)
{
	uint64_t at = d->control ? once_u64(&d->control->newest_thread) : 0;
	unsigned n = 0;

	if (at)
		at = member(d, at, 0);
	for (; at && n < GDB_THREADS_MAX;
		at = member(d, at, THREAD_LAYOUT_OLDER)) {
		uint64_t id = member(d, at, THREAD_LAYOUT_ID);

		if (id >> THREAD_SHIFT > GDB_THREAD_VCPU)
			list[n++] = (struct thread){at, id};
	}
	return n;
}

static void describe(
	const struct domain *d, const struct thread *thread, char *text)
{
	static const char *const names[] = {
		[THREAD_LAYOUT_INACTIVE] = "inactive",
		[THREAD_LAYOUT_READY] = "ready",
		[THREAD_LAYOUT_SENDING] = "sending",
		[THREAD_LAYOUT_RECEIVING] = "receiving",
		[THREAD_LAYOUT_REMOTE] = "in a portal",
		[THREAD_LAYOUT_STRING] = "in a string",
	};
	uint64_t state = member(d, thread->address, THREAD_LAYOUT_STATE) & 0xff;
	uint64_t from = member(d, thread->address, THREAD_LAYOUT_WAITS_FOR);
	const char *name = state < sizeof(names) / sizeof(names[0])
				   ? names[state]
				   : "unknown";

	if (running_thread(d) == thread->address &&
		state == THREAD_LAYOUT_READY)
		name = "runs";
	if (state != THREAD_LAYOUT_RECEIVING)
		snprintf(text, GDB_THREAD_TEXT, "%" PRIx64 " %s", thread->id,
			name);
	else if (from == ANYBODY)
		snprintf(text, GDB_THREAD_TEXT, "%" PRIx64 " %s from anybody",
			thread->id, name);
	else
		snprintf(text, GDB_THREAD_TEXT, "%" PRIx64 " %s from %" PRIx64,
			thread->id, name, from);
}

unsigned gdb_target_threads(struct gdb_target *t, struct gdb_thread *list)
{
	struct thread found[GDB_THREADS_MAX];
	struct domain *d;
	unsigned n;

	if (gdb_lock_held(t, &d))
		return 0;
	n = list_threads(d, found);
	for (unsigned i = 0; i < n; i++) {
		list[i].number = (uint32_t)(found[i].id >> THREAD_SHIFT);
		describe(d, &found[i], list[i].text);
	}
	system_unlock(t->system);
	return n;
}

/* The one that the vCPU runs has its registers there. */
static void choose(
	struct gdb_target *t, const struct domain *d, uint64_t thread)
{
	t->chosen = thread == running_thread(d) ? 0 : thread;
	t->chosen_cr3 = t->chosen ? member(d, thread, THREAD_LAYOUT_CR3) &
					    ~UINT64_C(0xfff)
				  : 0;
}

int gdb_target_choose(struct gdb_target *t, uint32_t number)
{
	struct thread found[GDB_THREADS_MAX];
	struct domain *d;
	unsigned n = 0;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	t->chosen = t->chosen_cr3 = 0;
	if (number != GDB_THREAD_VCPU) {
		err = -ESRCH;
		n = list_threads(d, found);
	}
	for (unsigned i = 0; err && i < n; i++) {
		if (found[i].id >> THREAD_SHIFT != number)
			continue;
		choose(t, d, found[i].address);
		err = 0;
	}
	system_unlock(t->system);
	return err;
}

int gdb_thread_registers(
	const struct gdb_target *t, const struct domain *d, struct gdb_cpu *cpu)
{
	uint64_t word[THREAD_LAYOUT_REGISTERS];
	struct kvm_regs *r = &cpu->regs;

	if (read_at(d, t->chosen - sizeof(word), word, sizeof(word)))
		return -EFAULT;
	*r = (struct kvm_regs){
		.r11 = word[0],
		.rcx = word[1],
		.rdx = word[2],
		.rsi = word[3],
		.rdi = word[4],
		.rbp = word[5],
		.r8 = word[6],
		.r9 = word[7],
		.rax = word[8],
		.rbx = word[9],
		.r10 = word[10],
		.r12 = word[11],
		.r13 = word[12],
		.r14 = word[13],
		.r15 = word[14],
		.rip = word[17],
		.rflags = word[19],
		.rsp = word[20],
	};
	cpu->sregs.cs.selector = (uint16_t)word[18];
	cpu->sregs.ss.selector = (uint16_t)word[21];
	cpu->sregs.cr3 = t->chosen_cr3;
	memset(&cpu->fpu, 0, sizeof(cpu->fpu));
	return 0;
}
