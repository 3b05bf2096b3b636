/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control page: how a guest kernel and the VMM talk.
 *
 * Owner: vmm.  User: the guest kernel of an L4 domain.  Freestanding C11 only.
 *
 * The VMM enters a vCPU to deliver an *event*; the kernel leaves by one write
 * to ACTION_PORT, which requests an *action*.  Arguments and message words lie
 * in this page, one page of RAM per domain at CONTROL_GPA.  It is guest memory:
 * the VMM reads each field at most once per exit, checks the copy, and keeps
 * nothing in it that it relies on itself.
 *
 * The kernel writes the port only from its idle point, the dispatch point at
 * which no kernel stack is live, so every action may return any event.
 */
#ifndef VMM_ABI_CONTROL_H
#define VMM_ABI_CONTROL_H

#include <stddef.h>
#include <stdint.h>

#define CONTROL_ABI_VERSION 4

/* Guest-physical address of the control page, outside of RAM. */
#define CONTROL_GPA UINT64_C(0xfe000000)
#define CONTROL_SIZE 4096

/* 32-bit OUT; %eax is the action (ACTION_*, flags above bit 8). */
#define ACTION_PORT 0xe0

/* Injected when an event waits while the vCPU runs with IF = 1. */
#define EVENT_VECTOR 32

#define CONTROL_NEVER UINT64_MAX /* of a TSC value or a timeout */

#define PORTAL_SLOTS 512  /* in the table of one domain */
#define PORTAL_SLOT_VMM 0 /* the VMM's own portal, see vmmcall.h */
#define CALLER_SLOT_MIN 1
#define CALLER_SLOT_MAX 0xffff
#define NOTIFICATIONS 48 /* interrupt threads 0..47 */
#define MESSAGE_WORDS 64 /* MR0 (the tag) .. MR63 */

/*
 * Notices: memory that windows (container.h) do not show any more.
 *
 *    63         48 47                12 11     3 2   0
 *   +-------------+--------------------+--------+-----+
 *   |   frames    |    page number     |    0   | rwx |   what is lost
 *   +-------------+--------------------+--------+-----+
 *
 * A ring, written by the VMM before it takes memory away.  The bit of
 * `notified` asks the kernel to read it; so does a page fault whose error code
 * is FAULT_OF_HOST, which means that the instruction touched memory that the
 * domain does not have and can be tried again.
 */
#define NOTICES 128u
#define NOTICE_FRAMES_SHIFT 48
#define NOTICE_PAGE_MASK UINT64_C(0x0000fffffffff000)
#define NOTICE_RIGHTS_MASK UINT64_C(7) /* as in an fpage */
#define NOTIFIED_MEMORY (UINT64_C(1) << 63)
#define FAULT_OF_HOST 0x4000u

/*
 * Remote thread ids.
 *
 *    63  62                 32 31              6 5      0
 *   +---+--------------------+------------------+--------+
 *   | 1 |   portal slot      | domain << 16 | cs | 000001 |   a caller
 *   | 1 |   portal slot      |        0         | 000001 |   the portal
 *   +---+--------------------+------------------+--------+
 *
 * The slot is an index into the table of the domain that names the thread.
 * cs is the caller slot that the caller's kernel gave to its thread; domain is
 * the caller's index, 10 bits.
 */
#define REMOTE_ID_BIT (UINT64_C(1) << 63)
#define REMOTE_ID_PORTAL(slot) (REMOTE_ID_BIT | (uint64_t)(slot) << 32 | 1)
#define REMOTE_ID_CALLER(slot, domain, cs)        \
	(REMOTE_ID_BIT | (uint64_t)(slot) << 32 | \
		((uint64_t)(domain) << 16 | (uint64_t)(cs)) << 6 | 1)
#define REMOTE_ID_SLOT(id) ((uint32_t)((id) >> 32) & 0x7fffffffu)
#define REMOTE_ID_DOMAIN(id) ((uint32_t)((id) >> 22) & 0x3ffu) /* a caller's */
#define REMOTE_ID_VERSION(id) ((uint32_t)(id))

/*
 * Actions: bits 0-7 of %eax.  None blocks the kernel: the VMM may re-enter it
 * with any event (or none) at once.
 */
#define ACTION_MASK 0xffu
#define ACTION_MORE_READY 0x100u /* other threads of this domain can run */

