/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings of a message on their way through a portal.
 *
 * Both kernels name runs of their domains' memory (vmm/abi/control.h); what is
 * named on both sides is copied, at most STRING_WINDOW bytes at an exit, and
 * the side that has run out is asked for more.  A kernel that meets a page
 * fault says so and answers later; the time for that is limited by both sides'
 * transfer timeouts.  All of it belongs to the call record; the server's side
 * is known to its kernel by a ticket, which outlives the call.
 */
#ifndef VMM_TRANSFER_H
#define VMM_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/control.h"

struct call;
struct domain;

/* Private copies of what a kernel has named, checked at each copy. */
struct transfer_side {
	uint64_t first; /* place of the runs in the stream */
	uint64_t bytes; /* in all runs */
	uint64_t epoch;
	uint64_t timeout; /* ticks */
	uint32_t flags;	  /* STRING_* */
	uint16_t nr_runs;
	bool asked; /* an answer will come */
	struct string_run run[STRING_RUNS];
};

/* What the caller's kernel is to be entered for. */
enum client_due {
	CLIENT_NOTHING,
	CLIENT_REPLY, /* EVENT_REPLY_STRINGS */
	CLIENT_RUNS,  /* EVENT_STRING */
};

struct transfer {
	bool to_server; /* else the reply */
	uint8_t ticket;
	enum client_due client_due;
	uint64_t done;	     /* bytes */
	uint64_t fault_time; /* of the first page fault; 0: none yet */
	struct transfer_side sender;
	struct transfer_side receiver;
};

/* A server's side, by its number. */
struct ticket {
	struct call *call; /* NULL: over, `error` is to be delivered */
	uint32_t error;
};

/** transfer_offer - @c's request has strings: note their runs. */
void transfer_offer(struct call *c);

/** transfer_room - @d has a ticket left. */
bool transfer_room(const struct domain *d);

/**
 * transfer_request - @c is handed to the server, beginning with its strings.
 * @e: OUT, the event, but for its message
 *
 * The server has room.
 */
void transfer_request(struct call *c, struct event *e);

/**
 * transfer_reply - the same with the reply of an accepted call.
 *
 * Returns the action's result: RESULT_STRINGS, or "message overflow" if the
 * server has no ticket left.
 */
uint32_t transfer_reply(struct call *c);

/** transfer_action - ACTION_STRING of @d. */
void transfer_action(struct domain *d);

/** transfer_event - put an event into @d's page; false if there is none. */
bool transfer_event(struct domain *d);

/** transfer_expire - the timer of @c, which is in CALL_STRINGS. */
void transfer_expire(struct call *c);

/** transfer_abort - end it, "aborted" for both partners. */
void transfer_abort(struct call *c);

/**
 * transfer_copy - copy between two domains' memory.
 *
 * Returns 0; -EAGAIN if a window does not show that memory any more and its
 * kernel has been told; -EFAULT if a domain may not use such memory so.
 */
__attribute__((warn_unused_result)) int transfer_copy(struct domain *to,
	uint64_t to_gpa, struct domain *from, uint64_t from_gpa, uint64_t size);

#endif
