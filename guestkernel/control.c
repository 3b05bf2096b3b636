/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ThreadControl and SpaceControl: threads and spaces come and go at the word
 * of privileged spaces.
 * Source: L4 X.2 Reference Manual, "ThreadControl", "SpaceControl".
 */
#include "guestkernel/abi/foreign.h"
#include "guestkernel/abi/syscall.h"
#include "guestkernel/interrupt.h"
#include "guestkernel/ipc.h"
#include "guestkernel/redirect.h"
#include "guestkernel/sched.h"
#include "guestkernel/syscall.h"

/* ThreadControl's parameters; local ids have become global. */
struct thread_request {
	uint64_t dest;
	uint64_t space;
	uint64_t scheduler;
	uint64_t pager;
	uint64_t location;
};

/* Nil is nil, but an id that names nobody is an error. */
static bool resolve(const struct tcb *self, uint64_t *id)
{
	uint64_t given = *id;

	*id = thread_resolve(self, given);
	return !given || *id;
}

static struct space *space_named(uint64_t id)
{
	const struct tcb *t = thread_find(id);

	return t ? t->space : NULL;
}

static enum l4_error create(const struct thread_request *r)
{
	bool is_new = r->space == r->dest;
	struct space *space = is_new ? NULL : space_named(r->space);
	enum l4_error error;
	struct tcb *t;

	if (!r->scheduler)
		return L4_INVALID_SCHEDULER;
	if (is_new && r->pager)
		return L4_INVALID_SPACE;
	if (!is_new && (!space || (r->pager && !space->utcb_size)))
		return L4_INVALID_SPACE;
	if (is_new)
		space = space_create();
	if (!space)
		return L4_NO_MEMORY;
	t = thread_create(r->dest, space);
	if (!t) {
		if (is_new)
			space_destroy(space);
		return L4_NO_MEMORY;
	}
	t->scheduler = r->scheduler;
	t->utcb_location = r->location;
	if (!r->pager)
		return L4_OK;
	error = thread_activate(t, r->location, r->pager);
	if (error)
		thread_delete(t);
	return error;
}

static enum l4_error set_pager(struct tcb *t, const struct thread_request *r)
{
	if (!t->utcb)
		return thread_activate(t, t->utcb_location, r->pager);
	*thread_tcr(t, UTCB_PAGER) = r->pager;
	if (t->state == THREAD_RECEIVING && (t->flags & THREAD_KERNEL_IPC) &&
		t->kernel_ipc == KERNEL_IPC_START)
		ipc_redirect(t, r->pager);
	return L4_OK;
}

static enum l4_error modify(
	struct tcb *self, struct tcb *t, const struct thread_request *r)
{
	bool has_location = r->location != UTCB_LOCATION_NONE;
	struct space *space;
	enum l4_error error = L4_OK;

	space = r->space == r->dest ? t->space : space_named(r->space);
	if (!space || (space != t->space && t == self))
		return L4_INVALID_SPACE;
	if (has_location && t->utcb && space == t->space)
		return L4_UTCB_AREA;
	if (r->pager && !t->utcb && !space->utcb_size)
		return L4_INVALID_SPACE;
	if (has_location)
		t->utcb_location = r->location;
	if (space != t->space)
		error = thread_move(t, space, r->location);
	if (!error && r->dest != t->id)
		thread_set_id(t, r->dest);
	if (!error && r->pager)
		error = set_pager(t, r);
	if (!error && r->scheduler)
		t->scheduler = r->scheduler;
	return error;
}

static enum l4_error thread_control(struct tcb *self, struct thread_request *r)
{
	thread_id_t dest = {r->dest};
	struct tcb *t = thread_slot(r->dest);

	if (!self->space->privileged)
		return L4_NO_PRIVILEGE;
	if (!thread_id_is_global(dest) ||
		thread_id_number(dest) > THREAD_NUMBER_MAX)
		return L4_INVALID_THREAD;
	if (!resolve(self, &r->space))
		return L4_INVALID_SPACE;
	if (!resolve(self, &r->scheduler))
		return L4_INVALID_SCHEDULER;
	if (!resolve(self, &r->pager))
		return L4_INVALID_THREAD;
	if (thread_id_number(dest) < THREAD_SYSTEM_BASE)
		return interrupt_control(r->dest, r->pager);
	if (thread_id_number(dest) < THREAD_USER_BASE)
		return L4_INVALID_THREAD;
	if (r->space)
		return t->id ? modify(self, t, r) : create(r);
	if (t == self)
		return L4_INVALID_THREAD;
	if (t->id)
		thread_delete(t);
	return L4_OK;
}

enum l4_error sys_thread_control(struct tcb *self)
{
	struct thread_request request = {
		.dest = frame_of(self)->rdi,
		.space = frame_of(self)->r8,
		.scheduler = frame_of(self)->rdx,
		.pager = frame_of(self)->rsi,
		.location = frame_of(self)->r9,
	};

	frame_of(self)->rax = 1;
	return thread_control(self, &request);
}

enum l4_error sys_space_control(struct tcb *self)
{
	struct trapframe *frame = frame_of(self);
	uint64_t redirector = frame->r9;
	uint64_t utcb_area = frame->rdx;
	enum l4_error error = L4_OK;
	struct space *space;

	frame->rax = 1;
	frame->rdx = 0; /* old control */
	if (!self->space->privileged)
		return L4_NO_PRIVILEGE;
	space = space_named(frame->rdi);
	if (!space)
		return L4_INVALID_SPACE;
	if (!resolve(self, &redirector) ||
		(redirector && redirector != WAITS_ANY &&
			!thread_find(redirector)))
		return L4_INVALID_THREAD;
	if (!space->utcb_size)
		error = space_configure(space, frame->rsi, (fpage_t){utcb_area},
			(fpage_t){frame->r8});
	if (error)
		return error;
	if (redirector)
		redirect_space(space, redirector);
	if (space->is_foreign)
		frame->rdx = SPACE_CONTROL_FOREIGN;
	return L4_OK;
}
