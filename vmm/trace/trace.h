/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracing: events of the executors, with the one clock's time, in a bounded
 * ring for each executor.
 *
 * Owner: vmm/trace.  The rings lie in memory that `hyperhurd trace` maps as
 * well, so reading needs nothing of an executor; what the reader does not
 * fetch in time is overwritten, and counted.  Off, a trace point is one branch.
 *
 * Writers hold the system's lock, so a ring has one at a time.
 */
#ifndef VMM_TRACE_TRACE_H
#define VMM_TRACE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vmm/abi/boot.h"
#include "vmm/abi/launch.h"
#include "vmm/clock.h"

#define TRACE_EVENTS 65536u /* the newest of an executor; a power of two */
#define TRACE_VERSION 2u

/* In place of a domain's index. */
#define TRACE_NOBODY 0xffffu
#define TRACE_HOST 0xfffeu

/* What happened; `domain` is that in the comment, `other` and `value` too. */
enum trace_type {
	TRACE_SCHEDULE, /* who pays from now on, or HOST, or NOBODY: idle;
			   other: TRACE_IN_SLACK or 0; value: 1 + whose vCPU
			   goes on in the guest, if one does */
	TRACE_ENTRY,	/* whose vCPU; other: who pays */
	TRACE_EXIT,	/* whose vCPU; other: KVM's exit reason; value: errno */
	TRACE_CALL,	/* the caller; other: the server; value: caller slot */
	TRACE_SEND,	/* as TRACE_CALL */
	TRACE_ACCEPT,	/* the server; other: the caller; value: likewise */
	TRACE_REPLY,	/* the server; other: the caller; value: likewise */
	TRACE_NOTIFY,	/* whom; value: interrupt */
	TRACE_FAULT,	/* who; ends it */
	TRACE_IO_READ,	/* who; value: port or guest-physical address */
	TRACE_IO_WRITE, /* likewise */
	TRACE_RECLAIM,	/* who; other: TRACE_RECLAIM_*; value: extra frames */
	/* In an L4 domain, whose it is; threads by their numbers, 0: unknown. */
	TRACE_MESSAGE,	    /* other: from; value: to; more: tag */
	TRACE_LONG_MESSAGE, /* likewise */
	TRACE_PAGE_FAULT,   /* other: who runs; value: address */
	TRACE_UNMAP,	    /* other: who asks for it */
	TRACE_SWITCH,	    /* other: from; value: to */
	NR_TRACE_TYPES,
};

#define TRACE_IN_SLACK 1u /* without budget */

#define TRACE_RECLAIM_ASKED 0u
#define TRACE_RECLAIM_FORCED 1u

struct trace_event {
	uint64_t at; /* TSC */
	uint16_t type;
	uint16_t domain;
	uint32_t other;
	uint64_t value;
	uint64_t more;
};

struct trace_ring {
	uint64_t nr; /* events since the start; published last */
	uint32_t cpu;
	uint32_t reserved_0;
	struct trace_event event[TRACE_EVENTS];
};

/* All of it, as a file that both sides map. */
struct trace_file {
	uint32_t version;
	uint32_t nr_domains;
	uint32_t nr_rings;
	uint32_t reserved_0;
	uint64_t tsc_khz;
	uint64_t started_at; /* TSC */
	char name[LAUNCH_DOMAINS_MAX][BOOT_NAME_MAX];
	struct trace_ring ring[];
};

/** trace_size - bytes of a file for @nr executors. */
static inline uint64_t trace_size(unsigned nr)
{
	return sizeof(struct trace_file) + nr * sizeof(struct trace_ring);
}

/** trace_add - append an event; the oldest one gives way. */
static inline void trace_add(
	struct trace_ring *ring, const struct trace_event *event)
{
	ring->event[ring->nr % TRACE_EVENTS] = *event;
	__atomic_store_n(&ring->nr, ring->nr + 1, __ATOMIC_RELEASE);
}

/** trace_at - as trace_point, at a time known already. */
static inline void trace_at(struct trace_ring *ring, uint64_t at,
	enum trace_type type, unsigned domain, uint32_t other, uint64_t value)
{
	if (__builtin_expect(ring != NULL, 0))
		trace_add(ring, &(struct trace_event){at, (uint16_t)type,
					(uint16_t)domain, other, value, 0});
}

/**
 * trace_point - a trace point; @ring is NULL while tracing is off.
 */
static inline void trace_point(struct trace_ring *ring, enum trace_type type,
	unsigned domain, uint32_t other, uint64_t value)
{
	if (__builtin_expect(ring != NULL, 0))
		trace_add(
			ring, &(struct trace_event){clock_now(), (uint16_t)type,
				      (uint16_t)domain, other, value, 0});
}

/**
 * trace_map - the rings of a running system, to be read.
 * @pid:      of its process
 * @trace_fd: as it answered CONTROL_TRACE_START
 *
 * Returns NULL if they cannot be reached or are of another version.
 */
const struct trace_file *trace_map(uint32_t pid, uint32_t trace_fd);

/** trace_unmap - give the view back; NULL is allowed. */
void trace_unmap(const struct trace_file *file);

/**
 * trace_read - copy events out while the executor goes on.
 * @next: number of the first event wanted; moved behind the last one copied
 * @out:  room for @max events
 * @lost: increased by the events that had been overwritten
 *
 * Returns how many were copied.
 */
unsigned trace_read(const struct trace_ring *ring, uint64_t *next,
	struct trace_event *out, unsigned max, uint64_t *lost);

/* Events of all rings, in the order of time. */
struct trace_stamp {
	struct trace_event event;
	uint32_t cpu;
	uint32_t order; /* of those at the same time */
};

/**
 * trace_write - write sorted events in the Trace Event Format.
 * @file: names, rate and start
 * @lost: how many events are missing
 *
 * Source: Google, "Trace Event Format" (JSON Object Format), which Perfetto
 * and chrome://tracing open.  A track for each CPU shows who pays, one for
 * each domain when its vCPU runs and what happens there, one for each thread
 * of a guest that is traced itself.  Returns 0 or -errno
 * of the output.
 */
int trace_write(FILE *out, const struct trace_file *file,
	const struct trace_stamp *stamp, unsigned nr, uint64_t lost);

/** trace_main - the command hyperhurd trace. */
int trace_main(int argc, char **argv);

#endif
