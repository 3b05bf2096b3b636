/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The VMM's call records: two clients, a domain each, call a portal of a third
 * domain.  Each exit to the VMM, and each entry of a domain, is one step.
 * Names are those of vmm/{call,action,event,portal}.c and of
 * guestkernel/{caller,portal}.c; what is left out is in README.md.
 *
 * BUG_QUEUE, BUG_CANCEL and BUG_ARMED each put in an error that the checks must
 * find.
 */
#define CLIENTS 2
#define NOBODY 2

/* Records. */
#define FREE 0
#define QUEUED 1
#define ACCEPTED 2
#define DONE 3

/* Client threads. */
#define GONE 0
#define READY 1
#define REMOTE 2

typedef record {
	byte state;
	bool queued; /* in the portal's queue */
	bool wants_reply;
	bool at_once;
	bool replied; /* outcome */
	bit serial;   /* of the call it was made for; not the VMM's */
};
record call[CLIENTS];

typedef slot {
	byte thread;	 /* its state */
	bool is_used;	 /* the slot belongs to it, or to one that is gone */
	bool cancelling; /* in the cancel list */
	bool is_done;
	bit serial;
	bit cancelled; /* serial of the call to cancel */
};
slot caller[CLIENTS];

bool server = true;	/* its domain lives */
bool bound = true;	/* a thread serves the portal */
bool waits;		/* that thread receives: the accepting bit */
byte waits_for = NOBODY; /* the one client it accepts; NOBODY: all */
bool accept_armed;
byte accept_from = NOBODY;
bool is_ready;
byte first; /* what was queued first, if both are */

/* ACTION_ACCEPT alone does not mean that a thread still waits. */
#ifdef BUG_ARMED
#define ACCEPTING (accept_armed || waits)
#else
#define ACCEPTING waits
#endif
#define IN_QUEUE (call[0].queued || call[1].queued)

/* --- vmm/call.c --- */

inline call_end(c)
{
	assert(call[c].state == QUEUED || call[c].state == ACCEPTED);
#ifdef BUG_QUEUE
	if
	:: call[c].state == ACCEPTED -> call[c].queued = false
	:: else
	fi;
#else
	call[c].queued = false;
#endif
	call[c].state = DONE
}

inline call_queue(c)
{
	assert(!call[c].queued);
	first = (call[1 - c].queued -> 1 - c : c);
	call[c].state = QUEUED;
	call[c].queued = true;
	if
	:: ACCEPTING -> is_ready = true
	:: !ACCEPTING && call[c].at_once -> call_end(c)
	:: else
	fi
}

inline call_accept(c)
{
	assert(call[c].state == QUEUED);
	call[c].queued = false;
	call[c].state = ACCEPTED;
	if
	:: !call[c].wants_reply -> call[c].replied = true; call_end(c)
	:: else
	fi
}

/* --- vmm/action.c --- */

inline begin(c)
{
	assert(call[c].state == FREE); /* call_find() finds none */
	caller[c].serial = 1 - caller[c].serial;
	caller[c].thread = REMOTE;
	caller[c].is_used = true;
	call[c].serial = caller[c].serial;
	call[c].replied = false;
	if
	:: call[c].wants_reply = true
	:: call[c].wants_reply = false
	fi;
	if
	:: call[c].at_once = true
	:: call[c].at_once = false
	fi;
	if
	:: server -> call_queue(c)
	:: else -> call[c].state = DONE /* refuse() */
	fi
}

/* To a caller that may have given up, or may call again by now. */
inline action_reply(c)
{
	if
	:: call[c].state == ACCEPTED ->
		assert(call[c].wants_reply);
		call[c].replied = true;
		call_end(c)
	:: else /* no partner */
	fi
}

inline action_accept()
{
	accept_armed = true;
	accept_from = waits_for;
	is_ready = is_ready || IN_QUEUE
}

inline fail(c)
{
	if
	:: call[c].state == QUEUED || call[c].state == ACCEPTED -> call_end(c)
	:: else
	fi
}

inline action_unbind()
{
	accept_armed = false;
	fail(0);
	fail(1)
}

/* --- guestkernel/caller.c --- */

inline caller_cancel(c)
{
	if
	:: caller[c].cancelling
	:: else ->
		caller[c].cancelling = true;
		caller[c].cancelled = caller[c].serial;
		caller[c].is_done = false
	fi
}

inline thread_gone(c)
{
	if
	:: caller[c].thread == REMOTE -> caller_cancel(c)
	:: else -> caller[c].is_used = false
	fi;
	caller[c].thread = GONE
}

inline caller_act(c)
{
	caller[c].cancelling = false;
	if
	:: caller[c].is_done ->
		caller[c].is_done = false;
		caller[c].is_used = false
	:: !caller[c].is_done && caller[c].thread != READY ->
		assert(call[c].state == FREE ||
			caller[c].cancelled == call[c].serial);
		fail(c)
	:: else
	fi
}

