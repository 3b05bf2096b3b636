/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Software breakpoints are int3 in guest-physical memory, so they are in every
 * address space that has the page; the address that the debugger gave is
 * translated once, as the vCPU stands when it is set.  Hardware breakpoints
 * and watchpoints are virtual addresses in any space.
 *
 * On a host where int3 does not work (gdb/ability.h), hlt stands for it, in
 * kernels only.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/gdb/state.h"

#define KERNEL_HALF(address) ((address) >> 63)
#define DR7_FIXED UINT64_C(0x600) /* GE, and a bit that is always one */
#define DR7_GLOBAL(i) (UINT64_C(2) << 2 * (i))
#define DR7_CONDITION(i, rw, length) \
	((uint64_t)((length) << 2 | (rw)) << (16 + 4 * (i)))

static struct software_break *software_find(
	struct gdb_target *t, uint64_t address)
{
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (t->software[i].used && t->software[i].address == address)
			return &t->software[i];
	return NULL;
}

static int software_insert(
	struct gdb_target *t, struct domain *d, uint64_t address)
{
	struct software_break *b = NULL;
	struct software_break new = {.used = true, .address = address};
	int err;

	if (!t->ability.int3 && !KERNEL_HALF(address))
		return -ENOTSUP;
	if (software_find(t, address))
		return 0;
	for (unsigned i = 0; i < SOFTWARE_MAX && !b; i++)
		if (!t->software[i].used)
			b = &t->software[i];
	if (!b)
		return -ENOSPC;
	err = gdb_translate(d, address, &new.gpa);
	if (!err)
		err = gdb_read_page(t, d, new.gpa, &new.original, 1);
	if (!err)
		err = guestmem_write(&d->mem, new.gpa, &t->patch, 1);
	if (!err)
		*b = new;
	return err;
}

/* The guest may have put something else there meanwhile: that stays. */
static void software_remove(
	struct gdb_target *t, struct domain *d, struct software_break *b)
{
	uint8_t now = 0;

	b->used = false;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (gdb_break_within(&t->software[i], b->gpa, 1))
			return; /* it has another name, too */
	if (!guestmem_read(&d->mem, b->gpa, &now, 1) && now == t->patch &&
		guestmem_write(&d->mem, b->gpa, &b->original, 1))
		return; /* not reached: it could be read */
}

static struct hardware_break *hardware_find(struct gdb_target *t,
	enum gdb_break kind, uint64_t address, uint64_t size)
{
	for (unsigned i = 0; i < HARDWARE_MAX; i++) {
		struct hardware_break *b = &t->hardware[i];

		if (b->used && b->kind == kind && b->address == address &&
			b->size == size)
			return b;
	}
	return NULL;
}

static int hardware_insert(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	if ((size != 1 && size != 2 && size != 4 && size != 8) ||
		address % size)
		return -EINVAL;
	if (!t->ability.debug_registers)
		return -ENOTSUP;
	if (hardware_find(t, kind, address, size))
		return 0;
	for (unsigned i = 0; i < HARDWARE_MAX; i++) {
		if (t->hardware[i].used)
			continue;
		t->hardware[i] =
			(struct hardware_break){true, kind, address, size};
		return 0;
	}
	return -ENOSPC;
}

int gdb_target_insert(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	struct domain *d;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	if (kind == GDB_BREAK_SOFTWARE)
		err = software_insert(t, d, address);
	else
		err = hardware_insert(t, kind, address,
			kind == GDB_BREAK_HARDWARE ? 1 : size);
	system_unlock(t->system);
	return err;
}

int gdb_target_remove(struct gdb_target *t, enum gdb_break kind,
	uint64_t address, uint64_t size)
{
	struct software_break *s;
	struct hardware_break *h;
	struct domain *d;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	if (kind == GDB_BREAK_SOFTWARE) {
		s = software_find(t, address);
		if (s)
			software_remove(t, d, s);
	} else {
		h = hardware_find(t, kind, address,
			kind == GDB_BREAK_HARDWARE ? 1 : size);
		if (h)
			h->used = false;
	}
	system_unlock(t->system);
	return 0;
}

static uint64_t dr7_of(unsigned i, const struct hardware_break *b)
{
	static const uint8_t length[] = {[1] = 0, [2] = 1, [4] = 3, [8] = 2};
	/* There is no condition that is reading alone. */
	static const uint8_t rw[] = {
		[GDB_BREAK_HARDWARE] = 0,
		[GDB_WATCH_WRITE] = 1,
		[GDB_WATCH_READ] = 3,
		[GDB_WATCH_ACCESS] = 3,
	};

	return DR7_GLOBAL(i) | DR7_CONDITION(i, rw[b->kind], length[b->size]);
}

int gdb_break_apply(struct gdb_target *t, const struct domain *d, uint32_t more)
{
	struct kvm_guest_debug debug = {.control = more};
	/* Traps of a saved trap flag have to come here after a step. */
	bool hardware = t->stepped;

	debug.arch.debugreg[7] = DR7_FIXED;
	for (unsigned i = 0; i < HARDWARE_MAX; i++) {
		const struct hardware_break *b = &t->hardware[i];

		if (!b->used)
			continue;
		debug.arch.debugreg[i] = b->address;
		debug.arch.debugreg[7] |= dr7_of(i, b);
		hardware = true;
	}
	if (hardware)
		debug.control |= KVM_GUESTDBG_USE_HW_BP;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (t->software[i].used)
			debug.control |= KVM_GUESTDBG_USE_SW_BP;
	if (d->hold == HOLD_STEP)
		debug.control |= KVM_GUESTDBG_SINGLESTEP;
	if (debug.control)
		debug.control |= KVM_GUESTDBG_ENABLE;
	return ioctl(d->vcpu.fd, KVM_SET_GUEST_DEBUG, &debug) < 0 ? -errno : 0;
}

void gdb_break_clear(struct gdb_target *t, struct domain *d)
{
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (t->software[i].used)
			software_remove(t, d, &t->software[i]);
	memset(t->hardware, 0, sizeof(t->hardware));
}

bool gdb_break_at(struct domain *d, uint64_t pc)
{
	struct gdb_target *t = d->debug;
	gpa_t gpa;

	if (software_find(t, pc))
		return true;
	if (gdb_translate(d, pc, &gpa))
		return false;
	for (unsigned i = 0; i < SOFTWARE_MAX; i++)
		if (gdb_break_within(&t->software[i], gpa, 1))
			return true;
	return false;
}
