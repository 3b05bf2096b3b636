/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains: a VM with one vCPU, its memory, its devices, its portals, and its
 * scheduling context.
 *
 * Everything here is protected by the system's lock (system.h), which an
 * executor holds except while a vCPU runs or it sleeps.
 */
#ifndef VMM_DOMAIN_H
#define VMM_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/control.h"
#include "vmm/abi/vmmcall.h"
#include "vmm/context.h"
#include "vmm/device/machine.h"
#include "vmm/kvmstat.h"
#include "vmm/launch.h"
#include "vmm/memory/memslot.h"
#include "vmm/memory/service.h"
#include "vmm/notify.h"
#include "vmm/portal.h"
#include "vmm/slotorder.h"
#include "vmm/trace/point.h"
#include "vmm/vcpu.h"
#include "vmm/vcputhread.h"

struct executor;
struct gdb_target;
struct system;

/* Where a vCPU stands while it is out of guest mode. */
enum vcpu_state {
	VCPU_AT_ACTION, /* at the idle point: takes any event */
	VCPU_RUNNING,	/* anywhere: events by interrupt only */
	VCPU_HALTED,	/* PC: HLT */
};

/* What its vCPU is to be entered with: a debugger may hold it. */
enum domain_hold {
	HOLD_NONE,
	HOLD_PATCH,  /* trace points come or go first */
	HOLD_STEP,   /* runs, for one instruction */
	HOLD_WANTED, /* to be held as soon as it has left the guest */
	HOLD_ON,     /* is not run */
};

/* What else its kernel is to be entered for. */
#define DUE_TIMER 1u   /* next_timer has passed */
#define DUE_STRINGS 2u /* transfer.h: asking, tickets_due */

enum domain_life {
	DOMAIN_LIVE,
	DOMAIN_STOPPED, /* ended by itself, or by stop */
	DOMAIN_CRASHED,
};

struct domain {
	/* Fixed after creation. */
	struct system *system;
	unsigned index; /* in the launch record, and in remote ids */
	const char *name;
	const struct launch_domain *conf;
	struct executor *ex;
	struct vcpu vcpu;
	struct guestmem mem;
	struct backing *ram;
	uint64_t populated; /* bytes of it, by the helper thread */
	struct backing *control_frame;
	struct memory_domain *memory; /* L4 and alive: its containers */
	struct timer reclaim_timer;   /* when it has to have given back */
	struct control_page *control; /* L4; guest memory! */
	struct machine *machine;
	struct console *console;
	int wake_fd;
	struct io_order order; /* of its I/O; for the worker */
	struct boot_info boot;

	/* The vCPU. */
	enum vcpu_state state;
	enum domain_hold hold;
	struct gdb_target *debug; /* NULL: no debugger may connect */
	struct guest_points points;
	bool more_ready;     /* the kernel said so on leaving */
	bool own_work;	     /* not only what other domains ask for */
	bool fault_injected; /* its vCPU takes a page fault next */
	bool devices_due;    /* its machine has work, see machine_poll() */
	uint32_t due;	     /* DUE_* */
	uint64_t next_timer; /* as last read from the control page */
	struct timer timer;
	struct timer machine_timer;
	bool booted; /* has reached its idle point once */
	uint64_t if_limit_us;
	uint64_t if_off_seen; /* `ran` when IF was last seen as 0; 0: not */
	uint64_t if_off;      /* ticks for which it has been so */

	struct vcputhread vcputhread; /* used if the run has no executors */

	/* Time. */
	struct context ctx;
	uint32_t slice_us; /* its reservation now */
	uint32_t period_us;
	uint32_t deadline_us;
	uint64_t mark;	    /* of the walk that met this domain last */
	uint64_t asked;	    /* likewise, of the search for a lender */
	int period_irq;	    /* raised at each release; -1: none */
	uint64_t worked;    /* ticks of helper threads, to be charged to it */
	uint64_t worked_ns; /* of machine_worked_ns(), collected so far */
	uint64_t ran;	    /* ticks in and around its vCPU, whoever paid */
	uint64_t exits;
	uint64_t delivery_error;	/* `exits` when KVM reported one last */
	uint64_t ipc;			/* calls and sends through portals */
	struct kvm_stat faults;		/* of its second-level page table, */
	bool faults_open, asked_faults; /* once somebody has asked */