/* --- vmm/event.c --- */

inline event_outcome(c)
{
	assert(call[c].serial == caller[c].serial);
	call[c].state = FREE;
	if
	:: caller[c].thread == REMOTE -> caller[c].thread = READY
	:: caller[c].thread == READY -> assert(false) /* a second outcome */
	:: caller[c].thread == GONE && caller[c].cancelling ->
		caller[c].is_done = true
	:: else -> caller[c].is_used = false
	fi
}

inline fail_at_once(c)
{
	if
	:: call[c].queued && call[c].at_once -> call_end(c)
	:: else
	fi
}

#define MAY_BE(c) (call[c].queued && (!accept_armed || \
	accept_from == NOBODY || accept_from == (c)))

inline deliver(c)
{
	accept_armed = false;
	/* portal_take_request(): nothing may be dropped. */
	assert(waits && (waits_for == NOBODY || waits_for == c));
	waits = false;
	waits_for = NOBODY;
	call_accept(c)
}

inline event_request()
{
	is_ready = false;
	if
	:: ACCEPTING && MAY_BE(first) -> deliver(first)
	:: ACCEPTING && !MAY_BE(first) && MAY_BE(1 - first) -> deliver(1 - first)
	:: else
	fi;
	fail_at_once(0);
	fail_at_once(1)
}

/* --- what the domains do --- */

/* What the server's kernel remembers: its last request was a closed one. */
#define RESTRICTED (accept_armed && accept_from != NOBODY)

inline server_waits()
{
	if
	:: waits_for = NOBODY
	:: waits_for = 0
	:: waits_for = 1
	fi;
	waits = true;
	if
	:: waits_for != NOBODY || IN_QUEUE || RESTRICTED -> action_accept()
	:: else
	fi
}

inline server_dies()
{
	server = false;
	bound = false;
	waits = false;
	waits_for = NOBODY;
	is_ready = false;
	action_unbind()
}

/* A thread runs only after the requests of its kernel: see dispatch(). */
#ifdef BUG_CANCEL
#define MAY_RUN(c) (caller[c].thread == READY)
#else
#define MAY_RUN(c) (caller[c].thread == READY && !caller[c].cancelling)
#endif

/* --- what must hold between steps --- */

inline check_client(c)
{
	assert(call[c].queued == (call[c].state == QUEUED));
	assert(call[c].state == FREE || caller[c].is_used);
	/* A thread that waits has a record that will end. */
	assert(caller[c].thread != REMOTE || (call[c].state != FREE &&
		call[c].serial == caller[c].serial));
	assert(call[c].state == FREE || call[c].state == DONE || bound);
	assert(caller[c].thread != READY || call[c].state == FREE);
	/* Forget what nobody asks for again. */
	if
	:: call[c].state != QUEUED -> call[c].at_once = false
	:: else
	fi;
	if
	:: call[c].state == FREE || call[c].state == DONE ->
		call[c].wants_reply = false;
		call[c].replied = false
	:: else
	fi;
	if
	:: call[c].state == FREE && !caller[c].cancelling ->
		caller[c].serial = 0;
		call[c].serial = 0;
		caller[c].cancelled = 0
	:: else
	fi
}

inline check()
{
	/* No lost wake-up: what waits, and could be taken, is looked at. */
	assert(!waits || waits_for != NOBODY || !IN_QUEUE || is_ready);
	assert(!(waits && waits_for == 0 && call[0].queued) || is_ready);
	assert(!(waits && waits_for == 1 && call[1].queued) || is_ready);
	check_client(0);
	check_client(1);
	if
	:: !IN_QUEUE -> first = 0
	:: else
	fi;
	if
	:: !accept_armed -> accept_from = NOBODY
	:: else
	fi
}

proctype client(byte c)
{
end:
	do
	:: atomic { MAY_RUN(c) -> begin(c); check() }
	:: atomic { caller[c].thread == REMOTE -> caller_cancel(c); check() }
	:: atomic { caller[c].thread != GONE -> thread_gone(c); check() }
	:: atomic { caller[c].cancelling -> caller_act(c); check() }
	:: atomic { call[c].state == DONE -> event_outcome(c); check() }
	:: atomic { caller[c].thread == GONE && !caller[c].is_used ->
		caller[c].thread = READY; check() }
	/* Its timer. */
	:: atomic { call[c].state == QUEUED || call[c].state == ACCEPTED ->
		call_end(c); check() }
	od
}

proctype serve()
{
end:
	do
	:: atomic { bound && !waits -> server_waits(); check() }
	:: atomic { waits -> waits = false; waits_for = NOBODY; check() }
	:: atomic { bound && !waits -> action_reply(0); check() }
	:: atomic { bound && !waits -> action_reply(1); check() }
	:: atomic { server && is_ready -> event_request(); check() }
	:: atomic { server -> server_dies(); check() }
	od
}

init {
	atomic {
		run client(0);
		run client(1);
		run serve()
	}
}
