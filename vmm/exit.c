/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/exit.h"

#include <string.h>

#include "vmm/action.h"
#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/forced.h"
#include "vmm/gdb/hold.h"

#define MMIO_BYTES_MAX 8
#define OFF_LOOK_US 10000
#define BOOT_LIMIT_US 1000000 /* without reaching its idle point */

/* Interrupts, timers and requests that a device access may have caused. */
static void after_device(struct domain *d)
{
	uint64_t raised =
		d->control ? machine_take_notifications(d->machine) : 0;
	uint64_t next = machine_next_timer(d->machine);
	int status = 0;

	if (raised) {
		d->notified |= raised;
		domain_wake(d);
	}
	next = next == UINT64_MAX ? CLOCK_NEVER : clock_ticks_from_ns(next);
	if (!d->machine_timer.place || d->machine_timer.at != next)
		timer_set(&d->ex->timers, &d->machine_timer, next);
	if (d->memory && !d->control)
		forced_balloon(d);
	switch (machine_request(d->machine, &status)) {
	case MACHINE_GO_ON:
		break;
	case MACHINE_RESET:
		domain_stop(d, 0);
		break;
	case MACHINE_STOP:
		domain_stop(d, status);
		break;
	}
}

static void wake_if_due(struct domain *d)
{
	if (d->devices_due || (!d->control && machine_irq_pending(d->machine)))
		domain_wake(d);
}

void exit_expire_machine(struct domain *d, uint64_t now)
{
	machine_run_timers(d->machine, clock_ns_from_ticks(now));
	d->devices_due = machine_has_work(d->machine);
	after_device(d);
	wake_if_due(d);
}

void exit_poll_machine(struct domain *d)
{
	d->devices_due = machine_poll(d->machine);
	after_device(d);
	wake_if_due(d);
}

/* Accesses to ports that are not the way to ask for an action. */
__attribute__((noinline)) static void access_port(struct domain *d)
{
	struct kvm_run *run = d->vcpu.run;
	char *data = (char *)run + run->io.data_offset;
	bool is_write = run->io.direction == KVM_EXIT_IO_OUT;

	d->ex->cause = SPENT_DEVICES;
	trace_point(d->ex->trace, is_write ? TRACE_IO_WRITE : TRACE_IO_READ,
		d->index, run->io.size, run->io.port);
	machine_pio(d->machine, run->io.port, run->io.size, run->io.count, data,
		is_write);
	if (machine_has_work(d->machine))
		exit_poll_machine(d);
	else
		after_device(d);
}

static void exit_io(struct domain *d)
{
	const struct kvm_run *run = d->vcpu.run;
	uint32_t eax;

	if (!d->control || run->io.port != ACTION_PORT ||
		run->io.direction != KVM_EXIT_IO_OUT || run->io.size != 4 ||
		run->io.count != 1) {
		access_port(d);
		return;
	}
	d->ex->cause = SPENT_ACTIONS;
	if (d->memory)
		notice_progress(d->memory);
	memcpy(&eax, (const char *)run + run->io.data_offset, sizeof(eax));
	action_dispatch(d, eax);
}

static void exit_mmio(struct domain *d)
{
	struct kvm_run *run = d->vcpu.run;

	d->ex->cause = SPENT_DEVICES;
	trace_point(d->ex->trace,
		run->mmio.is_write ? TRACE_IO_WRITE : TRACE_IO_READ, d->index,
		run->mmio.len, run->mmio.phys_addr);

	bool known = run->mmio.len <= MMIO_BYTES_MAX &&
		     machine_mmio(d->machine, run->mmio.phys_addr,
			     run->mmio.data, run->mmio.len, run->mmio.is_write);

	if (!known && d->control) {
		domain_crash(d,
			"%s guest-physical address %#llx, where nothing is",
			run->mmio.is_write ? "wrote" : "read",
			(unsigned long long)run->mmio.phys_addr);
		return;
	}
	if (machine_has_work(d->machine))
		exit_poll_machine(d);
	else
		after_device(d);
}

static void exit_hlt(struct domain *d)
{
	if (d->debug && hold_halted(d))
		return;
	if (d->control && points_halted(d))
		return;
	if (d->control)
		domain_crash(d, "its kernel executed HLT");
	else if (!d->vcpu.run->if_flag)
		domain_stop(d, 0); /* nothing can wake it: powered off */
	else if (!machine_irq_pending(d->machine))
		d->state = VCPU_HALTED;
}

static void exit_shutdown(struct domain *d)
{
	domain_crash(d, "triple fault");
}

static void exit_window(struct domain *d)
{
	(void)d; /* domain_prepare injects */
}

static void exit_entry(struct domain *d)
{
	domain_crash(d, "invalid CPU state (hardware reason %#llx)",
		(unsigned long long)
			d->vcpu.run->fail_entry.hardware_entry_failure_reason);
}

/*
 * It touched a window that is gone, or wrote one that it may only read.  The
 * host does not say where: so its kernel is told what there is not, and the
 * instruction faults again, for the kernel to see.
 */