#define ACTION_WAIT 0u /* no thread is ready; wait for an event or a timer */
/*
 * Send and wait for the reply.  IN: slot, version, caller_slot, send_timeout,
 * receive_timeout, flags, message out.  Ends with EVENT_REPLY or EVENT_ERROR
 * for caller_slot.  A caller slot has at most one call outstanding.
 */
#define ACTION_CALL 1u
/* Send only; ends with EVENT_SENT or EVENT_ERROR.  IN: as for ACTION_CALL. */
#define ACTION_SEND 2u
/*
 * Answer a request.  IN: to (a caller's id), message out.  OUT: result, 0 or
 * an X.2 error code; with a result other than 0 no event is delivered.
 */
#define ACTION_REPLY 3u
/*
 * Take the next queued request of a served portal.  IN: slot, to (0, or the
 * one caller's id that is acceptable, until the next delivery).  Requests
 * come only while the slot's bit in `accepting` is set.
 */
#define ACTION_ACCEPT 4u
/*
 * End the call or send of caller_slot.  Answered by EVENT_ERROR (code
 * "cancelled" in its phase), or by EVENT_REPLY/EVENT_SENT if that was first.
 */
#define ACTION_CANCEL 5u
/*
 * Raise the notification behind slot.  Programs ask for it by sending an empty
 * message with the interrupt label (guestkernel/abi/protocol.h) to the portal.
 */
#define ACTION_NOTIFY 6u
#define ACTION_TIMER 7u	 /* next_timer is now earlier than armed_until */
#define ACTION_YIELD 8u	 /* the rest of the slice is not wanted */
#define ACTION_UNBIND 9u /* the thread behind the served slot is gone */
/*
 * The kernel cannot go on.  IN: error = a STOP_* reason; to, and the rest as
 * that says.
 */
#define ACTION_STOP 10u
/*
 * Where the memory of the thread behind a caller slot is, whose message has
 * strings: the answer to events about them.  IN: string.
 */
#define ACTION_STRING 11u
#define ACTION_NR 12u

/* action_args.result: the reply has strings, and how it ends, EVENT_SENT or
 * EVENT_ERROR says, for the caller slot in string. */
#define RESULT_STRINGS UINT32_MAX

#define STOP_PANIC 1u	     /* to: the number that shows what is broken */
#define STOP_ROOT_GONE 2u    /* no thread is left */
#define STOP_TRAP 5u	     /* to: CR2, send_timeout: RIP, slot: vector */
#define STOP_SIGMA0_FAULT 6u /* to: the address, send_timeout: RIP */

/* Values of action_args.flags. */
#define CALL_RECEIVE_POINT 1u /* receive_timeout is an absolute TSC value */

/* Events: event.type.  The kernel sets it to EVENT_NONE when it has read all. */
#define EVENT_NONE 0u
#define EVENT_REQUEST 1u /* slot, from, message in */
#define EVENT_REPLY 2u	 /* caller_slot, message in */
#define EVENT_ERROR 3u	 /* caller_slot, error: an X.2 ErrorCode, whole */
#define EVENT_SENT 4u	 /* caller_slot */
#define EVENT_BOUND 5u	 /* slot now belongs to local thread `from` */
/* 6 is not in use. */
/*
 * With strings to be received.  The kernel answers with ACTION_STRING before it
 * does anything else; the message is complete with EVENT_STRING_END.
 */
#define EVENT_REQUEST_STRINGS 7u /* as EVENT_REQUEST */
#define EVENT_REPLY_STRINGS 8u	 /* as EVENT_REPLY */
/* Strings are to go on: ACTION_STRING is wanted.  caller_slot */
#define EVENT_STRING 9u
/* The same, when the page at address `from` is there. */
#define EVENT_STRING_FAULT 10u
/*
 * To the receiver: its strings are there, or not.  caller_slot; error, an X.2
 * ErrorCode or 0.
 */
#define EVENT_STRING_END 11u

/* Values of event.flags. */
#define REQUEST_WANTS_REPLY 1u

struct action_args {
	/* IN */
	uint32_t slot;		  /* portal, 0..PORTAL_SLOTS-1 */
	uint32_t caller_slot;	  /* CALLER_SLOT_MIN..CALLER_SLOT_MAX */
	uint64_t to;		  /* ACTION_REPLY, ACTION_ACCEPT: caller's id */
	uint64_t send_timeout;	  /* TSC ticks; 0 = at once or not at all */
	uint64_t receive_timeout; /* TSC ticks from the receive phase on */
	uint32_t version;	  /* of the id called; 1 or no partner */
	uint32_t flags;		  /* CALL_* */
	uint32_t error;		  /* ACTION_STOP: STOP_* */
	/* OUT */
	uint32_t result; /* ACTION_REPLY */
	uint64_t reserved_0[2];
};

