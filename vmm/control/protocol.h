/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes over the control socket: one request, one reply.
 *
 * Owner: vmm/control.  Both ends are the same binary on the same machine, so
 * these are plain structs; the version catches a client of another build.
 *
 *   request:  control_request
 *   reply:    control_reply, system_domain[nr_domains],
 *             executor_account[nr_executors]
 *
 * After the reply to CONTROL_CONSOLE the connection is the domain's console.
 * After that to CONTROL_TRACE_* it is the trace: it ends when the client says
 * so, by shutting its side down, or is gone, and the system then closes.
 */
#ifndef VMM_CONTROL_PROTOCOL_H
#define VMM_CONTROL_PROTOCOL_H

#include <stdint.h>

#include "vmm/control/control.h"

#define CONTROL_VERSION 8u
#define CONTROL_MAGIC UINT64_C(0x6c72746e6f636868) /* "hhcontrl" */
#define CONTROL_SYSTEM_MAX 64

enum control_op {
	CONTROL_LIST = 1,
	CONTROL_STOP = 2,
	CONTROL_KILL = 3,
	CONTROL_SET = 4,
	CONTROL_CONSOLE = 5,
	CONTROL_MARK = 6, /* as CONTROL_LIST, then system_mark() */
	CONTROL_TRACE_START = 7,
	CONTROL_TRACE_GUESTS = 8, /* as CONTROL_TRACE_START, and in guests */
	CONTROL_SET_MEMORY = 9,
};

struct control_request {
	uint64_t magic;
	uint32_t version;
	uint32_t op;			       /* enum control_op */
	uint32_t domain;		       /* index; CONTROL_LIST: 0 */
	struct system_reservation reservation; /* CONTROL_SET */
	uint64_t memory_bytes;		       /* CONTROL_SET_MEMORY */
};

struct control_reply {
	uint64_t magic;
	uint32_t version;
	uint32_t error;	       /* 0 or an errno value */
	uint32_t nr_domains;   /* CONTROL_LIST and CONTROL_MARK */
	uint32_t nr_executors; /* likewise */
	uint64_t now_ns;       /* of the clock of the accounts */
	uint32_t no_guarantees;
	uint32_t pid;
	uint32_t trace_fd; /* CONTROL_TRACE_START: of the process, to open
			    * by way of /proc */
	uint32_t reserved_0;
	char system[CONTROL_SYSTEM_MAX];
};

/**
 * control_dir - where the control sockets of this user are.
 * @buf: @size bytes
 *
 * HYPERHURD_RUN_DIR; for root /run/hyperhurd; else hyperhurd in
 * XDG_RUNTIME_DIR; else /tmp/hyperhurd-UID.  Returns 0 or -ENAMETOOLONG.
 */
int control_dir(char *buf, unsigned size);

#endif
