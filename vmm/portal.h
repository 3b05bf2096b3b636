/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Portals, the capabilities that name them, and the records of calls.
 *
 * A portal is the right to call into a domain.  It is reached only through a
 * domain's table of capabilities; a copy is passed with rights that can only
 * shrink, and revoking a capability takes all copies derived from it.
 *
 * A call through a portal lends the caller's CPU time to the server; through
 * one with a ring it does not: requests and answers are left in records, each
 * side is notified, and the server runs in its own time.
 */
#ifndef VMM_PORTAL_H
#define VMM_PORTAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "vmm/abi/control.h"
#include "vmm/abi/vmmcall.h"
#include "vmm/message.h"
#include "vmm/timer.h"
#include "vmm/transfer.h"

struct domain;
struct portal;

/* Call records of a domain; one more is refused with "message overflow". */
#define CALLS_MAX 128

/* Calls that end, or capabilities that go, in one step: 0.5 to 1 us each. */
#define PORTAL_PIECE 32u

/* X.2 ErrorCode of an Ipc, whole: code << 1 | phase (1: receive). */
#define IPC_ERROR_TIMEOUT 2u
#define IPC_ERROR_NO_PARTNER 4u
#define IPC_ERROR_CANCELLED 6u
#define IPC_ERROR_OVERFLOW 8u
#define IPC_ERROR_ABORTED 14u
#define IPC_RECEIVE_PHASE 1u

enum call_state {
	CALL_FREE,
	CALL_QUEUED,   /* at the portal: send phase */
	CALL_ACCEPTED, /* the server has it: receive phase */
	CALL_STRINGS,  /* strings of request or reply are under way */
	CALL_DONE,     /* outcome waits for the caller's kernel */
};

/* One call or send under way. */
struct call {
	TAILQ_ENTRY(call) out;	 /* outgoing or done list of the caller */
	TAILQ_ENTRY(call) in;	 /* incoming list of the server */
	TAILQ_ENTRY(call) queue; /* of the portal */
	struct domain *caller;
	struct portal *portal;
	enum call_state state;
	bool wants_reply;
	bool at_once; /* zero send timeout: now or not at all */
	uint16_t caller_slot;
	uint32_t outcome; /* EVENT_REPLY, EVENT_SENT, EVENT_ERROR */
	uint32_t error;
	uint32_t flags; /* CALL_* */
	uint64_t receive_timeout;
	struct timer timer;
	struct transfer transfer;
	TAILQ_ENTRY(call) asking; /* of the caller: transfer.client_due */
	unsigned nr_words;
	uint64_t word[MESSAGE_WORDS];
};

TAILQ_HEAD(call_list, call);

struct call_pool {
	unsigned used; /* records never used begin here */
	unsigned nr_free;
	struct call *free[CALLS_MAX];
	struct call call[CALLS_MAX];
};

enum cap_role {
	CAP_NONE,
	CAP_CLIENT, /* may be called, with rights */
	CAP_SERVER, /* the slot at which requests arrive */
};

LIST_HEAD(cap_list, cap);

/* An entry of a domain's table. */
struct cap {
	struct portal *portal;
	struct domain *domain; /* whose table */
	uint8_t role;
	uint8_t rights;	    /* PORTAL_* */
	int16_t irq;	    /* >= 0: notification instead of calls */
	struct cap *parent; /* derived from */
	struct cap_list children;
	LIST_ENTRY(cap) sibling; /* derived from the same parent */
};

struct portal {
	struct domain *server; /* NULL: it is gone, calls find no partner */
	uint32_t slot;	       /* in the server's table */
	uint64_t thread;       /* local id of the thread behind it; 0: none */
	bool is_ready;	       /* on the server's ready list */
	bool is_binding;
	bool ring;	      /* its calls lend no context */
	uint64_t accept_from; /* EVENT_REQUEST only from this id; 0: any */
	bool accept_armed;    /* by ACTION_ACCEPT, until the next delivery */
	struct call_list queue;
	struct portal *relief; /* another thread for the same calls, or NULL */
	struct portal *head;   /* whose relief it is, and whose queue */
	TAILQ_ENTRY(portal) ready;
	TAILQ_ENTRY(portal) binding;
	unsigned nr_caps;
	const char *name;  /* of the configuration; NULL: made by passing */
	struct cap absent; /* in place of the server's while there is none */
};

TAILQ_HEAD(portal_list, portal);

/**
 * portal_create - a portal into @server, at a free slot of its table.
 * @thread: local id of the thread behind it, 0: bound later
 *
 * Returns NULL if the table is full or there is no memory.
 */
