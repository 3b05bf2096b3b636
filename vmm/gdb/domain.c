/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm/gdb/state.h"

#define INT3 0xcc
#define RFLAGS_IF (UINT64_C(1) << 9)

static struct domain *living(struct gdb_target *t)
{
	struct domain *d = t->system->domain[t->index];

	return d && d->life == DOMAIN_LIVE && d->debug == t ? d : NULL;
}

int gdb_lock_held(struct gdb_target *t, struct domain **d)
{
	int err = 0;

	system_lock(t->system);
	*d = living(t);
	if (!*d)
		err = -ESRCH;
	else if ((*d)->hold != HOLD_ON)
		err = -EBUSY;
	if (err)
		system_unlock(t->system);
	return err;
}

/* Registers. --------------------------------------------------------------- */

static int get_cpu(const struct domain *d, struct gdb_cpu *cpu)
{
	int fd = d->vcpu.fd;

	memset(cpu, 0, sizeof(*cpu));
	if (ioctl(fd, KVM_GET_REGS, &cpu->regs) < 0 ||
		ioctl(fd, KVM_GET_SREGS, &cpu->sregs) < 0 ||
		ioctl(fd, KVM_GET_FPU, &cpu->fpu) < 0)
		return -errno;
	return 0;
}

/* What is as it was is left alone: the host may refuse what it has itself. */
static int put_cpu(
	struct domain *d, const struct gdb_cpu *old, const struct gdb_cpu *cpu)
{
	int fd = d->vcpu.fd;

	if (memcmp(&old->sregs, &cpu->sregs, sizeof(cpu->sregs)) != 0 &&
		ioctl(fd, KVM_SET_SREGS, &cpu->sregs) < 0)
		return -errno;
	if (memcmp(&old->fpu, &cpu->fpu, sizeof(cpu->fpu)) != 0 &&
		ioctl(fd, KVM_SET_FPU, &cpu->fpu) < 0)
		return -errno;
	if (memcmp(&old->regs, &cpu->regs, sizeof(cpu->regs)) != 0 &&
		ioctl(fd, KVM_SET_REGS, &cpu->regs) < 0)
		return -errno;
	/* Somewhere else it is neither idle nor halted. */
	if (old->regs.rip != cpu->regs.rip)
		d->state = VCPU_RUNNING;
	d->vcpu.run->if_flag = !!(cpu->regs.rflags & RFLAGS_IF);
	return 0;
}

int gdb_target_get_cpu(struct gdb_target *t, struct gdb_cpu *cpu)
{
	struct domain *d;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	err = get_cpu(d, cpu);
	if (!err && t->chosen)
		err = gdb_thread_registers(t, d, cpu);
	system_unlock(t->system);
	return err;
}

int gdb_target_put_cpu(struct gdb_target *t, const struct gdb_cpu *cpu)
{
	struct gdb_cpu old;
	struct domain *d;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	err = t->chosen ? -EPERM : get_cpu(d, &old);
	if (!err)
		err = put_cpu(d, &old, cpu);
	system_unlock(t->system);
	return err;
}

/* Running and stopping. ---------------------------------------------------- */

static void run_on(struct domain *d)
{
	d->if_off_seen = 0;
	domain_wake(d);
}

int gdb_target_resume(struct gdb_target *t, bool step)
{
	struct domain *d;
	int err = gdb_lock_held(t, &d);

	if (err)
		return err;
	d->hold = step ? HOLD_STEP : HOLD_NONE;
	t->chosen = t->chosen_cr3 = 0;
	t->stepped |= step;
	err = gdb_break_apply(t, d, 0);
	if (err) {
		d->hold = HOLD_ON;
	} else {
		t->stop = (struct gdb_stop){.reason = GDB_RUNS};
		run_on(d);
	}
	system_unlock(t->system);
	return err;
}

void gdb_target_release(struct gdb_target *t)
{
	struct domain *d;

	system_lock(t->system);
	d = living(t);
	if (d && d->hold == HOLD_ON) {
		gdb_break_clear(t, d);
		t->stepped = false;
		t->stop = (struct gdb_stop){.reason = GDB_RUNS};
		d->hold = HOLD_NONE;
		if (gdb_break_apply(t, d, 0))
			domain_crash(d, "the host cannot end debugging");
		else
			run_on(d);
	}
	system_unlock(t->system);
}

void gdb_target_stop(struct gdb_target *t, struct gdb_stop *stop)
{
	system_lock(t->system);
	*stop = t->stop;
	system_unlock(t->system);
}

void gdb_target_interrupt(struct gdb_target *t)
{
	struct domain *d;

	system_lock(t->system);
	d = living(t);
	if (d && (d->hold == HOLD_NONE || d->hold == HOLD_STEP)) {
		t->stop = (struct gdb_stop){.reason = GDB_RUNS};
		d->hold = HOLD_WANTED;
		domain_wake(d);
	}
	system_unlock(t->system);
}

void gdb_target_kill(struct gdb_target *t)
{
	struct domain *d;

	system_lock(t->system);
	d = living(t);
	if (d)
		domain_crash(d, "killed by its debugger");
	system_unlock(t->system);
}

int gdb_target_create(struct gdb_target **target, struct system *system,
	unsigned index, int event_fd)
{
	struct domain *d = system->domain[index];
	struct gdb_ability ability = {0};
	struct gdb_target *t;
	int err = gdb_ability_find(&system->kvm, &ability);

	if (err)
		return err;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	*t = (struct gdb_target){
		.system = system,
		.index = index,
		.event_fd = event_fd,
		.stop = {.reason = GDB_STOP_TRAP},
		.ability = ability,
		.patch = ability.int3 ? INT3 : HLT,
	};
	system->debug[index] = d->debug = t;
	d->hold = HOLD_ON;
	*target = t;
	return 0;
}

void gdb_target_destroy(struct gdb_target *t)
{
	struct domain *d = t->system->domain[t->index];

	t->system->debug[t->index] = NULL;
	if (d)
		d->debug = NULL;
	free(t);
}
