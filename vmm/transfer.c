/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/transfer.h"

#include <errno.h>
#include <string.h>

#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/message.h"
#include "vmm/once.h"

/* X.2 error codes of strings; bytes << 4 | code << 1 | phase is the whole. */
enum string_error {
	STRING_OK = 0,
	STRING_OVERFLOW = 4,
	STRING_TIMEOUT = 5,
	STRING_TIMEOUT_PARTNER = 6,
	STRING_ABORTED = 7,
};

static uint64_t shorter(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint32_t error_code(
	const struct call *c, enum string_error error, uint32_t phase)
{
	uint64_t bytes = shorter(c->transfer.done, STRING_BYTES_TOLD);

	if (error == STRING_OK)
		return 0;
	return (uint32_t)bytes << 4 | (uint32_t)error << 1 | phase;
}

static struct domain *sender_of(const struct call *c)
{
	return c->transfer.to_server ? c->caller : c->portal->server;
}

static struct domain *receiver_of(const struct call *c)
{
	return c->transfer.to_server ? c->portal->server : c->caller;
}

/* --- who is to be entered --- */

static void client_due(struct call *c, enum client_due what)
{
	struct domain *d = c->caller;

	if (c->transfer.client_due == CLIENT_NOTHING)
		TAILQ_INSERT_TAIL(&d->asking, c, asking);
	c->transfer.client_due = what;
	d->due |= DUE_STRINGS;
	domain_wake(d);
}

static void client_not_due(struct call *c)
{
	if (c->transfer.client_due != CLIENT_NOTHING)
		TAILQ_REMOVE(&c->caller->asking, c, asking);
	c->transfer.client_due = CLIENT_NOTHING;
}

static void ticket_due(struct domain *d, unsigned ticket)
{
	d->tickets_due |= UINT64_C(1) << ticket;
	d->due |= DUE_STRINGS;
	domain_wake(d);
}

bool transfer_room(const struct domain *d)
{
	return ~d->tickets_used;
}

static void ticket_take(struct call *c, uint32_t caller_slot)
{
	struct domain *d = c->portal->server;
	unsigned ticket = (unsigned)__builtin_ctzll(~d->tickets_used);

	d->tickets_used |= UINT64_C(1) << ticket;
	d->ticket[ticket] =
		(struct ticket){.call = c, .caller_slot = caller_slot};
	c->transfer.ticket = (uint8_t)ticket;
}

/* That of a caller slot, or of none (0); NULL: there is no such. */
static struct ticket *ticket_find(struct domain *d, uint32_t caller_slot)
{
	for (unsigned i = 0; i < STRING_TICKETS; i++)
		if ((d->tickets_used >> i & 1) &&
			d->ticket[i].caller_slot == caller_slot)
			return &d->ticket[i];
	return NULL;
}

/* --- the end --- */

static void finish(
	struct call *c, enum string_error sent, enum string_error received)
{
	struct transfer *x = &c->transfer;
	struct domain *server = c->portal->server;
	struct ticket *t = &server->ticket[x->ticket];
	uint32_t sender = error_code(c, sent, 0);
	uint32_t receiver = error_code(c, received, IPC_RECEIVE_PHASE);
	uint32_t sender_event = sender ? EVENT_ERROR : EVENT_SENT;

	timer_cancel(&c->caller->ex->timers, &c->timer);
	client_not_due(c);
	t->call = NULL;
	t->outcome = x->to_server ? EVENT_STRING_END : sender_event;
	t->error = x->to_server ? receiver : sender;
	if (t->caller_slot)
		ticket_due(server, x->ticket);
	if (!x->to_server)
		call_end(c, EVENT_STRING_END, receiver);
	else if (sender)
		call_end(c, EVENT_ERROR, sender);
	else
		call_accepted(c);
}

void transfer_abort(struct call *c)
{
	finish(c, STRING_ABORTED, STRING_ABORTED);
}

void transfer_cancel(struct domain *d, uint32_t caller_slot)
{
	struct ticket *t = caller_slot ? ticket_find(d, caller_slot) : NULL;

	if (t && t->call)
		transfer_abort(t->call);
}

/* The shorter time has passed; who set it, has run out of it. */
void transfer_expire(struct call *c)
{
	const struct transfer *x = &c->transfer;

	if (x->receiver.timeout < x->sender.timeout)
		finish(c, STRING_TIMEOUT_PARTNER, STRING_TIMEOUT);
	else
		finish(c, STRING_TIMEOUT, STRING_TIMEOUT_PARTNER);
}

/* --- on the way --- */

static void ask(struct call *c, struct transfer_side *side, uint32_t question)
{
	struct transfer *x = &c->transfer;

	x->asked = side;
	x->question = question;
	if ((side == &x->sender) == x->to_server)
		client_due(c, CLIENT_ASKED);
	else
		ticket_due(c->portal->server, x->ticket);
}

static uint64_t after(uint64_t at, uint64_t ticks)
{
	return at + ticks < at ? CLOCK_NEVER : at + ticks;
}

/* While a page is missing time counts, from the first such moment on. */
static void fault(struct call *c, struct transfer_side *side, uint64_t address)
{
	struct transfer *x = &c->transfer;
	uint64_t now = clock_now();
	uint64_t deadline;

	if (!x->fault_time)
		x->fault_time = now;
	deadline = after(
		x->fault_time, shorter(x->sender.timeout, x->receiver.timeout));
	if (deadline <= now) {
		transfer_expire(c);
		return;
	}
	call_limit(c, deadline);
	x->address = address;
	ask(c, side, EVENT_STRING_FAULT);
}

/*
 * What lies side by side on both sides, at most @left bytes; returns how many,
 * or 0: there is nothing more to be done now.
 */
static uint64_t copy_some(struct call *c, uint64_t left)
{
	struct transfer *x = &c->transfer;
	struct transfer_memory source = {.domain = sender_of(c)};
	struct transfer_memory target = {.domain = receiver_of(c)};
	uint64_t from, to, size;
	bool target_fault = false;

	switch (transfer_next(c, &from, &to, &size)) {
	case TRANSFER_END:
		finish(c, STRING_OK, STRING_OK);
		return 0;
	case TRANSFER_NO_ROOM:
		finish(c, STRING_OVERFLOW, STRING_OVERFLOW);
		return 0;
	case TRANSFER_BYTES:
		break;
	}
	size = transfer_run(source.domain, x->sender.tables, from, false,
		shorter(size, left), &source.gpa);
	if (!size) {
		fault(c, &x->sender, from);
		return 0;
	}
	size = transfer_run(
		target.domain, x->receiver.tables, to, true, size, &target.gpa);
	if (!size) {
		fault(c, &x->receiver, to);
		return 0;
	}
	switch (transfer_copy(&target, &source, &size, &target_fault)) {
	case 0:
		transfer_advance(c, size);
		return size;
	case -EBUSY:
		ask(c, &x->receiver, EVENT_STRING);
		return 0;
	case -EAGAIN:
		fault(c, target_fault ? &x->receiver : &x->sender,
			target_fault ? to : from);
		return 0;
	default:
		transfer_abort(c);
		return 0;
	}
}

/* Copies up to the window; then somebody is asked, or it is over. */
static void copy(struct call *c)
{
	uint64_t left = STRING_WINDOW, size;

	do {
		size = copy_some(c, left);
		left -= size;
	} while (size && left);
	if (!left)
		ask(c, &c->transfer.receiver, EVENT_STRING);
}

/* Keeps the kernel of @d from what it has said; false: it holds no more. */
static bool pin(struct domain *d, const struct transfer_side *side)
{
	__atomic_store_n(&d->control->string_copying, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&d->control->string_epoch, __ATOMIC_SEQ_CST) ==
	       side->epoch;
}

static void unpin(struct domain *d)
{
	__atomic_store_n(&d->control->string_copying, 0, __ATOMIC_RELEASE);
}

static void go_on(struct call *c)
{
	struct transfer *x = &c->transfer;
	struct domain *from = sender_of(c);
	struct domain *to = receiver_of(c);

	if (!pin(from, &x->sender))
		ask(c, &x->sender, EVENT_STRING);
	else if (!pin(to, &x->receiver))
		ask(c, &x->receiver, EVENT_STRING);
	else
		copy(c);
	unpin(from);
	unpin(to);
}

/* --- what kernels say --- */

static void take(const struct domain *d, struct transfer_side *side)
{
	const struct string_args *in = &d->control->string;

	side->epoch = once_u64(&d->control->string_epoch);
	side->tables = once_u64(&in->tables);
	side->timeout = once_u64(&in->timeout);
}

void transfer_offer(struct call *c)
{
	take(c->caller, &c->transfer.sender);
}

static void begin(struct call *c, bool to_server, uint32_t caller_slot)
{
	struct transfer *x = &c->transfer;

	x->to_server = to_server;
	x->client_due = CLIENT_NOTHING;
	x->done = 0;
	x->fault_time = 0;
	x->asked = &x->receiver;
	x->receiver.timeout = CLOCK_NEVER;
	transfer_begin(c, NULL);
	ticket_take(c, caller_slot);
	c->state = CALL_STRINGS;
}

void transfer_request(struct call *c, struct event *e)
{
	begin(c, true, 0);
	e->type = EVENT_REQUEST_STRINGS;
}

uint32_t transfer_reply(struct call *c)
{
	struct domain *d = c->portal->server;
	uint32_t caller_slot = once_u32(&d->control->string.caller_slot);

	if (!transfer_room(d) || caller_slot < CALLER_SLOT_MIN ||
		caller_slot > CALLER_SLOT_MAX || ticket_find(d, caller_slot))
		return IPC_ERROR_OVERFLOW;
	take(d, &c->transfer.sender);
	timer_cancel(&c->caller->ex->timers, &c->timer);
	begin(c, false, caller_slot);
	client_due(c, CLIENT_REPLY);
	return RESULT_STRINGS;
}

/* The message that @d speaks of, or NULL if that is over. */
static struct call *named(
	struct domain *d, uint32_t caller_slot, bool *is_server)
{
	struct call *c = call_find(d, caller_slot);
	struct ticket *t;

	*is_server = !c || c->state != CALL_STRINGS;
	if (!*is_server)
		return c;
	t = ticket_find(d, caller_slot);
	if (t)
		return t->call;
	t = ticket_find(d, 0);
	if (!t)
		return NULL;
	t->caller_slot = caller_slot;
	if (!t->call)
		ticket_due(d, (unsigned)(t - d->ticket));
	return t->call;
}

void transfer_action(struct domain *d)
{
	uint32_t caller_slot = once_u32(&d->control->string.caller_slot);
	struct transfer_side *side;
	struct transfer *x;
	struct call *c;
	bool is_server;

	if (caller_slot < CALLER_SLOT_MIN || caller_slot > CALLER_SLOT_MAX) {
		domain_crash(d, "strings of caller slot %u", caller_slot);
		return;
	}
	c = named(d, caller_slot, &is_server);
	if (!c)
		return;
	x = &c->transfer;
	side = is_server == x->to_server ? &x->receiver : &x->sender;
	if (side != x->asked)
		return;
	x->asked = NULL;
	timer_cancel(&c->caller->ex->timers, &c->timer);
	take(d, side);
	if (side == &x->receiver && !x->done && x->buffer == STRING_BUFFERS)
		transfer_begin(c, d->control->string.br);
	go_on(c);
}

/* --- events --- */

static void put_question(const struct transfer *x, struct event *e)
{
	e->from = x->address;
	e->type = x->question;
}

static bool client_event(struct domain *d, struct event *e)
{
	struct call *c = TAILQ_FIRST(&d->asking);
	enum client_due due;

	if (!c)
		return false;
	due = c->transfer.client_due;
	client_not_due(c);
	e->caller_slot = c->caller_slot;
	if (due == CLIENT_ASKED) {
		put_question(&c->transfer, e);
		return true;
	}
	memcpy(d->control->message_in, c->word,
		c->nr_words * sizeof(c->word[0]));
	e->type = EVENT_REPLY_STRINGS;
	return true;
}

static bool server_event(struct domain *d, struct event *e)
{
	unsigned ticket;
	const struct ticket *t;

	if (!d->tickets_due)
		return false;
	ticket = (unsigned)__builtin_ctzll(d->tickets_due);
	t = &d->ticket[ticket];
	d->tickets_due &= d->tickets_due - 1;
	e->caller_slot = t->caller_slot;
	if (t->call) {
		put_question(&t->call->transfer, e);
		return true;
	}
	e->error = t->error;
	e->type = t->outcome;
	d->tickets_used &= ~(UINT64_C(1) << ticket);
	return true;
}

bool transfer_event(struct domain *d)
{
	struct event *e = &d->control->event;
	bool put = client_event(d, e) || server_event(d, e);

	if (TAILQ_EMPTY(&d->asking) && !d->tickets_due)
		d->due &= ~DUE_STRINGS;
	return put;
}
