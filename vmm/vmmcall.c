/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMM's own portal: vmm/abi/vmmcall.h.
 */
#include <stddef.h>
#include <string.h>

#include "vmm/abi/container.h"
#include "vmm/action.h"
#include "vmm/domain.h"
#include "vmm/executor.h"
#include "vmm/message.h"
#include "vmm/switches.h"
#include "vmm/system.h"

#define CONSOLE_BYTES_MAX 480
#define PIECE_US 5    /* of a request about containers; then others may run */
#define RETRY_US 1000 /* of one that waits for a device */

/* The portal that a request names with a thread for it, or NULL. */
static struct portal *portal_to_serve(struct domain *d, const struct call *c)
{
	uint64_t slot = c->word[1];
	uint64_t item = c->word[2];
	uint64_t thread = c->word[3];

	if (TAG_UNTYPED(c->word[0]) != 1 || TAG_TYPED(c->word[0]) != 2 ||
		(item & THREAD_ITEM_TYPE_MASK) != THREAD_ITEM_TYPE)
		return NULL;
	if (slot >= PORTAL_SLOTS || d->cap[slot].role != CAP_SERVER)
		return NULL;
	if (!thread || (thread & REMOTE_ID_BIT))
		return NULL;
	return d->cap[slot].portal;
}

static uint64_t portal_bind_call(struct domain *d, struct call *c)
{
	struct portal *p = portal_to_serve(d, c);

	if (!p)
		return VMM_EINVAL;
	portal_bind(p, c->word[3]);
	return VMM_OK;
}

static uint64_t portal_relieve_call(struct domain *d, struct call *c)
{
	struct portal *p = portal_to_serve(d, c);

	if (!p || p->head)
		return VMM_EINVAL;
	p = portal_relieve(p, c->word[3]);
	if (!p)
		return VMM_ENOSLOT;
	c->word[2] = p->slot;
	return VMM_OK;
}

static bool is_capability(const struct domain *d, uint64_t slot)
{
	return slot && slot < PORTAL_SLOTS && d->cap[slot].role != CAP_NONE;
}

static uint64_t period_notify_call(struct domain *d, struct call *c)
{
	if (c->word[1] >= NOTIFICATIONS || !d->ctx.period)
		return VMM_EINVAL;
	d->period_irq = (int)c->word[1];
	c->word[2] = context_next_release(&d->ctx);
	c->word[3] = clock_ns_from_ticks(d->ctx.period) / 1000;
	return VMM_OK;
}

static uint64_t stat_call(struct domain *d, struct call *c)
{
	executor_charge(d->ex, clock_now());
	c->word[2] = d->exits;
	c->word[3] = switches_count();
	c->word[4] = clock_ns_from_ticks(
		d->ctx.own + d->ctx.lent + d->ctx.for_others);
	c->word[5] = domain_faults(d);
	return VMM_OK;
}

static void irq_timer_expire(struct timer *t, uint64_t now)
{
	struct irq_timer *it = (struct irq_timer *)(void *)t;

	(void)now;
	domain_raise(it->domain, it->irq);
}

static uint64_t notify_after_call(struct domain *d, struct call *c)
{
	uint64_t irq = c->word[1];
	uint64_t at = clock_now() + c->word[2];
	struct irq_timer *it;

	if (irq >= NOTIFICATIONS || at < c->word[2])
		return VMM_EINVAL;
	it = &d->irq_timer[irq];
	it->domain = d;
	it->irq = (unsigned)irq;
	it->timer.expire = irq_timer_expire;
	timer_set(&d->ex->timers, &it->timer, at);
	return VMM_OK;
}

static uint64_t console_write_call(struct domain *d, struct call *c)
{
	uint64_t size = c->word[1];

	if (size > CONSOLE_BYTES_MAX || 2 + (size + 7) / 8 > c->nr_words)
		return VMM_EINVAL;
	if (d->console)
		console_write(d->console, &c->word[2], size);
	return VMM_OK;
}

static uint64_t record_call(struct domain *d, struct call *c)
{
	if (c->nr_words < 3)
		return VMM_EINVAL;
	return measurement_figure_add(d->system->measurement, d->index,
		       (const char *)&c->word[2], (c->nr_words - 2) * 8,
		       c->word[1])
		       ? VMM_ENOSLOT
		       : VMM_OK;
}

/* The domain that a request names by a portal into it. */
static struct memory_domain *peer_of(struct domain *d, uint64_t slot)
{
	if (!slot || slot >= PORTAL_SLOTS || d->cap[slot].role != CAP_CLIENT ||
		!portal_server(d->cap[slot].portal))
		return NULL;
	return d->cap[slot].portal->server->memory;
}

/* Which word names a portal, 0: none does. */
static unsigned peer_word(uint64_t label)
{
	switch (label) {
	case CONTAINER_CREATE_WITH:
	case CONTAINER_SHARE:
	case CONTAINER_GRANT_ACCESS:
	case CONTAINER_CONTROL_PASS:
		return 3;
	case CONTAINER_CREATE_FROM:
		return 5;
	default:
		return 0;
	}
}