	/* IPC. */
	uint64_t notified; /* interrupts to raise */
	struct irq_timer {
		struct timer timer;
		struct domain *domain;
		unsigned irq;
	} irq_timer[NOTIFICATIONS];
	struct notify_limit notify[NOTIFICATIONS];
	struct cap cap[PORTAL_SLOTS];
	uint32_t slots_used;	    /* no slot below it is free */
	uint32_t unlinked;	    /* slots taken away at its end */
	struct slot_order clients;  /* CAP_CLIENT, by their portal */
	struct slot_order threads;  /* CAP_SERVER, by thread; no reliefs */
	struct call_list outgoing;  /* newest first */
	struct call_list incoming;  /* queued or accepted here */
	unsigned ring_calls;	    /* of those: that lend no context */
	struct call_list done;	    /* outcome not delivered yet */
	struct portal_list ready;   /* portals with something to deliver */
	struct portal_list binding; /* EVENT_BOUND not delivered yet */
	struct call_pool *calls;
	struct call *vmm_call; /* to the VMM, in pieces; or NULL */
	bool memory_waits;     /* for a device, until memory_timer ends */
	struct timer memory_timer;
	struct call_list asking; /* whose kernel, as the caller's, is due */
	struct ticket ticket[STRING_TICKETS]; /* strings, as the server */
	uint64_t tickets_used;
	uint64_t tickets_due;

	/* The end. */
	enum domain_life life;
	int exit_status; /* 0..255, of DOMAIN_STOPPED */
	bool detached;	 /* its executor has forgotten it: may be destroyed */
	char why[160];
};

/** portal_server - who answers calls to @p; NULL: nobody any more. */
static inline struct domain *portal_server(const struct portal *p)
{
	return p->server && p->server->life == DOMAIN_LIVE ? p->server : NULL;
}

/**
 * domain_create - make a domain and load its images; it is not run yet.
 * @error: OUT, a line that names the file or part
 *
 * Blocks (files, KVM): not for executors.  Returns the domain or NULL.
 */
struct domain *domain_create(
	struct system *system, unsigned index, struct machine_error *error);

/** domain_populate - have the VMM's own records of it in memory, before they are
 * filled.  Blocks. */
void domain_populate(struct domain *d);

/** domain_balloon - frames of its RAM that its balloon may take: the extra ones
 * of a domain that is not L4. */
uint64_t domain_balloon(const struct launch_domain *conf);

/** domain_faults - faults of its second-level page table; 0: unknown. */
uint64_t domain_faults(struct domain *d);

/** domain_destroy - free all it has.  Its life is over and no executor, call
 * record or portal names it.  Blocks. */
void domain_destroy(struct domain *d);

/**
 * domain_crash - the domain is at fault and ends; neighbours get errors.
 *
 * The text, at most 159 characters, is shown with the domain's name.
 */
__attribute__((format(printf, 2, 3))) void domain_crash(
	struct domain *d, const char *format, ...);

/** domain_stop - the domain ends with an exit status, 0..255. */
void domain_stop(struct domain *d, int status);

/**
 * domain_has_event - there is something to enter the vCPU for, apart from
 * what it was doing itself.
 */
bool domain_has_event(const struct domain *d);

/**
 * domain_has_own_work - it runs, or is to be entered, for more than what other
 * domains have asked of it.
 */
bool domain_has_own_work(const struct domain *d);

/**
 * domain_can_run - its vCPU has something to do by itself, or an event.
 */
bool domain_can_run(const struct domain *d);

/**
 * domain_prepare - deliver what can be delivered before the vCPU is entered.
 */
void domain_prepare(struct domain *d);

/** domain_raise - raise interrupt @irq (L4), 0..NOTIFICATIONS-1. */
void domain_raise(struct domain *d, unsigned irq);

/** domain_wake - its executor has to look at it again. */
void domain_wake(struct domain *d);

#endif
