/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A debugger's connection: takes its bytes, does what they ask of the target,
 * and makes the answers.  Knows nothing of sockets, KVM or domains.
 *
 * Source: Debugging with GDB, "Remote Protocol", "Packets", "Stop Reply
 * Packets", "General Query Packets".
 */
#ifndef VMM_GDB_SESSION_H
#define VMM_GDB_SESSION_H

#include "vmm/gdb/packet.h"
#include "vmm/gdb/target.h"

struct gdb_session {
	struct gdb_target *target;
	struct gdb_reader in;
	struct gdb_writer out; /* the last answer, kept for sending it again */
	bool no_ack;
	bool names_breaks; /* it knows swbreak and hwbreak in stop replies */
	bool awaits_stop;  /* the answer is a stop reply, when it stops */
	bool over;	   /* detached or killed: hang up */
};

/** What is to be sent after a byte was taken, in this order. */
enum gdb_send {
	GDB_SEND_NOTHING = 0,
	GDB_SEND_ACK = 1,    /* '+' */
	GDB_SEND_NAK = 2,    /* '-' */
	GDB_SEND_ANSWER = 4, /* session->out */
};

/** gdb_session_begin - a debugger has connected. */
void gdb_session_begin(struct gdb_session *s, struct gdb_target *target);

/** gdb_session_take - a byte of it; returns a set of enum gdb_send. */
unsigned gdb_session_take(struct gdb_session *s, char byte);

/**
 * gdb_session_poll - the target may have stopped.
 *
 * Returns GDB_SEND_ANSWER if the debugger waits to hear of it.
 */
unsigned gdb_session_poll(struct gdb_session *s);

#endif