struct portal *portal_create(
	struct domain *server, uint64_t thread, const char *name);

/**
 * portal_adopt - @server, which takes the place of one that is dead, serves @p,
 * too, at a free slot; nobody is bound yet.  Capabilities for it stay good.
 *
 * Returns false if the table is full.
 */
bool portal_adopt(struct portal *p, struct domain *server);

/** portal_origin - what the configuration's capabilities for @p are derived
 * from. */
struct cap *portal_origin(struct portal *p);

/** portal_find_thread - the portal made for @thread of @server, or NULL. */
struct portal *portal_find_thread(struct domain *server, uint64_t thread);

/** portal_bind - @thread of the server answers from now on. */
void portal_bind(struct portal *p, uint64_t thread);

/** portal_unbind - no thread of the server does. */
void portal_unbind(struct portal *p);

/**
 * portal_relieve - @thread of the server answers calls to @p, too, while all
 * that do so already are busy.
 *
 * Returns a portal without clients, or NULL: there are PORTAL_RELIEFS_MAX, the
 * table is full, or there is no memory.
 */
struct portal *portal_relieve(struct portal *p, uint64_t thread);

/** portal_calls - the queue that the thread behind @p takes requests from. */
static inline struct call_list *portal_calls(struct portal *p)
{
	return p->head ? &p->head->queue : &p->queue;
}

/**
 * cap_grant - enter a capability for @p at a free slot of @d's table.
 * @parent: what it is derived from, or NULL
 *
 * Returns the slot, or 0 if the table is full.
 */
uint32_t cap_grant(struct domain *d, struct portal *p, unsigned rights, int irq,
	struct cap *parent);

/** cap_find - slot of @d that names @p with at least @rights; 0: none. */
uint32_t cap_find(
	const struct domain *d, const struct portal *p, unsigned rights);

/**
 * cap_revoke_piece - delete PORTAL_PIECE capabilities derived from @cap.
 *
 * Returns true if there are more.
 */
bool cap_revoke_piece(struct cap *cap);

/**
 * portal_unlink_piece - @d is dead: PORTAL_PIECE of the calls that name it end,
 * in both directions; when there are none any more its portals, and then as
 * many capabilities, its own and what was derived from them.
 *
 * Returns true if there is more to do.
 */
bool portal_unlink_piece(struct domain *d);

/** call_has_strings - in its message, checked; which has mostly no items. */
static inline bool call_has_strings(const struct call *c)
{
	return TAG_TYPED(c->word[0]) && message_has_strings(c->word);
}

/* Calls. ------------------------------------------------------------------- */

/** call_find - the record of @d's caller slot that is not done, or NULL. */
struct call *call_find(const struct domain *d, uint32_t caller_slot);

/** call_new - a fresh record of @d, or NULL if CALLS_MAX are in use. */
struct call *call_new(struct domain *d, uint32_t caller_slot);

/** call_room - the domain has another record to use. */
bool call_room(const struct domain *d);

/** call_free - the record is not on any list and may be used again. */
void call_free(struct call *c);

/** call_queue - put @c at the portal; it is in the send phase now. */
void call_queue(struct call *c, struct portal *p, uint64_t send_timeout);

/** portal_next - the first queued call that its thread waits for, or NULL. */
struct call *portal_next(struct portal *p);

/** portal_pending - tell the server whether calls to @p are queued. */
void portal_pending(struct portal *p);

/**
 * portal_offer - a queued call, if there is one, may be delivered now: the
 * server's kernel has just left with a thread ready to receive.
 */
void portal_offer(struct portal *p);

/**
 * portal_miss - the thread behind @p, which waited when a call came, does not
 * any more: the call goes to another, or is pending.
 */
void portal_miss(struct portal *p);

/**
 * portal_offer_all - likewise at all portals of @d.
 *
 * A call that another thread of the host queued while the kernel was about to
 * say that a thread is ready has been noticed by neither.
 */
void portal_offer_all(struct domain *d);

/** call_take - @c is handed to the thread behind @p: out of the queue. */
void call_take(struct call *c, struct portal *p);

/** call_limit - what @c waits for ends at @at (TSC), by its timer. */
void call_limit(struct call *c, uint64_t at);

/** call_accepted - the server has all of @c: receive phase, or sent. */
void call_accepted(struct call *c);

/** call_end - @c is over; its caller's kernel gets EVENT_* @outcome. */
void call_end(struct call *c, uint32_t outcome, uint32_t error);

/** call_fail - end with an error code of the phase that @c is in. */
void call_fail(struct call *c, uint32_t error);

#endif
