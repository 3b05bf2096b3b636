/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Threads.  All TCBs lie in one array in virtual memory, indexed by thread
 * number; numbers without a thread read as zeroes (see ptab.c), so looking up
 * a thread is an addition and a comparison with its id.
 *
 * A thread that is not running waits somewhere with everything the kernel
 * needs to go on with it in its TCB: there is one kernel stack, and no thread
 * owns it.
 */
#ifndef GUESTKERNEL_THREAD_H
#define GUESTKERNEL_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guestkernel/abi/error.h"
#include "guestkernel/abi/threadid.h"
#include "guestkernel/abi/utcb.h"
#include "guestkernel/space.h"
#include "guestkernel/x86/gdt.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/trapframe.h"

/*
 * tcb.flags: everything about a thread that is not the common case, in one
 * word, so that the short way through Ipc tests it once.  Those that the
 * assembler knows, too, are in trapframe.h.
 */
#define THREAD_HALTED 0x2 /* ExchangeRegisters; does not run */
#define THREAD_TIMEOUT_BIT 3
#define THREAD_TIMEOUT (1 << THREAD_TIMEOUT_BIT) /* in the timeout queue */
#define THREAD_BOUND 0x10	    /* serves portals: accepting bits to keep */
#define THREAD_STRING_RECEIVER 0x20 /* in the middle of a message with */
#define THREAD_STRING_SENDER 0x80   /* strings: see string.h */
#define THREAD_PROPAGATED 0x100	    /* a propagated message waits for it */
#define THREAD_PREEMPTED 0x800	    /* its exception handler is to hear of it */
#define THREAD_QUANTUM 0x1000	    /* tcb.quantum limits it */
#define THREAD_REDIRECTED 0x2000    /* its space has a redirector */
#define THREAD_OF_SPACE (THREAD_FOREIGN | THREAD_REDIRECTED)
#define THREAD_STRING (THREAD_STRING_SENDER | THREAD_STRING_RECEIVER)

/* In the order of Schedule's states. */
enum thread_state {
	THREAD_NONE, /* no thread, or not active yet */
	THREAD_READY,
	THREAD_SENDING,	  /* in the sender queue of tcb.partner */
	THREAD_REMOTE,	  /* a call or send through a portal is outstanding */
	THREAD_RECEIVING, /* tcb.waits_for says for whom */
	THREAD_STRING_WAITS, /* THREAD_STRING: for tcb.peer to carry on */
};

/* Messages that the kernel sends or receives in a thread's name. */
enum kernel_ipc {
	KERNEL_IPC_START,
	KERNEL_IPC_PAGE_FAULT,
	KERNEL_IPC_EXCEPTION,
	KERNEL_IPC_PREEMPTION,
	KERNEL_IPC_PAUSE, /* nothing is sent, nobody answers */
};

/* Where the links of a TCB are in use. */
enum thread_queue {
	QUEUE_NONE,
	QUEUE_READY,
};

#define WAITS_NOT UINT64_C(0)
#define WAITS_ANY UINT64_MAX
#define WAITS_ANY_LOCAL (UINT64_MAX << 6)

#define KERNEL_IPC_WORDS 3

/* In a string or buffer: which part of it, which byte of all its pieces. */
struct string_place {
	uint64_t offset;
	uint8_t word; /* MR or BR with the part's head */
};

/* How far a message with typed items is transferred. */
struct string {
	struct string_place from; /* at the next item, or in this string */
	struct string_place to;	  /* in the receiver's buffer */
	uint64_t bytes;		  /* copied so far, of all strings */
	uint64_t deadline;	  /* of page faults, TSC; 0: none yet */
	uint64_t receive_from;	  /* the sender's; its faults use that field */
	uint16_t receive_timeout; /* likewise */
	uint8_t last;		  /* MR of the last word */
	uint8_t buffer; /* BR of its first part; UTCB_BR_COUNT: none is left */
	bool receiver_first; /* the deadline is the receiver's */
};

/*
 * A TCB's address is that behind its thread's trapframe: where the processor
 * pushes on entry, and in reach of short offsets both ways.
 */
struct tcb {
	uint64_t id;	    /* global; 0: no thread */
	uint64_t waits_for; /* id, WAITS_* */
	uint32_t flags;	    /* THREAD_* */
	uint8_t state;	    /* enum thread_state */
	uint8_t queue;	    /* enum thread_queue */
	uint8_t priority;
	union {
		uint8_t kernel_ipc; /* enum kernel_ipc */
		bool masked;	    /* THREAD_INTERRUPT: not acknowledged yet */
	};

