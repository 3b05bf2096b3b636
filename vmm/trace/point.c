/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/trace/point.h"

#include <sys/ioctl.h>

#include "vmm/boot/elf.h"
#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/once.h"

#define HLT 0xf4u
#define THREAD_SHIFT 32

void points_find(struct guest_points *p, const void *file, size_t size)
{
	static const char *const name[NR_POINTS] = {
		[POINT_MESSAGE] = "ipc_hand_message",
		[POINT_LONG_MESSAGE] = "ipc_transfer",
		[POINT_PAGE_FAULT] = "trap_page_fault",
		[POINT_UNMAP] = "sys_unmap",
		[POINT_SWITCH] = "sched_resume",
	};

	for (unsigned i = 0; i < NR_POINTS; i++)
		if (elf_symbol(file, size, name[i], &p->address[i]) ||
			p->address[i] < BOOT_KERNEL_BASE)
			p->address[i] = 0;
}

void points_want(struct domain *d, bool wanted)
{
	if (!d->control || d->debug || d->points.wanted == wanted)
		return;
	d->points.wanted = wanted;
	d->hold = HOLD_PATCH;
}

static gpa_t place_of(const struct guest_points *p, unsigned i)
{
	return (gpa_t){p->address[i] - BOOT_KERNEL_BASE};
}

static void place(struct domain *d, unsigned i)
{
	struct guest_points *p = &d->points;
	const uint8_t hlt = HLT;
	uint8_t code[STEP_BYTES];

	if (!p->address[i] ||
		guestmem_read(&d->mem, place_of(p, i), code, sizeof(code)))
		return;
	p->step[i] = step_decode(code);
	p->original[i] = code[0];
	p->placed[i] = p->step[i].form != STEP_UNKNOWN &&
		       !guestmem_write(&d->mem, place_of(p, i), &hlt, 1);
}

/* The guest may have put something else there meanwhile: that stays. */
static void take_away(struct domain *d, unsigned i)
{
	struct guest_points *p = &d->points;
	uint8_t now = 0;

	p->placed[i] = false;
	if (!guestmem_read(&d->mem, place_of(p, i), &now, 1) && now == HLT &&
		guestmem_write(&d->mem, place_of(p, i), &p->original[i], 1))
		return; /* not reached: it could be read */
}

void points_place(struct domain *d)
{
	struct guest_points *p = &d->points;

	for (unsigned i = 0; i < NR_POINTS; i++) {
		if (p->wanted && !p->placed[i])
			place(d, i);
		else if (!p->wanted && p->placed[i])
			take_away(d, i);
	}
}

/* The number of the thread whose block is there, as far as it can be told. */
static uint32_t thread_at(const struct domain *d, uint64_t block)
{
	uint64_t id;

	return step_read(d, block + THREAD_LAYOUT_ID, &id)
		       ? 0
		       : (uint32_t)(id >> THREAD_SHIFT);
}

/* Of the message that the thread there sends the long way; 0: unknown. */
static uint64_t tag_at(const struct domain *d, uint64_t block)
{
	uint64_t flags;
	uint64_t tag;

	if (step_read(d, block + THREAD_LAYOUT_FLAGS, &flags))
		return 0;
	block += flags & THREAD_LAYOUT_KERNEL_SENDS
			 ? THREAD_LAYOUT_KERNEL_TAG
			 : (uint64_t)THREAD_LAYOUT_TAG;
	return step_read(d, block, &tag) ? 0 : tag;
}

static uint32_t running_thread(const struct domain *d)
{
	uint64_t at = once_u64(&d->control->running_thread);
	uint64_t block;

	return step_read(d, at, &block) ? 0 : thread_at(d, block);
}

static uint64_t fault_address(const struct domain *d)
{
	struct kvm_sregs sregs;

	return ioctl(d->vcpu.fd, KVM_GET_SREGS, &sregs) < 0 ? 0 : sregs.cr2;
}

/*
 * At the time of the exit, so it lies in what the vCPU ran.  That was the last
 * event: the lock has been held since.
 */
static void note(struct domain *d, unsigned i, const struct kvm_regs *regs)
{
	struct trace_ring *ring = d->ex->trace;
	struct trace_event e = {
		.at = ring->event[(ring->nr - 1) % TRACE_EVENTS].at,
		.domain = (uint16_t)d->index,
	};

	switch ((enum guest_point)i) {
	case POINT_MESSAGE:
		e.type = TRACE_MESSAGE;
		e.other = thread_at(d, regs->rbp);
		e.value = thread_at(d, regs->rcx);
		e.more = regs->r9;
		break;
	case POINT_LONG_MESSAGE:
		e.type = TRACE_LONG_MESSAGE;
		e.other = thread_at(d, regs->rdi);
		e.value = thread_at(d, regs->rsi);
		e.more = tag_at(d, regs->rdi);
		break;
	case POINT_PAGE_FAULT:
		e.type = TRACE_PAGE_FAULT;
		e.other = running_thread(d);
		e.value = fault_address(d);
		break;
	case POINT_UNMAP:
		e.type = TRACE_UNMAP;
		e.other = running_thread(d);
		break;
	case POINT_SWITCH:
		e.type = TRACE_SWITCH;
		e.other = running_thread(d);
		e.value = thread_at(d, regs->rdi);
		if (e.value == e.other)
			return; /* it goes on */
		break;
	case NR_POINTS:
		return;
	}
	trace_add(ring, &e);
}

bool points_halted(struct domain *d)
{
	struct guest_points *p = &d->points;
	struct kvm_regs regs;
	unsigned i = 0;

	if (ioctl(d->vcpu.fd, KVM_GET_REGS, &regs) < 0)
		return false;
	regs.rip--; /* the exit comes behind the instruction */
	while (i < NR_POINTS && !(p->placed[i] && p->address[i] == regs.rip))
		i++;
	if (i == NR_POINTS)
		return false;
	if (d->ex->trace)
		note(d, i, &regs);
	/* What the VMM cannot do the guest does, and faults as it should. */
	if (step_perform(d, &p->step[i], &regs)) {
		take_away(d, i);
		p->address[i] = 0;
	}
	return ioctl(d->vcpu.fd, KVM_SET_REGS, &regs) == 0;
}