static bool memory_fault(struct domain *d)
{
	if (!d->memory || !d->control)
		return false;
	switch (windows_fault(d->memory)) {
	case FAULT_RESOLVED:
		return true;
	case FAULT_TOLD:
		d->fault_injected = true;
		return !vcpu_page_fault(&d->vcpu, FAULT_OF_HOST);
	default:
		return false;
	}
}

/*
 * KVM for AMD, from 6.15 on, takes what an exit says of the last event for one
 * that is not delivered yet, also if the processor does not call it valid, and
 * then refuses MMIO.  The next exit does not say it any more.
 */
static bool delivery_error(struct domain *d)
{
	bool again = d->exits == d->delivery_error + 1;

	if (d->vcpu.run->internal.suberror != KVM_INTERNAL_ERROR_DELIVERY_EV)
		return false;
	d->delivery_error = d->exits;
	return !again;
}

static void exit_internal(struct domain *d)
{
	struct kvm_regs regs = {0};

	if (delivery_error(d)) /* try again */
		return;
	if (memory_fault(d)) /* an instruction there, on some hosts */
		return;
	ioctl(d->vcpu.fd, KVM_GET_REGS, &regs);
	domain_crash(d, "the host cannot go on at rip %#llx (suberror %u)",
		(unsigned long long)regs.rip, d->vcpu.run->internal.suberror);
}

static void (*const handler[])(struct domain *) = {
	[KVM_EXIT_IO] = exit_io,
	[KVM_EXIT_MMIO] = exit_mmio,
	[KVM_EXIT_HLT] = exit_hlt,
	[KVM_EXIT_DEBUG] = hold_debug_exit,
	[KVM_EXIT_SHUTDOWN] = exit_shutdown,
	[KVM_EXIT_IRQ_WINDOW_OPEN] = exit_window,
	[KVM_EXIT_FAIL_ENTRY] = exit_entry,
	[KVM_EXIT_INTERNAL_ERROR] = exit_internal,
};

/* Its timeouts lie in its memory; a later look finds what changed. */
static void read_next_timer(struct domain *d)
{
	uint64_t at = *(volatile uint64_t *)&d->control->next_timer;

	if (at == d->next_timer)
		return;
	d->next_timer = at;
	timer_set(&d->ex->timers, &d->timer, at);
}

static uint64_t off_time(const struct domain *d)
{
	uint64_t most = clock_ticks_from_us(OFF_LOOK_US);
	uint64_t t = d->ran + 1 - d->if_off_seen;

	return t < most ? t : most;
}

/*
 * A kernel that keeps interrupts off is at fault.  Looked at when the vCPU is
 * preempted; any other exit starts the count again.  Between two looks no more
 * counts than OFF_LOOK_US: on a busy host an emulated CPU may stand still.
 */
static void watch_interrupts_off(struct domain *d)
{
	uint64_t limit = clock_ticks_from_us(d->if_limit_us);

	if (!d->booted)
		limit = clock_ticks_from_us(BOOT_LIMIT_US);
	if (d->vcpu.run->if_flag) {
		d->if_off_seen = 0;
		return;
	}
	executor_charge(d->ex, clock_now());
	d->if_off = d->if_off_seen ? d->if_off + off_time(d) : 0;
	d->if_off_seen = d->ran + 1;
	if (d->if_off > limit) {
		struct kvm_regs regs = {0};

		ioctl(d->vcpu.fd, KVM_GET_REGS, &regs);
		domain_crash(d,
			"interrupts off for more than %llu us, rip %#llx",
			(unsigned long long)clock_ns_from_ticks(limit) / 1000,
			(unsigned long long)regs.rip);
	}
}

static void exit_interrupted(struct domain *d)
{
	portal_offer_all(d);
	if (d->hold == HOLD_WANTED)
		hold_stopped(d);
	else if (d->control)
		watch_interrupts_off(d);
}

static void exit_unknown(struct domain *d, int err)
{
	struct kvm_regs regs = {0};

	ioctl(d->vcpu.fd, KVM_GET_REGS, &regs);
	if (err == -EFAULT)
		domain_crash(d,
			"touched memory that it does not have, rip %#llx",
			(unsigned long long)regs.rip);
	else
		domain_crash(d, "exit %u, error %d, rip %#llx",
			d->vcpu.run->exit_reason, -err,
			(unsigned long long)regs.rip);
}

void exit_dispatch(struct domain *d, int err)
{
	uint32_t reason = d->vcpu.run->exit_reason;

	if (d->control)
		read_next_timer(d);
	if (err == -EINTR || err == -EAGAIN || reason == KVM_EXIT_INTR)
		exit_interrupted(d);
	else if (err == -EFAULT && memory_fault(d))
		d->ex->cause = SPENT_OTHER;
	else if (err || reason >= sizeof(handler) / sizeof(handler[0]) ||
		 !handler[reason])
		exit_unknown(d, err);
	else
		handler[reason](d);
	if (err != -EINTR)
		d->if_off_seen = 0;
}
