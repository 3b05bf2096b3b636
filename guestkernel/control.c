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
#include "guestkernel/remote.h"
#include "guestkernel/sched.h"
#include "guestkernel/syscall.h"

/* ThreadControl's parameters, as they are in the frame. */
#define DEST rdi
#define SPACE r8
#define SCHEDULER rdx
#define PAGER rsi
#define LOCATION r9

static __attribute__((noinline)) bool resolve_local(
	const struct tcb *self, uint64_t *id)
{
	if (!*id)
		return true;
	*id = thread_resolve(self, *id);
	return *id != 0;
}

/* Nil is nil, but a local id that names nobody is an error. */
static inline __attribute__((always_inline)) bool resolve(
	const struct tcb *self, uint64_t *id)
{
	return (*id & THREAD_LOCAL_MASK) || resolve_local(self, id);
}

static __attribute__((noinline)) struct space *space_named(uint64_t id)
{
	const struct tcb *t = thread_find(id);

	return t ? t->space : NULL;
}

static enum l4_error set_pager(struct tcb *t, const struct trapframe *r)
{
	if (!t->utcb)
		return thread_activate(t, t->utcb_location, r->PAGER);
	*thread_tcr(t, UTCB_PAGER) = r->PAGER;
	if (t->state == THREAD_RECEIVING && thread_is_starting(t))
		ipc_redirect(t, r->PAGER);
	return L4_OK;
}

static enum l4_error modify(struct tcb *self, struct tcb *t,
	struct space *space, const struct trapframe *r)
{
	bool has_location = r->LOCATION != UTCB_LOCATION_NONE;
	enum l4_error error = L4_OK;

	if (space != t->space && t == self)
		return L4_INVALID_SPACE;
	if (has_location && t->utcb && space == t->space)
		return L4_UTCB_AREA;
	if (r->PAGER && !t->utcb && !space->utcb_size)
		return L4_INVALID_SPACE;
	if (has_location)
		t->utcb_location = r->LOCATION;
	if (space != t->space)
		error = thread_move(t, space, r->LOCATION);
	if (!error && r->DEST != t->id)
		thread_set_id(t, r->DEST);
	if (!error && r->PAGER)
		error = set_pager(t, r);
	if (!error && r->SCHEDULER)
		t->scheduler = r->SCHEDULER;
	return error;
}

/* A new thread is one to be modified; without success it never was. */
static enum l4_error create_or_modify(
	struct tcb *self, struct tcb *t, const struct trapframe *r)
{
	bool is_new = !t->id;
	struct space *space;
	enum l4_error error;

	if (is_new && !r->SCHEDULER)
		return L4_INVALID_SCHEDULER;
	if (r->SPACE == self->id)
		space = self->space;
	else if (r->SPACE != r->DEST)
		space = space_named(r->SPACE);
	else
		space = is_new ? space_create() : t->space;
	if (!space)
		return r->SPACE == r->DEST ? L4_NO_MEMORY : L4_INVALID_SPACE;
	if (is_new && !thread_create(r->DEST, space)) {
		if (!space->nr_threads)
			space_destroy(space);
		return L4_NO_MEMORY;
	}
	error = modify(self, t, space, r);
	if (!is_new)
		return error;
	if (!error)
		return SYSCALL_GOES_ON;
	thread_delete(t);
	return error;
}

static __attribute__((noinline)) enum l4_error set_up(
	struct tcb *self, struct tcb *t, struct trapframe *r)
{
	uint64_t number = thread_id_number((thread_id_t){r->DEST});

	if (!resolve(self, &r->SPACE))
		return L4_INVALID_SPACE;
	if (!resolve(self, &r->SCHEDULER))
		return L4_INVALID_SCHEDULER;
	if (!resolve(self, &r->PAGER))
		return L4_INVALID_THREAD;
	if (number < THREAD_SYSTEM_BASE)
		return interrupt_control(r->DEST, r->PAGER);
	if (number < THREAD_USER_BASE)
		return L4_INVALID_THREAD;
	return create_or_modify(self, t, r);
}

/* Unless others are to run now, because their partner is gone, @self goes on. */
static enum l4_error end(struct tcb *t)
{
	if (t->id)
		thread_delete(t);
	return sched_next || remote_work ? L4_OK : SYSCALL_GOES_ON;
}

enum l4_error sys_thread_control(struct tcb *self)
{
	struct trapframe *r = frame_of(self);
	thread_id_t dest = {r->DEST};
	struct tcb *t = thread_slot(r->DEST);

	r->rax = 1;
	if (!self->space->privileged)
		return L4_NO_PRIVILEGE;
	if (!thread_id_is_global(dest) ||
		thread_id_number(dest) > THREAD_NUMBER_MAX)
		return L4_INVALID_THREAD;
	if (r->SPACE || thread_id_number(dest) < THREAD_USER_BASE)
		return set_up(self, t, r);
	if (t == self)
		return L4_INVALID_THREAD;
	return end(t);
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
	if (space->thread_flags & THREAD_FOREIGN)
		frame->rdx = SPACE_CONTROL_FOREIGN;
	return L4_OK;
}
