/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/thread.c"

#include "guestkernel/check/check.h"
#include "guestkernel/remote_string.h"

#define SPACES_MAX 4096

/* What one pass over all threads finds. */
struct census {
	unsigned threads, ready, sending, queued_senders, timeouts, in_spaces;
	unsigned nr_spaces;
};

static struct space *seen_space[SPACES_MAX];
static unsigned seen_threads[SPACES_MAX];

static void count_space(struct census *n, struct space *space)
{
	unsigned i = 0;

	while (i < n->nr_spaces && seen_space[i] != space)
		i++;
	if (i == n->nr_spaces) {
		check_that(i < SPACES_MAX,
			"more spaces than this kernel can check", space);
		seen_space[i] = space;
		seen_threads[i] = 0;
		n->nr_spaces++;
	}
	seen_threads[i]++;
	n->in_spaces++;
}

static void check_senders(struct census *n, const struct tcb *d)
{
	const struct tcb *s = d->senders;
	bool propagated = false;

	if (!s)
		return;
	do {
		check_that(s->state == THREAD_SENDING,
			"in a sender queue, but does not send", s);
		check_that(s->partner == d, "in another's sender queue", s);
		check_that(s->queue == QUEUE_NONE, "in two queues", s);
		check_that(s->next && s->next->prev == s,
			"sender queue: links disagree", s);
		check_that(d->state != THREAD_RECEIVING || !ipc_accepts(d, s),
			"lost wake-up: waits for a sender in its queue", d);
		propagated |= s->virtual_sender != 0;
		n->queued_senders++;
		check_that(n->queued_senders <= THREAD_NUMBER_MAX,
			"sender queue without end", d);
		s = s->next;
	} while (s != d->senders);
	check_that(!propagated || (d->flags & THREAD_PROPAGATED),
		"a propagated sender is not noted", d);
}

static void check_queue(struct census *n, const struct tcb *t)
{
	if (t->queue == QUEUE_READY) {
		check_that(sched_can_run(t), "ready queue: cannot run", t);
		n->ready++;
	} else if (t != sched_next) {
		check_that(t == current || !sched_can_run(t),
			"can run, but is in no queue", t);
	}
}

static void check_string(const struct tcb *t)
{
	const struct tcb *p = t->peer;
	uint32_t role = t->flags & THREAD_STRING;

	check_that(role != THREAD_STRING, "sends to itself", t);
	if (remote_string_is(t)) {
		check_that(t->state != THREAD_STRING_WAITS,
			"waits for a partner in another domain", t);
		return;
	}
	check_that(p && p->peer == t &&
			   (p->flags & THREAD_STRING) == (role ^ THREAD_STRING),
		"string: partners disagree", t);
}

/* Whom it waits for, but to be started, would tell it of its end. */
static void check_awaited(const struct tcb *t)
{
	const struct tcb *p = thread_find(t->waits_for);

	check_that(!p || thread_is_starting(t) || !thread_is_starting(p) ||
			   p->awaited == p->id,
		"waits for a thread that does not know it", t);
}

static void check_state(struct census *n, const struct tcb *t)
{
	bool waits = t->state == THREAD_SENDING ||
		     t->state == THREAD_RECEIVING ||
		     t->state == THREAD_STRING_WAITS;

	if (t->state == THREAD_SENDING) {
		check_that(t->partner, "sends to nobody", t);
		n->sending++;
	}
	check_that((t->state == THREAD_RECEIVING) == (t->waits_for != 0),
		"open to senders, but not waiting", t);
	check_awaited(t);
	if (t->flags & THREAD_TIMEOUT) {
		check_that(waits, "timeout of a thread that does not wait", t);
		n->timeouts++;
	}
	if (t->flags & THREAD_STRING)
		check_string(t);
	else
		check_that(t->state != THREAD_STRING_WAITS,
			"waits for a string of nobody", t);
}

static void check_thread(struct census *n, const struct tcb *t)
{
	check_that(thread_slot(t->id) == t, "thread at another's place", t);
	n->threads++;
	check_queue(n, t);
	check_state(n, t);
	check_senders(n, t);
	check_caller(t);
	if (!t->space) {
		check_that((t->flags & THREAD_INTERRUPT) && !t->utcb,
			"thread without a space", t);
		return;
	}
	count_space(n, t->space);
	check_that(t->cr3 == t->space->cr3, "thread runs elsewhere", t);
	if (t->utcb)
		check_utcb(t);
}

/* The list of all threads has each of them once. */
static void check_list(unsigned nr)
{
	for (const struct tcb *t = thread_newest; t; t = t->older) {
		check_that(t->id != 0, "list of threads: one is gone", t);
		check_that(nr-- > 0, "list of threads: too many", t);
	}
	check_that(nr == 0, "list of threads: not all", NULL);
}

unsigned check_threads(void)
{
	struct census n = {0};
	const struct tcb *t = NULL;
	unsigned pages = 0;

	while ((t = check_next_tcb(t)))
		if (t->id)
			check_thread(&n, t);
	interrupt_window();
	check_list(n.threads);
	check_that(n.ready == check_ready(), "ready queue: not all", NULL);
	check_that(n.timeouts == check_timeouts(), "timeouts: not all", NULL);
	check_that(n.sending == n.queued_senders,
		"a sender that is in no queue", NULL);
	check_that(n.in_spaces == nr_threads, "number of threads", NULL);
	for (unsigned i = 0; i < n.nr_spaces; i++)
		pages += check_space(seen_space[i], seen_threads[i]);
	return pages;
}
