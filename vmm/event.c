/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Delivering events: what waits for a domain goes into its control page just
 * before its vCPU is entered.
 */
#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/message.h"
#include "vmm/once.h"

static void message_put(struct domain *d, const struct call *c)
{
	for (unsigned i = 0; i < c->nr_words; i++)
		d->control->message_in[i] = c->word[i];
}

static void event_bound(struct domain *d)
{
	struct portal *p = TAILQ_FIRST(&d->binding);
	struct event *e = &d->control->event;

	TAILQ_REMOVE(&d->binding, p, binding);
	p->is_binding = false;
	e->slot = p->slot;
	e->from = p->thread;
	e->type = EVENT_BOUND;
}

static void event_outcome(struct domain *d)
{
	struct call *c = TAILQ_FIRST(&d->done);
	struct event *e = &d->control->event;

	TAILQ_REMOVE(&d->done, c, out);
	if (c->outcome == EVENT_REPLY)
		message_put(d, c);
	e->caller_slot = c->caller_slot;
	e->error = c->error;
	e->type = c->outcome;
	call_free(c);
}

/* No receiver is left: calls that do not wait end. */
static void fail_at_once(struct portal *p)
{
	struct call_list *queue = portal_calls(p);
	struct call *next;

	for (p = p->head ? p->head : p; p; p = p->relief)
		if (p->is_ready)
			return;
	for (struct call *c = TAILQ_FIRST(queue); c; c = next) {
		next = TAILQ_NEXT(c, queue);
		if (c->at_once)
			call_fail(c, IPC_ERROR_TIMEOUT);
	}
}

/* Returns false if the portal had nothing to deliver after all. */
static bool event_request(struct domain *d)
{
	struct portal *p = TAILQ_FIRST(&d->ready);
	struct event *e = &d->control->event;
	struct call *c = portal_next(p);

	TAILQ_REMOVE(&d->ready, p, ready);
	p->is_ready = false;
	if (!c) {
		portal_miss(p);
		fail_at_once(p);
		return false;
	}
	if (call_has_strings(c) && !transfer_room(d)) {
		call_fail(c, IPC_ERROR_OVERFLOW);
		portal_offer(p);
		return false;
	}
	p->accept_armed = false;
	message_translate(c->caller, d, c->word);
	message_put(d, c);
	e->slot = p->slot;
	e->from = REMOTE_ID_CALLER(p->slot, c->caller->index, c->caller_slot);
	e->flags = c->wants_reply ? REQUEST_WANTS_REPLY : 0;
	e->type = EVENT_REQUEST;
	trace_point(d->ex->trace, TRACE_ACCEPT, d->index, c->caller->index,
		c->caller_slot);
	call_take(c, p);
	if (call_has_strings(c))
		transfer_request(c, e);
	else
		call_accepted(c);
	fail_at_once(p);
	return true;
}

static void event_put(struct domain *d)
{
	if (once_u32(&d->control->event.type) != EVENT_NONE)
		return; /* the kernel has not read the last one */
	if (!TAILQ_EMPTY(&d->binding)) {
		event_bound(d);
	} else if (!TAILQ_EMPTY(&d->done)) {
		event_outcome(d);
	} else if ((d->due & DUE_STRINGS) && transfer_event(d)) {
		return;
	} else {
		while (!TAILQ_EMPTY(&d->ready) && !event_request(d))
			;
	}
}

static bool has_own_event(const struct domain *d)
{
	return d->notified || (d->due & DUE_TIMER) || d->vmm_call ||
	       !TAILQ_EMPTY(&d->done) || !TAILQ_EMPTY(&d->binding);
}

bool domain_has_own_work(const struct domain *d)
{
	return d->own_work || d->ring_calls || has_own_event(d);
}

static void deliver(struct domain *d)
{
	d->own_work |= has_own_event(d);
	event_put(d);
	if (d->notified) {
		__atomic_or_fetch(
			&d->control->notified, d->notified, __ATOMIC_RELAXED);
		d->notified = 0;
	}
	d->due &= ~DUE_TIMER;
}

static bool interruptible(const struct domain *d)
{
	const struct kvm_run *run = d->vcpu.run;

	return run->ready_for_interrupt_injection && run->if_flag;
}

static void prepare_l4(struct domain *d)
{
	struct kvm_run *run = d->vcpu.run;

	run->request_interrupt_window = 0;
	d->control->armed_until = timer_next(&d->ex->timers);
	if (d->state == VCPU_AT_ACTION) {
		deliver(d);
		/* One at a time; the next as soon as a thread runs. */
		run->request_interrupt_window = domain_has_event(d);
	} else if (domain_has_event(d)) {
		/* Not two at once: the fault goes first. */
		if (interruptible(d) && !d->fault_injected) {
			deliver(d);
			vcpu_interrupt(&d->vcpu, EVENT_VECTOR);
		} else {
			run->request_interrupt_window = 1;
		}
	} else if (d->if_off_seen) {
		/* Long operations open short windows: see one. */
		run->request_interrupt_window = 1;
	}
	d->fault_injected = false;
}

static void prepare_pc(struct domain *d)
{
	struct kvm_run *run = d->vcpu.run;
	int vector;

	run->request_interrupt_window = 0;
	if (!machine_irq_pending(d->machine))
		return;
	if (!interruptible(d)) {
		run->request_interrupt_window = 1;
		return;
	}
	vector = machine_irq_take(d->machine);
	if (vector >= 0)
		vcpu_interrupt(&d->vcpu, (unsigned)vector);
	if (machine_irq_pending(d->machine))
		run->request_interrupt_window = 1;
}

void domain_prepare(struct domain *d)
{
	if (d->control)
		prepare_l4(d);
	else
		prepare_pc(d);
	d->state = VCPU_RUNNING;
	d->more_ready = false;
}

bool domain_can_run(const struct domain *d)
{
	if (d->vmm_call)
		return !d->memory_waits;
	if (d->hold >= HOLD_WANTED)
		return d->hold == HOLD_WANTED;
	return d->state == VCPU_RUNNING || d->more_ready || domain_has_event(d);
}

/* Cheap: asked for every domain at every decision. */
bool domain_has_event(const struct domain *d)
{
	if (!d->control)
		return machine_irq_pending(d->machine);
	return d->notified || d->due || !TAILQ_EMPTY(&d->done) ||
	       !TAILQ_EMPTY(&d->ready) || !TAILQ_EMPTY(&d->binding);
}