static uint64_t answer(struct domain *d, struct call *c, unsigned *nr_words)
{
	*nr_words = 2;
	switch (TAG_LABEL(c->word[0])) {
	case VMM_PORTAL_BIND:
		return portal_bind_call(d, c);
	case VMM_PORTAL_RELIEVE:
		*nr_words = 3;
		return portal_relieve_call(d, c);
	case VMM_PERIOD_NOTIFY:
		*nr_words = 4;
		return period_notify_call(d, c);
	case VMM_STAT:
		*nr_words = 6;
		return stat_call(d, c);
	case VMM_NOTIFY_AFTER:
		return notify_after_call(d, c);
	case VMM_CONSOLE_WRITE:
		return console_write_call(d, c);
	case VMM_RECORD:
		return record_call(d, c);
	default:
		return VMM_EINVAL;
	}
}

static void finish(
	struct domain *d, struct call *c, uint64_t error, unsigned nr_words)
{
	c->word[0] = TAG_MAKE(0, nr_words - 1);
	c->word[1] = error;
	c->nr_words = nr_words;
	c->state = CALL_DONE;
	c->outcome = c->wants_reply ? EVENT_REPLY : EVENT_SENT;
	TAILQ_INSERT_TAIL(&d->done, c, out);
}

void vmmcall_retry(struct timer *t, uint64_t now)
{
	struct domain *d = TIMER_OF(t, struct domain, memory_timer);

	(void)now;
	d->memory_waits = false;
	domain_wake(d);
}

/* The worker that serves the device gets a CPU when nobody else needs it: the
 * domain must not. */
static void wait_for_device(struct domain *d, uint64_t now)
{
	d->memory_waits = true;
	timer_set(&d->ex->timers, &d->memory_timer,
		now + clock_ticks_from_us(RETRY_US));
}

/* Whatever is at this slot meanwhile has been passed to nobody: its domain does
 * not run. */
static void revoke_some(struct domain *d, struct call *c)
{
	uint64_t slot = c->word[1];

	if (is_capability(d, slot) && cap_revoke_piece(&d->cap[slot]))
		return;
	d->vmm_call = NULL;
	finish(d, c, VMM_OK, 2);
}

static void container_continue(struct domain *d)
{
	uint64_t now = clock_now();
	uint64_t until = now + clock_ticks_from_us(PIECE_US);
	struct call *c = d->vmm_call;
	enum memory_piece piece;
	unsigned nr_words;
	uint64_t error;

	d->ex->cause = SPENT_ACTIONS;
	while ((piece = memory_step(d->memory)) == MEMORY_MORE)
		if (clock_now() >= until)
			return;
	if (piece == MEMORY_WAITS) {
		wait_for_device(d, now);
		return;
	}
	d->vmm_call = NULL;
	error = memory_reply(d->memory, c->word, &nr_words);
	finish(d, c, error, nr_words);
}

void vmmcall_continue(struct domain *d)
{
	if (TAG_LABEL(d->vmm_call->word[0]) == VMM_PORTAL_REVOKE)
		revoke_some(d, d->vmm_call);
	else
		container_continue(d);
}

static void revoke_call(struct domain *d, struct call *c)
{
	if (!is_capability(d, c->word[1])) {
		finish(d, c, VMM_EINVAL, 2);
		return;
	}
	d->vmm_call = c;
	revoke_some(d, c);
}

static void container_call(struct domain *d, struct call *c)
{
	uint64_t label = TAG_LABEL(c->word[0]);
	unsigned at = peer_word(label);

	d->vmm_call = c;
	memory_request(
		d->memory, at ? peer_of(d, c->word[at]) : NULL, label, c->word);
	vmmcall_continue(d);
}

static bool is_about_containers(const struct call *c)
{
	return TAG_LABEL(c->word[0]) >= CONTAINER_OP_FIRST &&
	       TAG_LABEL(c->word[0]) <= CONTAINER_OP_LAST;
}

void vmmcall_answer(struct domain *d, struct call *c)
{
	unsigned nr_words;
	uint64_t error;

	if (TAG_LABEL(c->word[0]) == VMM_DOMAIN_EXIT) {
		int status = c->nr_words > 1 ? (int)(c->word[1] & 0xff) : 0;

		call_free(c);
		domain_stop(d, status);
		return;
	}
	memset(&c->word[c->nr_words], 0,
		(MESSAGE_WORDS - c->nr_words) * sizeof(c->word[0]));
	if (d->memory && is_about_containers(c)) {
		container_call(d, c);
		return;
	}
	if (TAG_LABEL(c->word[0]) == VMM_PORTAL_REVOKE) {
		revoke_call(d, c);
		return;
	}
	error = answer(d, c, &nr_words);
	finish(d, c, error, nr_words);
}