	uint64_t *utcb;	   /* MR0, kernel address; NULL: not active */
	uint64_t local_id; /* MR0, user address */
	uint64_t cr3;
	struct space *space;

	struct tcb *senders;	   /* who waits to send to this thread */
	struct tcb *local_partner; /* of its space, if any; see ipc.S */
	struct tcb *next, *prev;   /* ring: ready queue or sender queue */
	struct tcb *peer;	   /* THREAD_STRING: the partner */
	uint64_t virtual_sender;   /* of a propagated message; 0: none */
	union {
		uint64_t utcb_location; /* before activation; user address */
		uint64_t handler;	/* THREAD_INTERRUPT: id */
	};
	uint64_t receive_from;	    /* after the send phase; 0: nobody */
	uint16_t receive_timeout;   /* likewise */
	uint16_t caller_slot;	    /* towards the VMM; 0: none yet */
	uint16_t first_portal;	    /* served: slot; 0: none */
	bool pending;		    /* THREAD_INTERRUPT: raised while masked */
	uint8_t sensitive_priority; /* up to which it delays its preemption */

	uint64_t scheduler;    /* id */
	uint64_t slice_left;   /* when it was preempted; 0: all of it */
	uint64_t awaited;      /* its id, once it was waited for; else 0 */
	uint64_t intended;     /* receiver of a redirected message; 0 */
	uint16_t max_delay_us; /* of its preemption */
	bool has_fpu;	       /* tcb.fpu holds something */

	/* What follows is written before it is read, so it stays when it goes. */
	uint64_t message[KERNEL_IPC_WORDS]; /* kernel_ipc: what is sent */

	uint64_t deadline; /* TSC; THREAD_TIMEOUT */
	struct tcb *timeout_next, **timeout_link;

	struct tcb *older;    /* in the list of all threads */
	uint64_t slice;	      /* TSC ticks; CONTROL_NEVER: infinite */
	uint64_t quantum;     /* TSC ticks left; THREAD_QUANTUM */
	struct tcb *partner;  /* THREAD_SENDING: whose queue */
	struct string string; /* of the message that it sends */

	uint8_t fpu[512] __attribute__((aligned(16)));
};

_Static_assert(
	TCB_OFFSET + sizeof(struct tcb) <= 1 << TCB_SIZE_LOG2, "TCB array");
_Static_assert(offsetof(struct tcb, id) == TCB_ID, "ipc.S");
_Static_assert(offsetof(struct tcb, waits_for) == TCB_WAITS_FOR, "ipc.S");
_Static_assert(offsetof(struct tcb, flags) == TCB_FLAGS, "entry.S, ipc.S");
_Static_assert(offsetof(struct tcb, state) == TCB_STATE, "ipc.S");
_Static_assert(offsetof(struct tcb, priority) == TCB_PRIORITY, "ipc.S");
_Static_assert(offsetof(struct tcb, utcb) == TCB_UTCB, "ipc.S");
_Static_assert(offsetof(struct tcb, local_id) == TCB_LOCAL_ID, "ipc.S");
_Static_assert(offsetof(struct tcb, cr3) == TCB_CR3, "ipc.S");
_Static_assert(offsetof(struct tcb, senders) == TCB_SENDERS, "ipc.S");
_Static_assert(
	offsetof(struct tcb, local_partner) == TCB_LOCAL_PARTNER, "ipc.S");
_Static_assert(offsetof(struct tcb, kernel_ipc) == TCB_KERNEL_IPC, "fault.S");
_Static_assert(offsetof(struct tcb, queue) == TCB_QUEUE, "fault.S");
_Static_assert(offsetof(struct tcb, next) == TCB_NEXT, "fault.S");
_Static_assert(offsetof(struct tcb, prev) == TCB_PREV, "fault.S");
_Static_assert(offsetof(struct tcb, handler) == TCB_HANDLER, "fault.S");
_Static_assert(offsetof(struct tcb, awaited) == TCB_AWAITED, "ipc.S");
_Static_assert(offsetof(struct tcb, masked) == TCB_STATE + 3, "fault.S");
_Static_assert(QUEUE_READY == TCB_QUEUE_READY, "fault.S");
_Static_assert(offsetof(struct tcb, utcb) == TCB_UTCB, "fault.S");
_Static_assert(KERNEL_IPC_PAGE_FAULT == TCB_SENT_PAGE_FAULT, "fault.S");
_Static_assert(KERNEL_IPC_EXCEPTION == TCB_SENT_EXCEPTION, "fault.S");
_Static_assert(THREAD_READY == TCB_READY, "ipc.S");
_Static_assert(THREAD_RECEIVING == TCB_RECEIVING, "ipc.S");

