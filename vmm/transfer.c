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

static uint32_t error_code(
	const struct call *c, enum string_error error, uint32_t phase)
{
	if (error == STRING_OK)
		return 0;
	return (uint32_t)c->transfer.done << 4 | (uint32_t)error << 1 | phase;
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

static void ticket_take(struct call *c)
{
	struct domain *d = c->portal->server;
	unsigned ticket = (unsigned)__builtin_ctzll(~d->tickets_used);

	d->tickets_used |= UINT64_C(1) << ticket;
	d->ticket[ticket] = (struct ticket){.call = c};
	c->transfer.ticket = (uint8_t)ticket;
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

	timer_cancel(&c->caller->ex->timers, &c->timer);
	client_not_due(c);
	t->call = NULL;
	t->error = x->to_server ? receiver : sender;
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

static void ask(struct call *c, struct transfer_side *side)
{
	struct transfer *x = &c->transfer;

	if (side->asked)
		return;
	side->asked = true;
	if ((side == &x->sender) == x->to_server)
		client_due(c, CLIENT_RUNS);
	else
		ticket_due(c->portal->server, x->ticket);
}

static uint64_t end_of(const struct transfer_side *side)
{
	return side->first + side->bytes;
}

/* The run at byte @at of the stream, cut to what is left of it. */
static struct string_run run_at(const struct transfer_side *side, uint64_t at)
{
	uint64_t skip = at - side->first;

	if (at < side->first)
		return (struct string_run){0};
	for (unsigned i = 0; i < side->nr_runs; i++) {
		struct string_run run = side->run[i];

		if (skip < run.size)
			return (struct string_run){
				run.gpa + skip, run.size - skip};
		skip -= run.size;
	}
	return (struct string_run){0};
}

/* Its runs are no good. */
static void forget(struct transfer_side *side)
{
	side->nr_runs = 0;
	side->flags &= ~(STRING_LAST | STRING_CUT);
	side->bytes = 0;
}

/* Keeps the kernel of @d from taking frames away, if its runs still hold. */
static void pin(struct domain *d, struct transfer_side *side)
{
	__atomic_store_n(&d->control->string_copying, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&d->control->string_epoch, __ATOMIC_SEQ_CST) ==
		side->epoch)
		return;
	forget(side);
}

static void unpin(struct domain *d)
{
	__atomic_store_n(&d->control->string_copying, 0, __ATOMIC_RELEASE);
}

/* Copies what both sides have named, up to the window. */
static int copy(struct call *c)
{
	struct transfer *x = &c->transfer;
	struct domain *to = receiver_of(c);
	struct domain *from = sender_of(c);
	uint64_t left = STRING_WINDOW;
	int err = 0;

	pin(from, &x->sender);
	pin(to, &x->receiver);
	while (!err && left) {
		struct string_run s = run_at(&x->sender, x->done);
		struct string_run r = run_at(&x->receiver, x->done);
		uint64_t size = s.size < r.size ? s.size : r.size;

		if (size > left)
			size = left;
		if (!size)
			break;
		err = transfer_copy(to, r.gpa, from, s.gpa, size);
		if (!err) {
			x->done += size;
			left -= size;
		}
	}
	unpin(from);
	unpin(to);
	if (err != -EAGAIN)
		return err;
	forget(&x->sender);
	forget(&x->receiver);
	return 0;
}

static uint64_t after(uint64_t at, uint64_t ticks)
{
	return at + ticks < at ? CLOCK_NEVER : at + ticks;
}

/* While a page is missing time counts, from the first such moment on. */
static void watch_faults(struct call *c)
{
	struct transfer *x = &c->transfer;
	struct timer_heap *timers = &c->caller->ex->timers;
	uint64_t timeout = x->sender.timeout < x->receiver.timeout
				   ? x->sender.timeout
				   : x->receiver.timeout;
	uint64_t deadline;

	if (!((x->sender.flags | x->receiver.flags) & STRING_FAULT)) {
		timer_cancel(timers, &c->timer);
		return;
	}
	if (!x->fault_time)
		x->fault_time = clock_now();
	deadline = after(x->fault_time, timeout);
	if (deadline <= clock_now())
		transfer_expire(c);
	else
		timer_set(timers, &c->timer, deadline);
}

/* One step: copy, and then end or ask. */
static void go_on(struct call *c)
{
	struct transfer *x = &c->transfer;
	bool has_more, has_room, is_cut;

	if (copy(c)) {
		transfer_abort(c);
		return;
	}
	has_more = run_at(&x->sender, x->done).size;
	has_room = run_at(&x->receiver, x->done).size;
	is_cut = (x->receiver.flags & STRING_CUT) &&
		 x->done >= end_of(&x->receiver);
	if ((x->sender.flags & STRING_LAST) && x->done >= end_of(&x->sender)) {
		finish(c, STRING_OK, STRING_OK);
		return;
	}
	if (has_more && is_cut) {
		finish(c, STRING_OVERFLOW, STRING_OVERFLOW);
		return;
	}
	if (!has_more)
		ask(c, &x->sender);
	if (!has_room && !is_cut)
		ask(c, &x->receiver);
	watch_faults(c);
}

/* --- what kernels say --- */

/* Returns false if the runs are none that there can be. */
static bool take(const struct domain *d, struct transfer_side *side)
{
	const struct string_args *in = &d->control->string;
	uint32_t nr = once_u32(&in->nr_runs);

	side->epoch = once_u64(&d->control->string_epoch);
	side->flags = once_u32(&in->flags);
	side->first = once_u64(&in->first);
	side->timeout = once_u64(&in->timeout);
	side->nr_runs = 0;
	side->bytes = 0;
	if (nr > STRING_RUNS || side->first > STRING_BYTES_MAX)
		return false;
	for (unsigned i = 0; i < nr; i++) {
		struct string_run run = {
			.gpa = once_u64(&in->run[i].gpa),
			.size = once_u64(&in->run[i].size),
		};

		if (run.size > STRING_BYTES_MAX - side->first - side->bytes)
			return false;
		side->run[i] = run;
		side->bytes += run.size;
	}
	side->nr_runs = (uint16_t)nr;
	return true;
}

/* What is wrong with them shows when they are asked for again. */
void transfer_offer(struct call *c)
{
	if (!take(c->caller, &c->transfer.sender))
		c->transfer.sender.nr_runs = 0;
}

/* Of a side that has not said anything yet. */
static void clear(struct transfer_side *side)
{
	side->first = side->bytes = 0;
	side->timeout = CLOCK_NEVER;
	side->flags = 0;
	side->nr_runs = 0;
	side->asked = false;
}

static void begin(struct call *c, bool to_server)
{
	struct transfer *x = &c->transfer;

	x->to_server = to_server;
	x->client_due = CLIENT_NOTHING;
	x->done = 0;
	x->fault_time = 0;
	x->sender.asked = false;
	x->sender.flags &= STRING_LAST;
	clear(&x->receiver);
	x->receiver.asked = true;
	ticket_take(c);
	c->state = CALL_STRINGS;
}

void transfer_request(struct call *c, struct event *e)
{
	call_take(c);
	begin(c, true);
	e->ticket = c->transfer.ticket;
	e->type = EVENT_REQUEST_STRINGS;
}

uint32_t transfer_reply(struct call *c)
{
	struct domain *d = c->portal->server;

	if (!transfer_room(d))
		return IPC_ERROR_OVERFLOW;
	if (!take(d, &c->transfer.sender))
		c->transfer.sender.nr_runs = 0;
	timer_cancel(&c->caller->ex->timers, &c->timer);
	begin(c, false);
	d->control->string.ticket = c->transfer.ticket;
	client_due(c, CLIENT_REPLY);
	return RESULT_STRINGS;
}

/* The message that @d speaks of, or NULL if that is over. */
static struct call *named(struct domain *d, bool *is_server)
{
	uint32_t slot = once_u32(&d->control->string.caller_slot);
	uint32_t ticket = once_u32(&d->control->string.ticket);
	struct call *c;

	*is_server = !slot;
	if (slot) {
		c = call_find(d, slot);
		return c && c->state == CALL_STRINGS ? c : NULL;
	}
	if (ticket >= STRING_TICKETS || !(d->tickets_used >> ticket & 1))
		return NULL;
	return d->ticket[ticket].call;
}

void transfer_action(struct domain *d)
{
	bool is_server;
	struct call *c = named(d, &is_server);
	struct transfer_side *side;

	if (!c)
		return;
	side = is_server == c->transfer.to_server ? &c->transfer.receiver
						  : &c->transfer.sender;
	if (!take(d, side)) {
		domain_crash(d, "strings that there cannot be");
		return;
	}
	/* While it waits for a page it will come back by itself. */
	side->asked = (side->flags & STRING_FAULT) != 0;
	if (side->flags & STRING_ABORT)
		transfer_abort(c);
	else
		go_on(c);
}

/* --- events --- */

static bool client_event(struct domain *d, struct event *e)
{
	struct call *c = TAILQ_FIRST(&d->asking);
	enum client_due due;

	if (!c)
		return false;
	due = c->transfer.client_due;
	client_not_due(c);
	if (due == CLIENT_REPLY)
		memcpy(d->control->message_in, c->word,
			c->nr_words * sizeof(c->word[0]));
	e->caller_slot = c->caller_slot;
	e->from = c->transfer.done;
	e->type = due == CLIENT_REPLY ? EVENT_REPLY_STRINGS : EVENT_STRING;
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
	e->caller_slot = 0;
	e->ticket = ticket;
	if (t->call) {
		e->from = t->call->transfer.done;
		e->type = EVENT_STRING;
		return true;
	}
	e->error = t->error;
	e->type = EVENT_STRING_END;
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
