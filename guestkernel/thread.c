/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/thread.h"

#include "guestkernel/abi/syscall.h"
#include "guestkernel/clock.h"
#include "guestkernel/ipc.h"
#include "guestkernel/pool.h"
#include "guestkernel/remote.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/fpu.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/ptab.h"
#include "guestkernel/x86/reg.h"

#define SLICE_DEFAULT_US 10000

struct tcb *thread_newest;

#define IS_IN_LAYOUT(member, offset) \
	_Static_assert(              \
		offsetof(struct tcb, member) == (offset), "for debuggers")

IS_IN_LAYOUT(id, THREAD_LAYOUT_ID);
IS_IN_LAYOUT(waits_for, THREAD_LAYOUT_WAITS_FOR);
IS_IN_LAYOUT(flags, THREAD_LAYOUT_FLAGS);
IS_IN_LAYOUT(state, THREAD_LAYOUT_STATE);
IS_IN_LAYOUT(cr3, THREAD_LAYOUT_CR3);
IS_IN_LAYOUT(older, THREAD_LAYOUT_OLDER);
IS_IN_LAYOUT(message, THREAD_LAYOUT_KERNEL_TAG);
_Static_assert(
	(THREAD_KERNEL_IPC | THREAD_INTERRUPT) == THREAD_LAYOUT_KERNEL_SENDS,
	"for debuggers");
_Static_assert(TF_R9 - TF_SIZE == THREAD_LAYOUT_TAG, "for debuggers");
_Static_assert(sizeof(struct trapframe) == 8 * THREAD_LAYOUT_REGISTERS, "");
_Static_assert(THREAD_NONE == THREAD_LAYOUT_INACTIVE, "");
_Static_assert(THREAD_READY == THREAD_LAYOUT_READY, "");
_Static_assert(THREAD_SENDING == THREAD_LAYOUT_SENDING, "");
_Static_assert(THREAD_REMOTE == THREAD_LAYOUT_REMOTE, "");
_Static_assert(THREAD_RECEIVING == THREAD_LAYOUT_RECEIVING, "");
_Static_assert(THREAD_STRING_WAITS == THREAD_LAYOUT_STRING, "");

static unsigned nr_threads;

struct tcb *thread_find(uint64_t id)
{
	struct tcb *t = thread_slot(id);

	return id && t->id == id ? t : NULL;
}

uint64_t thread_resolve(const struct tcb *self, uint64_t id)
{
	struct space *space = self->space;
	uint64_t location = id - UTCB_POINTER;
	const struct tcb *t;
	uint64_t *pte;

	/* Nil is no UTCB's place either, and becomes nil. */
	if ((id & THREAD_LOCAL_MASK) || id == WAITS_ANY_LOCAL)
		return id;
	if (!space_holds_utcb(space, location))
		return 0;
	pte = ptab_walk(space, location).pte;
	if (!(*pte & PTE_PRESENT))
		return 0;
	/* The user can write there: it names a thread only if that agrees. */
	t = thread_slot(*((uint64_t *)phys_to_virt(page_of(*pte)) +
			  (id & (PAGE_SIZE - 1)) / 8 + UTCB_MY_GLOBAL_ID));
	return t->local_id == id && t->space == space ? t->id : 0;
}

struct tcb *thread_named(const struct tcb *self, uint64_t id)
{
	if (!(id & THREAD_LOCAL_MASK))
		id = thread_resolve(self, id);
	return thread_find(id);
}

static void enter(struct tcb *t, struct space *space)
{
	t->space = space;
	t->cr3 = space->cr3;
	space->nr_threads++;
}

struct tcb *thread_create(uint64_t id, struct space *space)
{
	struct tcb *t = thread_slot(id);

	if (!ptab_back_tcb(t))
		return NULL;
	t->id = id;
	t->older = thread_newest;
	thread_newest = t;
	t->priority = PRIORITY_DEFAULT;
	t->slice = clock_ticks(SLICE_DEFAULT_US);
	t->utcb_location = UTCB_LOCATION_NONE;
	t->local_partner = thread_slot(0);
	frame_of(t)->cs = SEL_UCODE;
	frame_of(t)->ss = SEL_UDATA;
	frame_of(t)->rflags = RFLAGS_IF | RFLAGS_RESERVED;
	if (space) {
		enter(t, space);
		nr_threads++;
	}
	return t;
}

void thread_take_flags(struct tcb *t, const struct space *space)
{
	t->flags =
		(t->flags & ~(uint32_t)THREAD_OF_SPACE) | space->thread_flags;
}

static enum l4_error place_utcb(
	struct tcb *t, struct space *space, uint64_t location)
{
	if (!space_holds_utcb(space, location))
		return L4_UTCB_AREA;
	if (!space_back_utcb(space, location))
		return L4_NO_MEMORY;
	t->local_id = location + UTCB_POINTER;
	t->utcb = (uint64_t *)(t->local_id + space->utcb_offset);
	/* Other words may be what this space has left there. */
	zero_words(thread_tcr(t, UTCB_BR0), UTCB_MR0 - UTCB_BR0);
	*thread_tcr(t, UTCB_MY_GLOBAL_ID) = t->id;
	thread_take_flags(t, space);
	return L4_OK;
}

enum l4_error thread_activate(struct tcb *t, uint64_t location, uint64_t pager)
{
	enum l4_error error = place_utcb(t, t->space, location);

	if (error)
		return error;
	*thread_tcr(t, UTCB_PAGER) = pager;
	t->flags |= THREAD_IRET | THREAD_KERNEL_IPC;
	t->kernel_ipc = KERNEL_IPC_START;
	t->state = THREAD_RECEIVING;
	ipc_redirect(t, pager);
	return L4_OK;
}

enum l4_error thread_move(struct tcb *t, struct space *space, uint64_t location)
{
	struct space *old = t->space;

	if (t->utcb) {
		const uint64_t *utcb = t->utcb;
		enum l4_error error = place_utcb(t, space, location);

		if (error)
			return error;
		*thread_tcr(t, UTCB_PAGER) = utcb[UTCB_PAGER];
		*thread_tcr(t, UTCB_EXCEPTION_HANDLER) =
			utcb[UTCB_EXCEPTION_HANDLER];
	}
	enter(t, space);
	t->local_partner = thread_slot(0);
	if (--old->nr_threads == 0)
		space_destroy(old);
	return L4_OK;
}

void thread_set_id(struct tcb *t, uint64_t id)
{
	if (!thread_is_starting(t))
		ipc_cancel(t);
	ipc_lose_partner(t);
	t->id = t->awaited = id;
	if (t->utcb)
		*thread_tcr(t, UTCB_MY_GLOBAL_ID) = id;
}

void thread_delete(struct tcb *t)
{
	struct space *space = t->space;
	struct tcb **link = &thread_newest;

	ipc_detach(t);
	while (*link != t)
		link = &(*link)->older;
	*link = t->older;
	remote_thread_gone(t);
	fpu_forget(t->fpu);
	zero_words(frame_of(t), (TF_SIZE + offsetof(struct tcb, message)) / 8);
	ptab_release_tcb(t);
	if (!space)
		return;
	nr_threads--;
	if (--space->nr_threads == 0)
		space_destroy(space);
}

void thread_set_ip(struct tcb *t, uint64_t ip)
{
	/* Nothing can be mapped there: the thread faults in user mode. */
	frame_of(t)->rip = ip < user_end ? ip : user_end;
}

bool thread_any_left(void)
{
	return nr_threads > 1;
}
