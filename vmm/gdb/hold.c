/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/gdb/hold.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/gdb/state.h"

#define VECTOR_BP 3
#define RFLAGS_TF (UINT64_C(1) << 8)

static void notify(struct gdb_target *t)
{
	uint64_t one = 1;
	ssize_t n = write(t->event_fd, &one, sizeof(one));

	(void)n; /* full means that it is readable */
}

static void stop(struct domain *d, struct gdb_stop why)
{
	d->debug->stop = why;
	d->hold = HOLD_ON;
	notify(d->debug);
}

/* A step is not led astray by interrupts, unless there is nothing else. */
void hold_prepare(struct domain *d)
{
	if (d->hold == HOLD_PATCH) {
		points_place(d);
		d->hold = HOLD_NONE;
		domain_prepare(d);
		return;
	}
	if (d->hold == HOLD_WANTED)
		d->vcpu.run->immediate_exit = 1;
	else if (d->state != VCPU_RUNNING)
		domain_prepare(d);
	else
		d->vcpu.run->request_interrupt_window = 0;
}

void hold_stopped(struct domain *d)
{
	stop(d, (struct gdb_stop){.reason = GDB_STOP_INTERRUPT});
}

static void exit_int3(struct domain *d, uint64_t pc)
{
	if (gdb_break_at(d, pc))
		stop(d, (struct gdb_stop){.reason = GDB_STOP_BREAK,
				.kind = GDB_BREAK_SOFTWARE});
	else if (gdb_break_apply(d->debug, d, KVM_GUESTDBG_INJECT_BP))
		domain_crash(d, "the host cannot give it its own breakpoint");
}

/* The trap flag that a step left in a saved register, or the guest's own. */
static void exit_stray_trap(struct domain *d)
{
	struct kvm_regs regs;

	if (!d->debug->stepped) {
		if (gdb_break_apply(d->debug, d, KVM_GUESTDBG_INJECT_DB))
			domain_crash(d, "the host cannot give it its own trap");
		return;
	}
	if (ioctl(d->vcpu.fd, KVM_GET_REGS, &regs) < 0)
		return;
	regs.rflags &= ~RFLAGS_TF;
	ioctl(d->vcpu.fd, KVM_SET_REGS, &regs);
}

static const struct hardware_break *trapped_by(
	struct domain *d, const struct kvm_debug_exit_arch *arch)
{
	for (unsigned i = 0; i < HARDWARE_MAX; i++)
		if (d->debug->hardware[i].used && (arch->dr6 >> i & 1))
			return &d->debug->hardware[i];
	return NULL;
}

static void exit_trap(struct domain *d, const struct kvm_debug_exit_arch *arch)
{
	const struct hardware_break *b = trapped_by(d, arch);

	if (b)
		stop(d, (struct gdb_stop){.reason = GDB_STOP_BREAK,
				.kind = b->kind,
				.address = b->address});
	else if (d->hold == HOLD_STEP)
		stop(d, (struct gdb_stop){.reason = GDB_STOP_TRAP});
	else
		exit_stray_trap(d);
}

void hold_debug_exit(struct domain *d)
{
	const struct kvm_debug_exit_arch *arch = &d->vcpu.run->debug.arch;

	if (!d->debug)
		domain_crash(d, "breakpoint at %#llx, and no debugger",
			(unsigned long long)arch->pc);
	else if (arch->exception == VECTOR_BP)
		exit_int3(d, arch->pc);
	else
		exit_trap(d, arch);
}

bool hold_halted(struct domain *d)
{
	struct kvm_regs regs;

	if (d->debug->patch != HLT ||
		ioctl(d->vcpu.fd, KVM_GET_REGS, &regs) < 0)
		return false;
	regs.rip--; /* the exit comes behind the instruction */
	if (!gdb_break_at(d, regs.rip) ||
		ioctl(d->vcpu.fd, KVM_SET_REGS, &regs) < 0)
		return false;
	stop(d, (struct gdb_stop){
			.reason = GDB_STOP_BREAK, .kind = GDB_BREAK_SOFTWARE});
	return true;
}

void hold_ended(struct domain *d)
{
	struct gdb_target *t = d->debug;

	memset(t->software, 0, sizeof(t->software));
	memset(t->hardware, 0, sizeof(t->hardware));
	t->stepped = false;
	t->stop = (struct gdb_stop){
		.reason = d->life == DOMAIN_STOPPED ? GDB_EXITED : GDB_CRASHED,
		.status = d->exit_status,
	};
	notify(t);
}
