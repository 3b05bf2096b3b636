/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket of a running system: list, console, stop, kill, set, stat.
 *
 * Owner: vmm/control.  A helper thread of the VMM answers, one request at a
 * time.  A request has a fixed size (protocol.h) and must arrive at once, so a
 * client can make the server neither wait nor allocate.
 *
 * The system_*() functions are what the server needs from the VMM; the VMM
 * core implements them.  They are called in the helper thread.
 */
#ifndef VMM_CONTROL_CONTROL_H
#define VMM_CONTROL_CONTROL_H

#include <stdint.h>

#include "vmm/abi/boot.h"
#include "vmm/report/sample.h"

struct system;

enum system_state {
	SYSTEM_STATE_BOOTING = 1, /* not entered yet */
	SYSTEM_STATE_RUNNING = 2,
	SYSTEM_STATE_STOPPED = 3, /* ended by itself or by stop */
	SYSTEM_STATE_CRASHED = 4, /* by a fault or by kill, not restarted */
};

struct system_domain {
	char name[BOOT_NAME_MAX];
	uint32_t kind;	/* LAUNCH_KIND_* */
	uint32_t state; /* enum system_state */
	uint32_t cpu;
	uint32_t slice_us; /* 0: slack only */
	uint32_t period_us;
	uint32_t deadline_us;
	uint64_t ram_bytes;
	uint64_t balloon_bytes;	 /* of it, given back by the guest */
	uint64_t reported_bytes; /* free pages given back, all in all */
	struct domain_account account;
};

struct system_reservation {
	uint32_t slice_us;
	uint32_t period_us;
	uint32_t deadline_us;
};

/* Implemented by the VMM core. -------------------------------------------- */

/**
 * system_list - the domains, in the launch record's order.
 * @out: room for @max
 *
 * Returns how many were stored.
 */
unsigned system_list(
	struct system *system, struct system_domain *out, unsigned max);

/**
 * system_stop - end a domain for good; callers of its portals get an error.
 * @domain: index, as in system_list()
 *
 * Returns 0, or -ESRCH if it does not run.
 */
int system_stop(struct system *system, unsigned domain);

/** system_kill - end it as a crash does: on_crash decides what follows. */
int system_kill(struct system *system, unsigned domain);

/**
 * system_set_reservation - replace slice, period and deadline.
 *
 * Returns 0, -EINVAL (not slice <= deadline <= period, or beyond the limits of
 * a launch record; a slice of 0 is none), -EBUSY (admission refuses it; nothing
 * has changed), or -ESRCH.
 */
int system_set_reservation(struct system *system, unsigned domain,
	const struct system_reservation *reservation);

/**
 * system_set_memory - how much of its RAM a domain shall use.
 * @bytes: a multiple of 4096, more than 0 and at least what it is guaranteed, at
 *         most its RAM
 *
 * Its balloon driver is told, and gives back the rest as it can.  Returns 0,
 * -EINVAL, -ENOTSUP (it has no balloon), or -ESRCH.
 */
int system_set_memory(struct system *system, unsigned domain, uint64_t bytes);

/**
 * system_console - connect a domain's console to a socket.
 * @fd: a connected stream socket, owned by the console on success
 *
 * What the domain prints is sent to @fd, what comes from @fd is its input; a
 * slow or dead peer loses output and holds up nobody.  Who was connected is so
 * no longer.  Returns 0, -ENOTSUP if the domain has no console, or -ESRCH.
 */
int system_console(struct system *system, unsigned domain, int fd);

/** system_mark - longest steps are counted from now on, beside those of all. */
void system_mark(struct system *system);

/** system_measurement - what the executors have measured so far. */
const struct measurement *system_measurement(struct system *system);

/**
 * system_trace_start - begin to trace.
 * @guests: what happens in L4 domains, too
 *
 * Returns the descriptor of a file (struct trace_file), which remains the
 * system's and is the same each time, or -errno.
 */
int system_trace_start(struct system *system, bool guests);

/** system_trace_stop - end it; what is in the rings stays there. */
void system_trace_stop(struct system *system);

/* The server. -------------------------------------------------------------- */

struct control;

/**
 * control_start - make the socket and start answering.
 * @name:    the system's, shown by list
 * @control: set on success
 *
 * The socket is control_dir()/<pid>.sock, for the user who runs the VMM alone;
 * those of processes that are no more are removed.  The thread takes no signals.
 * Returns 0 or -errno.
 */
int control_start(
	struct control **control, struct system *system, const char *name);

/** control_stop - stop answering, remove the socket; NULL is allowed. */
void control_stop(struct control *control);

/* The commands: hyperhurd list, console, stop, kill, set, stat. ------------ */

int list_main(int argc, char **argv);
int console_main(int argc, char **argv);
int stop_main(int argc, char **argv);
int kill_main(int argc, char **argv);
int setmem_main(int argc, char **argv);
int set_main(int argc, char **argv);
int stat_main(int argc, char **argv);

#endif