_Static_assert(sizeof(struct action_args) == 64, "control ABI 4");
_Static_assert(offsetof(struct action_args, slot) == 0, "");
_Static_assert(offsetof(struct action_args, caller_slot) == 4, "");
_Static_assert(offsetof(struct action_args, to) == 8, "");
_Static_assert(offsetof(struct action_args, send_timeout) == 16, "");
_Static_assert(offsetof(struct action_args, receive_timeout) == 24, "");
_Static_assert(offsetof(struct action_args, version) == 32, "");
_Static_assert(offsetof(struct action_args, flags) == 36, "");
_Static_assert(offsetof(struct action_args, error) == 40, "");
_Static_assert(offsetof(struct action_args, result) == 44, "");

struct event {
	uint32_t type; /* EVENT_*; written last by the VMM, cleared by kernel */
	uint32_t slot;
	/* EVENT_REQUEST: remote id; EVENT_BOUND: local id; EVENT_STRING_FAULT */
	uint64_t from;
	uint32_t caller_slot;
	uint32_t error;
	uint32_t flags;
	uint32_t reserved_0;
};

_Static_assert(sizeof(struct event) == 32, "control ABI 4");
_Static_assert(offsetof(struct event, type) == 0, "");
_Static_assert(offsetof(struct event, slot) == 4, "");
_Static_assert(offsetof(struct event, from) == 8, "");
_Static_assert(offsetof(struct event, caller_slot) == 16, "");
_Static_assert(offsetof(struct event, error) == 20, "");
_Static_assert(offsetof(struct event, flags) == 24, "");

/*
 * String items across domains.  A kernel says where a thread's page tables and
 * its buffer registers are; the VMM finds the pages and copies.  It sets
 * accessed and dirty bits as a processor does.
 *
 * What has been said holds as long as string_epoch is what it was.  A kernel
 * that takes a page from a program, or frees page tables, first takes the entry
 * out, counts string_epoch up by a locked instruction, and then waits until
 * string_copying is 0.
 */
#define STRING_WINDOW 32768u /* bytes that are copied at most at an exit */
#define STRING_TICKETS 64    /* transfers at a time, as a server */
#define STRING_BUFFERS 33    /* BR0..BR32 */

/* IN with ACTION_STRING, and with messages that have typed items. */
struct string_args {
	uint32_t caller_slot; /* of the thread, as a server too */
	uint32_t reserved_0;
	uint64_t tables;  /* bits 12-51: guest-physical address of the root */
	uint64_t timeout; /* this side's for the transfer: TSC ticks */
	uint64_t br[STRING_BUFFERS]; /* the receiver's, BR32 first */
};

_Static_assert(sizeof(struct string_args) == 288, "control ABI 4");
_Static_assert(offsetof(struct string_args, caller_slot) == 0, "");
_Static_assert(offsetof(struct string_args, tables) == 8, "");
_Static_assert(offsetof(struct string_args, timeout) == 16, "");
_Static_assert(offsetof(struct string_args, br) == 24, "");

/*
 * What debuggers and tracing may rely on in a kernel's threads.  A thread is a
 * block of memory; members are at so many bytes from its address, and 22
 * registers lie before it: r11 rcx rdx rsi rdi rbp r8 r9 rax rbx r10 r12 r13 r14
 * r15 vector error rip cs rflags rsp ss.
 *
 * The tag of a message that a thread sends the long way is its r9, unless the
 * kernel sends it in the thread's name, or the thread stands for an interrupt.
 */
#define THREAD_LAYOUT_ID 0	     /* global, 64 bits */
#define THREAD_LAYOUT_WAITS_FOR 8    /* id, 64 bits; when receiving */
#define THREAD_LAYOUT_FLAGS 16	     /* 32 bits */
#define THREAD_LAYOUT_STATE 20	     /* 8 bits: one of those below */
#define THREAD_LAYOUT_CR3 40	     /* of its space; bits 0-11 do not count */
#define THREAD_LAYOUT_KERNEL_TAG 168 /* 64 bits; of what the kernel sends */
#define THREAD_LAYOUT_OLDER 216	     /* address of the next thread, 0: none */
#define THREAD_LAYOUT_REGISTERS 22
#define THREAD_LAYOUT_TAG (-120) /* r9 */