/** frame_of - the registers of a thread. */
static inline struct trapframe *frame_of(const struct tcb *t)
{
	return (struct trapframe *)t - 1;
}

/* The thread whose registers the processor holds, or held last. */
#define current ((struct tcb *)gdt_entry_stack())

/**
 * thread_is_starting - @t waits for its start-up message, if it waits.
 *
 * Read into a variable first, or the compiler tests both members at once, with
 * constants of 64 bits.
 */
static inline bool thread_is_starting(const struct tcb *t)
{
	uint8_t kind = t->kernel_ipc;

	return (t->flags & THREAD_KERNEL_IPC) && kind == KERNEL_IPC_START;
}

/* What user code reads at %gs:0. */
extern uint64_t thread_gs_page[PAGE_SIZE / 8]; /* start.S */

/** thread_slot - the place of a TCB; without a thread all reads give 0. */
static inline struct tcb *thread_slot(uint64_t id)
{
	return (struct tcb *)(TCB_AREA + TCB_OFFSET +
			      ((id >> THREAD_SHIFT & THREAD_NUMBER_MAX)
				      << TCB_SIZE_LOG2));
}

/** thread_after - the place after that of @t. */
static inline struct tcb *thread_after(const struct tcb *t)
{
	return (struct tcb *)((uint64_t)t + (1u << TCB_SIZE_LOG2));
}

/** thread_find - the thread with global id @id, or NULL. */
struct tcb *thread_find(uint64_t id);

/** thread_tcr - control register @word (UTCB_*) of an active thread. */
static inline uint64_t *thread_tcr(struct tcb *t, int word)
{
	return t->utcb + word;
}

/**
 * thread_resolve - the global id that @id means to @self.
 *
 * A local id becomes the global one of the thread in @self's space whose UTCB
 * it points to, or 0 if there is none.  Other values are returned as they are.
 */
uint64_t thread_resolve(const struct tcb *self, uint64_t id);

/** thread_named - the thread that @id, global or local, means to @self. */
struct tcb *thread_named(const struct tcb *self, uint64_t id)
	__attribute__((noinline));

/**
 * thread_create - a thread that is not active yet.
 *
 * Its number must be free.  NULL without memory.
 */
struct tcb *thread_create(uint64_t id, struct space *space);

/**
 * thread_activate - give a thread its UTCB; it then waits for its start-up
 * message from @pager.
 *
 * Returns L4_OK; L4_UTCB_AREA if @location is no UTCB of its space;
 * L4_NO_MEMORY.
 */
enum l4_error thread_activate(struct tcb *t, uint64_t location, uint64_t pager);

/**
 * thread_move - put a thread into another space.
 * @location: its UTCB there, if the thread is active
 *
 * Errors as thread_activate.
 */
enum l4_error thread_move(
	struct tcb *t, struct space *space, uint64_t location);

/**
 * thread_set_id - the same thread number with another version.
 *
 * As if the thread had been deleted, and made again, for all who wait to send
 * to it or to receive from it; what it waits for itself is cancelled, but for
 * its start-up message.
 */
void thread_set_id(struct tcb *t, uint64_t id);

/**
 * thread_take_flags - @t, which is to have a UTCB in @space or has one, gets the
 * flags that all threads there have.
 */
void thread_take_flags(struct tcb *t, const struct space *space)
	__attribute__((noinline));

/**
 * thread_newest - the list of all threads, interrupts included.  The VMM is
 * told of it in start.S.
 */
extern struct tcb *thread_newest;

/**
 * thread_delete - end a thread in whatever state it is, but for the running
 * one; with the last one its space goes.
 */
void thread_delete(struct tcb *t);

/** thread_set_ip - where it goes on in user mode; never out of its half. */
void thread_set_ip(struct tcb *t, uint64_t ip) __attribute__((noinline));

/** thread_any_left - a thread besides sigma0 exists. */
bool thread_any_left(void);

#endif
