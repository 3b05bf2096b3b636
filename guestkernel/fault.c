/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/fault.h"

#include "guestkernel/abi/foreign.h"
#include "guestkernel/abi/msgtag.h"
#include "guestkernel/abi/protocol.h"
#include "guestkernel/clock.h"
#include "guestkernel/ipc.h"
#include "guestkernel/map.h"
#include "guestkernel/panic.h"
#include "guestkernel/redirect.h"
#include "guestkernel/x86/reg.h"

/* In this domain there is nobody to hear of @t's fault. */
static void without_partner(struct tcb *t)
{
	if (t->flags & THREAD_STRING)
		string_abort(t);
	else
		t->flags |= THREAD_HALTED;
}

static void send(struct tcb *self, enum kernel_ipc kind, uint64_t partner)
{
	partner = redirect(self, thread_resolve(self, partner));
	if (!thread_find(partner)) {
		without_partner(self);
		return;
	}
	self->flags |= THREAD_KERNEL_IPC;
	self->kernel_ipc = (uint8_t)kind;
	self->receive_from = partner;
	self->receive_timeout = TIME_NEVER.raw;
	ipc_send(self, partner, TIME_NEVER);
}

void fault_send_page(
	struct tcb *t, uint64_t access, uint64_t address, uint64_t ip)
{
	t->message[0] =
		msgtag_make(PROTOCOL_PAGEFAULT | access, PAGEFAULT_WORDS, 0)
			.raw;
	t->message[1] = address;
	t->message[2] = ip;
	send(t, KERNEL_IPC_PAGE_FAULT, *thread_tcr(t, UTCB_PAGER));
}

void fault_page(struct tcb *self, uint64_t address, uint64_t error)
{
	uint64_t access = FPAGE_R;

	if (self->space->is_sigma0) {
		if (!map_sigma0_fault(self->space, address))
			panic(STOP_SIGMA0_FAULT, address, frame_of(self)->rip);
		return;
	}
	if (error & PF_ERROR_WRITE)
		access = FPAGE_W;
	else if (error & PF_ERROR_FETCH)
		access = FPAGE_X;
	fault_send_page(self, access, address, frame_of(self)->rip);
}

void fault_exception(struct tcb *self)
{
	bool foreign = self->flags & THREAD_FOREIGN;
	unsigned words = foreign ? FOREIGN_WORDS : EXCEPTION_WORDS;
	int handler = foreign ? UTCB_PAGER : UTCB_EXCEPTION_HANDLER;

	self->message[0] = msgtag_make(PROTOCOL_EXCEPTION, words, 0).raw;
	send(self, KERNEL_IPC_EXCEPTION, *thread_tcr(self, handler));
}

static __attribute__((noinline)) void compose_preemption(struct tcb *t)
{
	t->message[0] =
		msgtag_make(PROTOCOL_PREEMPTION, PREEMPTION_WORDS, 0).raw;
	t->message[2] = 0;
}

void fault_quantum(struct tcb *t)
{
	compose_preemption(t);
	t->message[1] = clock_system_us();
	send(t, KERNEL_IPC_PREEMPTION, t->scheduler);
}

void fault_preempted(struct tcb *t)
{
	uint64_t handler = *thread_tcr(t, UTCB_EXCEPTION_HANDLER);

	compose_preemption(t);
	t->flags |= THREAD_KERNEL_IPC;
	t->kernel_ipc = KERNEL_IPC_PREEMPTION;
	t->receive_from = 0;
	ipc_send(t, redirect(t, thread_resolve(t, handler)), TIME_ZERO);
}