/* Of the flags: any of these, the kernel is who sends. */
#define THREAD_LAYOUT_KERNEL_SENDS 0x44

#define THREAD_LAYOUT_INACTIVE 0
#define THREAD_LAYOUT_READY 1
#define THREAD_LAYOUT_SENDING 2
#define THREAD_LAYOUT_REMOTE 3
#define THREAD_LAYOUT_RECEIVING 4
#define THREAD_LAYOUT_STRING 5

struct control_page {
	/* Written by the VMM. */
	uint32_t abi_version;
	uint32_t domain_index;
	uint64_t tsc_offset; /* system clock = (TSC + tsc_offset) scaled */
	uint64_t us_mult;    /* microseconds = ticks * us_mult >> 64 */
	uint64_t tsc_khz;
	uint64_t armed_until; /* TSC value at which the VMM will look again */
	uint64_t notified;    /* bit n: interrupt n; kernel clears by XCHG;
				 NOTIFIED_MEMORY */
	/* Written by the kernel. */
	uint64_t next_timer; /* TSC value of its earliest timeout, or NEVER */
	uint64_t reserved_0;
	uint64_t accepting[PORTAL_SLOTS / 64]; /* kernel: a thread is ready */
	uint64_t pending[PORTAL_SLOTS / 64];   /* VMM: a request is queued */
	struct action_args action;
	struct event event;
	uint64_t reserved_1[24];
	uint64_t message_in[MESSAGE_WORDS]; /* VMM to kernel, with the event */
	uint64_t
		message_out[MESSAGE_WORDS]; /* kernel to VMM, with the action */
	uint32_t notice_head; /* VMM: notices written, modulo 2^32 */
	uint32_t notice_tail; /* kernel: notices read */
	uint32_t notice_lost; /* VMM: 1, the ring was full: all windows have
				 lost all; kernel clears by XCHG */
	uint32_t reserved_2;
	uint64_t notice[NOTICES]; /* VMM */
	struct string_args string;
	uint64_t string_epoch;	 /* kernel */
	uint64_t string_copying; /* VMM */
	/* VMM, for debuggers: where in the kernel the address of the newest
	   thread is, and that of the one that runs, or ran last; or 0 */
	uint64_t newest_thread;
	uint64_t running_thread;
	uint64_t reserved_3[154];
};

_Static_assert(sizeof(struct control_page) == CONTROL_SIZE, "control ABI 4");
_Static_assert(offsetof(struct control_page, tsc_offset) == 0x008, "");
_Static_assert(offsetof(struct control_page, us_mult) == 0x010, "");
_Static_assert(offsetof(struct control_page, tsc_khz) == 0x018, "");
_Static_assert(offsetof(struct control_page, armed_until) == 0x020, "");
_Static_assert(offsetof(struct control_page, notified) == 0x028, "");
_Static_assert(offsetof(struct control_page, next_timer) == 0x030, "");
_Static_assert(offsetof(struct control_page, accepting) == 0x040, "");
_Static_assert(offsetof(struct control_page, pending) == 0x080, "");
_Static_assert(offsetof(struct control_page, action) == 0x0c0, "");
_Static_assert(offsetof(struct control_page, event) == 0x100, "");
_Static_assert(offsetof(struct control_page, message_in) == 0x1e0, "");
_Static_assert(offsetof(struct control_page, message_out) == 0x3e0, "");
_Static_assert(offsetof(struct control_page, notice_head) == 0x5e0, "");
_Static_assert(offsetof(struct control_page, notice_tail) == 0x5e4, "");
_Static_assert(offsetof(struct control_page, notice_lost) == 0x5e8, "");
_Static_assert(offsetof(struct control_page, notice) == 0x5f0, "");
_Static_assert(offsetof(struct control_page, string) == 0x9f0, "");
_Static_assert(offsetof(struct control_page, string_epoch) == 0xb10, "");
_Static_assert(offsetof(struct control_page, string_copying) == 0xb18, "");
_Static_assert(offsetof(struct control_page, newest_thread) == 0xb20, "");
_Static_assert(offsetof(struct control_page, running_thread) == 0xb28, "");

#endif
