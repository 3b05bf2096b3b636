/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strings of a message on their way through a portal.
 *
 * The kernels say where the page tables of sender and receiver are, and what
 * buffers that has (vmm/abi/control.h); the VMM copies what is mapped on both
 * sides, at most STRING_WINDOW bytes at an exit, and has a missing page sent by
 * the kernel of its side.  The time for that is limited by both sides' transfer
 * timeouts.  All of it belongs to the call record; what is to be said to the
 * server's kernel outlives the call as a ticket.
 */
#ifndef VMM_TRANSFER_H
#define VMM_TRANSFER_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/abi/control.h"

struct call;
struct domain;

/* In an error code; what is more is told as that many. */
#define STRING_BYTES_TOLD (UINT32_MAX >> 4)

/* Private copies of what a kernel has said. */
struct transfer_side {
	uint64_t tables;
	uint64_t epoch;
	uint64_t timeout; /* ticks */
};

/* In a string or buffer: which part of it, piece of that, byte of that. */
struct transfer_place {
	unsigned word; /* MR or BR with the part's head */
	unsigned piece;
	uint64_t offset;
};

/* What the caller's kernel is to be entered for. */
enum client_due {
	CLIENT_NOTHING,
	CLIENT_REPLY, /* EVENT_REPLY_STRINGS */
	CLIENT_ASKED, /* transfer.question */
};

struct transfer {
	bool to_server; /* else the reply */
	uint8_t ticket;
	enum client_due client_due;
	uint64_t done;		     /* bytes */
	uint64_t fault_time;	     /* of the first page fault; 0: none yet */
	struct transfer_side *asked; /* whose kernel is to answer */
	uint32_t question;	     /* EVENT_STRING, EVENT_STRING_FAULT */
	uint64_t address;	     /* of the fault */
	struct transfer_side sender;
	struct transfer_side receiver;
	unsigned item;		    /* MR of the sender's string */
	unsigned buffer;	    /* BR of the receiver's */
	struct transfer_place from; /* in that string */
	struct transfer_place to;   /* in that; word STRING_BUFFERS: none */
	uint64_t br[STRING_BUFFERS];
};

/* A server's side. */
struct ticket {
	struct call *call;    /* NULL: over, `outcome` is to be delivered */
	uint32_t caller_slot; /* of its thread; 0: not said yet */
	uint32_t outcome;     /* EVENT_STRING_END, EVENT_SENT, EVENT_ERROR */
	uint32_t error;
};

/** transfer_offer - @c's request has strings: note where they are. */
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
 * server has no ticket left or its thread no caller slot.
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

/** transfer_cancel - the same by @d's caller slot, as the server. */
void transfer_cancel(struct domain *d, uint32_t caller_slot);

/* Where the next bytes of a message's strings are. */
enum transfer_next {
	TRANSFER_BYTES,
	TRANSFER_END,	  /* there are none */
	TRANSFER_NO_ROOM, /* there are, but the receiver has no room */
};

/**
 * transfer_begin - @c's first string, and the receiver's first buffer.
 * @br: OUT of its page, BR32 first; NULL: not known yet
 */
void transfer_begin(struct call *c, const uint64_t *br);

/**
 * transfer_next - where the next bytes come from and go to.
 * @from, @to: OUT: linear addresses of sender and receiver
 * @size:      OUT: how many, with TRANSFER_BYTES
 */
enum transfer_next transfer_next(
	struct call *c, uint64_t *from, uint64_t *to, uint64_t *size);

/** transfer_advance - @size bytes of them are done with. */
void transfer_advance(struct call *c, uint64_t size);

/**
 * transfer_run - find user memory in @d's page tables, mark its pages as used.
 * @tables:  of the root, as the kernel has said
 * @address: linear
 * @most:    bytes, not 0
 * @gpa:     OUT: where @address is
 *
 * Returns how many bytes from there on are side by side in memory, at most
 * @most; 0: the page is missing, or is not to be written, or the tables are not
 * in RAM.
 */
uint64_t transfer_run(struct domain *d, uint64_t tables, uint64_t address,
	bool write, uint64_t most, uint64_t *gpa);

/** A place in a domain's memory. */
struct transfer_memory {
	struct domain *domain;
	uint64_t gpa;
};

/**
 * transfer_copy - copy between two domains' memory.
 * @size:         IN: bytes, not 0; OUT, with 0: how many have been copied, at
 *                least one
 * @target_fault: OUT, with -EAGAIN: the hole is at @target, else at @source
 *
 * Returns 0; -EBUSY if a logical copy at @target had to be made memory of its
 * own, which was enough for an exit; -EAGAIN if a window does not show that
 * memory any more and its kernel has been told; -EFAULT if a domain may not use
 * such memory so.
 */
__attribute__((warn_unused_result)) int transfer_copy(
	const struct transfer_memory *target,
	const struct transfer_memory *source, uint64_t *size,
	bool *target_fault);

#endif
