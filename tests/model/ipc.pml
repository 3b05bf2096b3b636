/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest kernel's Ipc between three threads: each system call, and each
 * timeout, is one step, as in the kernel.  Names are those of
 * guestkernel/{ipc,short,sched,exregs,control,thread}.c; what is left out is
 * in README.md.
 *
 * HALTING, LOCAL and PROPAGATION add threads that are halted, that wait for
 * their own space only, that speak in each other's names; with ANY_TIMEOUT any
 * wait may end by time, without the timeout queue; with FIXED all three threads
 * are there from the start, and none comes or goes; with MORTAL they are there,
 * and each may be deleted, but none is made.
 * BUG_SHORT_WAY, BUG_TIMEOUT, BUG_STALE, BUG_OPEN and BUG_DELETE each put in
 * an error that the checks must find.
 */
#define THREADS 3
#define NOBODY 3

/*
 * Ids.  A version is never used again: when a thread gets another one, or is
 * deleted, what named it before becomes GONE.
 */
#define ID(t) ((t) + 1)
#define NUMBER(id) ((id) - 1)
#define WAITS_NOT 0
#define GONE 4
#define WAITS_ANY 5
#define WAITS_ANY_LOCAL 6

#define BIT(t) (1 << (t))
#define SAME_SPACE(a, b) ((a) / 2 == (b) / 2) /* 0 and 1; 2 alone */

/* States. */
#define NONE 0
#define READY 1
#define SENDING 2
#define RECEIVING 3

typedef tcb {
	byte state;
	byte waits_for;	     /* id, WAITS_* */
	byte partner;	     /* SENDING */
	byte senders;	     /* set of threads */
	byte receive_from;   /* id, WAITS_*; 0: no receive phase */
	byte virtual_sender; /* id */
	bool halted;
	bool propagated; /* THREAD_PROPAGATED */
	bool starts;	 /* KERNEL_IPC_START */

	/* Not the kernel's: what the thread itself asked for. */
	bool asked; /* an Ipc is under way */
	byte accepts;
	bool deadline; /* it waits, and not for ever */
};
tcb T[THREADS];
byte ready;	       /* set of threads */
byte timeouts;	       /* set of threads: the timeout queue */
byte sched_next = NOBODY;
byte current;	       /* runs, or ran last */

/*
 * What leaves nothing open is a d_step: the states in the middle of it need
 * not be kept.
 */

/* Scratch; zero between steps. */
byte s, d, t, v, to, from, found, woken;
bool more, failed;

inline pick(x)
{
	if
	:: x = 0
	:: x = 1
	:: x = 2
	fi
}

#define EXISTS(id) ((id) > 0 && (id) < GONE && \
	T[NUMBER(id)].state != NONE)
#define CAN_RUN(x) (T[x].state == READY && !T[x].halted)
#define SENDER_ID(x) (T[x].virtual_sender -> T[x].virtual_sender : ID(x))
#define FITS(wanted, x, y) ((wanted) == WAITS_ANY || \
	((wanted) == WAITS_ANY_LOCAL && SAME_SPACE(x, y)) || \
	(wanted) == ID(x) || \
	((wanted) == SENDER_ID(x) && (wanted) != GONE))
#define IN_SENDERS(x) ((T[0].senders | T[1].senders | T[2].senders) & BIT(x))

/* --- sched.c --- */

inline ready_add(x)
{
	assert(!(ready & BIT(x)) && sched_next != x && !IN_SENDERS(x));
	assert(T[x].state == READY && !T[x].halted);
	ready = ready | BIT(x)
}

inline sched_wake(x)
{
	T[x].state = READY;
	if
	:: x == current || T[x].halted
	:: else ->
		if
		:: sched_next == NOBODY ->
			assert(!(ready & BIT(x)) && !IN_SENDERS(x));
			sched_next = x
		:: else -> ready_add(x)
		fi
	fi
}

inline sched_remove(x)
{
	ready = ready & ~BIT(x);
	if
	:: sched_next == x -> sched_next = NOBODY
	:: else
	fi
}

/* Priorities are abstracted: any thread that can run may be the highest. */
inline dispatch()
{
	woken = sched_next;
	sched_next = NOBODY;
	if
	:: !CAN_RUN(current) || (ready & BIT(current))
	:: else ->
		if
		:: woken == NOBODY -> woken = current
		:: woken != NOBODY -> ready_add(current)
		:: woken != NOBODY -> ready_add(woken); woken = current
		fi
	fi;
	if
	:: woken != NOBODY -> current = woken
	:: true ->
		if
		:: woken != NOBODY -> ready_add(woken)
		:: else
		fi;
		if
		:: ready & 1 -> ready = ready & ~1; current = 0
		:: ready & 2 -> ready = ready & ~2; current = 1
		:: ready & 4 -> ready = ready & ~4; current = 2
		:: ready == 0
		fi
	fi;
	woken = 0
}

/* --- ipc.c --- */

inline timeout_add(x)
{
	assert(!(timeouts & BIT(x)));
	timeouts = timeouts | BIT(x);
	T[x].deadline = true
}

inline timeout_remove(x)
{
	timeouts = timeouts & ~BIT(x)
}

inline stop_waiting(x)
{
	timeout_remove(x);
#ifndef BUG_OPEN
	T[x].waits_for = WAITS_NOT
#endif
}

inline leave_sender_queue(x)
{
	assert(T[T[x].partner].senders & BIT(x));
	T[T[x].partner].senders = T[T[x].partner].senders & ~BIT(x);
	T[T[x].partner].propagated =
		(T[T[x].partner].senders -> T[T[x].partner].propagated : false);
#ifndef BUG_STALE
	timeout_remove(x);
#endif
	T[x].deadline = false;
	T[x].partner = NOBODY
}

inline end_ipc(x)
{
	T[x].starts = false;
	T[x].receive_from = 0;
	T[x].virtual_sender = 0;
	assert(T[x].asked); /* an Ipc ends once */
	T[x].asked = false;
	T[x].accepts = 0;
	T[x].deadline = false;
	sched_wake(x)
}

inline ipc_fail(x)
{
	stop_waiting(x);
	end_ipc(x)
}

/* x's message arrives at y. */
inline ipc_transfer(x, y)
{
	assert(T[y].accepts && FITS(T[y].accepts, x, y));
	if
	:: failed = false
	:: failed = true
	fi
}

/* By thread if it has queued itself, else by whom it speaks for. */
#define suits(y, x, wanted) ((wanted) == WAITS_ANY || \
	((wanted) == WAITS_ANY_LOCAL && SAME_SPACE(y, x)) || \
	(wanted) == ID(y) || (T[x].propagated && \
		SENDER_ID(y) == (wanted) && (wanted) != GONE))

inline find_sender(x, wanted)
{
	found = NOBODY;
	if
	:: T[x].senders == 0
	:: else ->
		if
		:: wanted == WAITS_ANY_LOCAL || (EXISTS(wanted) &&
			(T[x].senders & BIT(NUMBER(wanted)))) ||
			wanted == WAITS_ANY || T[x].propagated ->
			if
			:: (T[x].senders & 1) && suits(0, x, wanted) -> found = 0
			:: (T[x].senders & 2) && suits(1, x, wanted) -> found = 1
			:: (T[x].senders & 4) && suits(2, x, wanted) -> found = 2
			:: !((T[x].senders & 1) && suits(0, x, wanted)) &&
				!((T[x].senders & 2) && suits(1, x, wanted)) &&
				!((T[x].senders & 4) && suits(2, x, wanted))
			fi
		:: else
		fi
	fi
}

#define MAY_WAIT_FOR(x, wanted) (wanted == WAITS_ANY || \
	wanted == WAITS_ANY_LOCAL || T[x].starts || EXISTS(wanted))

inline wait_for(x, wanted)
{
	if
	:: !MAY_WAIT_FOR(x, wanted) -> ipc_fail(x)
	:: !T[x].starts -> ipc_fail(x) /* its timeout is zero */
	:: MAY_WAIT_FOR(x, wanted) ->
		T[x].state = RECEIVING;
		T[x].waits_for = wanted;
		if
		:: true
#ifndef ANY_TIMEOUT
		:: !T[x].starts -> timeout_add(x)
#endif
		fi
	fi
}

/* The receive phase of t, from from; then of whom it serves. */
inline ipc_receive()
{
	more = true;
	do
	:: more ->
		T[t].accepts = from;
		find_sender(t, from);
		if
		:: found == NOBODY ->
			wait_for(t, from);
			more = false
		:: else ->
			s = found;
			leave_sender_queue(s);
			ipc_transfer(s, t);
			end_ipc(t);
			if
			:: failed -> ipc_fail(s); more = false
			:: !failed && T[s].receive_from == 0 ->
				end_ipc(s);
				more = false
			:: else ->
				t = s;
				from = T[s].receive_from
			fi
		fi
	:: else -> break
	od
}

inline ipc_sent(x)
{
	if
	:: T[x].receive_from ->
		t = x;
		from = T[x].receive_from;
		ipc_receive()
	:: else -> end_ipc(x)
	fi
}

inline ipc_send()
{
	if
	:: !EXISTS(to) -> ipc_fail(current)
	:: else ->
		d = NUMBER(to);
		if
		:: !FITS(T[d].waits_for, current, d) ->
			if
			:: ipc_fail(current) /* its timeout is zero */
			:: true ->
				T[current].state = SENDING;
				T[current].partner = d;
				assert(!(ready & BIT(current)) &&
					sched_next != current &&
					!IN_SENDERS(current));
				T[d].senders = T[d].senders | BIT(current);
				T[d].propagated = T[d].propagated ||
					T[current].virtual_sender;
				if
				:: true
#ifndef ANY_TIMEOUT
				:: timeout_add(current)
#endif
				fi
			fi
		:: else ->
			stop_waiting(d);
			ipc_transfer(current, d);
			end_ipc(d);
			if
			:: failed -> ipc_fail(current)
			:: else -> ipc_sent(current)
			fi
		fi
	fi
}

/* x waits for another, who may be in its queue already. */
inline redirect(x, id)
{
	T[x].waits_for = id;
	T[x].accepts = id;
	find_sender(x, id);
	if
	:: found == NOBODY
	:: else ->
		stop_waiting(x);
		t = x;
		from = id;
		ipc_receive()
	fi
}

inline propagate()
{
	if
	:: EXISTS(v) && EXISTS(to) && (SAME_SPACE(NUMBER(v), current) ||
		SAME_SPACE(NUMBER(to), current)) ->
		T[current].virtual_sender = v;
		if
		:: T[NUMBER(v)].state == RECEIVING &&
			T[NUMBER(v)].waits_for == ID(current) ->
			redirect(NUMBER(v), to)
		:: else
		fi
	:: else
	fi
}

/* short.c: whatever is not the common case goes the long way. */
#define IS_SHORT (to && EXISTS(to) && (from == to || from == WAITS_ANY) && \
	(T[NUMBER(to)].waits_for == WAITS_ANY || \
		T[NUMBER(to)].waits_for == ID(current)) && \
	!T[NUMBER(to)].halted && !(timeouts & BIT(NUMBER(to))) && \
	!T[NUMBER(to)].propagated && !T[NUMBER(to)].starts && \
	!T[current].propagated && !v && SHORT_SENDERS)
#ifdef BUG_SHORT_WAY
#define SHORT_SENDERS true
#else
#define SHORT_SENDERS (T[current].senders == 0)
#endif

inline short_ipc()
{
	d_step {
	d = NUMBER(to);
	assert(T[d].accepts && FITS(T[d].accepts, current, d));
	T[d].asked = false;
	T[d].accepts = 0;
	T[d].waits_for = WAITS_NOT;
	T[d].receive_from = 0;
	T[d].state = READY;
	T[current].waits_for = from;
	T[current].accepts = from;
	T[current].state = RECEIVING;
	current = d
	}
}

inline any_id(x)
{
	pick(x);
	x = ID(x)
}

inline sys_ipc()
{
	if
	:: to = 0
	:: any_id(to)
	fi;
	if
	:: from = 0
	:: from = WAITS_ANY
#ifdef LOCAL
	:: from = WAITS_ANY_LOCAL
#endif
	:: any_id(from)
	fi;
	if
	:: v = 0
#ifdef PROPAGATION
	:: to -> any_id(v)
#endif
	fi;
	if
	:: to == 0 && from == 0
	:: else ->
		T[current].asked = true;
		if
		:: IS_SHORT -> short_ipc()
		:: true ->
			T[current].receive_from = from;
			if
			:: to == 0 ->
				t = current;
				ipc_receive()
			:: else ->
				if
				:: v -> propagate()
				:: else
				fi;
				ipc_send()
			fi;
			dispatch()
		fi
	fi
}

/* --- ends from outside --- */

inline end_with(x)
{
	d_step {
	if
	:: T[x].state == SENDING ->
		leave_sender_queue(x);
		ipc_fail(x)
	:: T[x].state == RECEIVING -> ipc_fail(x)
	:: else
	fi
	}
}

inline ipc_timeout(x)
{
#ifdef BUG_TIMEOUT
	ipc_fail(x)
#else
	end_with(x)
#endif
}

inline sys_exchange_registers()
{
	pick(t);
	if
	:: T[t].state != NONE ->
		if
		:: true
		:: end_with(t)
		fi;
		if
		:: true
#ifdef HALTING
		:: T[t].halted = true; sched_remove(t)
#endif
		:: T[t].halted ->
			T[t].halted = false;
			if
			:: T[t].state == READY -> sched_wake(t)
			:: else
			fi
		fi;
		dispatch()
	:: else
	fi
}

/* The id names nobody any more: who waits for it waits in vain. */
inline retire_for(x, id)
{
	if
	:: T[x].waits_for == id ->
		T[x].waits_for = GONE;
		T[x].accepts = GONE
	:: else
	fi;
	if
	:: T[x].receive_from == id -> T[x].receive_from = GONE
	:: else
	fi;
	if
	:: T[x].virtual_sender == id -> T[x].virtual_sender = GONE
	:: else
	fi;
#ifndef BUG_DELETE
	if
	:: T[x].state == RECEIVING && T[x].waits_for == GONE &&
		!T[x].starts -> ipc_fail(x)
	:: else
	fi
#endif
}

inline retire(id)
{
	retire_for(0, id);
	retire_for(1, id);
	retire_for(2, id)
}

inline fail_sender(x)
{
	if
	:: T[t].senders & BIT(x) ->
		leave_sender_queue(x);
		ipc_fail(x)
	:: else
	fi
}

/* t's id names nobody any more. */
inline lose_partner()
{
	d_step {
	fail_sender(0);
	fail_sender(1);
	fail_sender(2);
	retire(ID(t))
	}
}

inline delete()
{
	d_step {
	if
	:: T[t].state == SENDING -> leave_sender_queue(t)
	:: else
	fi;
	stop_waiting(t);
	sched_remove(t);
	T[t].state = NONE;
	T[t].halted = false;
	T[t].starts = false;
	T[t].asked = false;
	T[t].accepts = 0;
	T[t].deadline = false;
	T[t].receive_from = 0;
	T[t].virtual_sender = 0
	};
	lose_partner()
}

inline create()
{
	any_id(from);
	T[t].starts = true;
	T[t].asked = true;
	T[t].state = READY; /* on the way to the wait */
	ipc_receive()
}

/* Another version, another pager. */
inline modify()
{
	if
	:: T[t].starts -> lose_partner()
	:: !T[t].starts ->
		end_with(t);
		lose_partner()
	:: T[t].starts ->
		any_id(to);
		redirect(t, to)
	fi
}

inline sys_thread_control()
{
	pick(t);
	if
#ifdef MORTAL
	:: T[t].state == NONE || t == current
#else
	:: T[t].state == NONE -> create()
	:: T[t].state != NONE -> modify()
#endif
	:: T[t].state != NONE && t != current -> delete()
	fi;
	dispatch()
}

/* --- what must hold between steps --- */

#define IS_QUEUED(x) (((ready >> (x)) & 1) + (sched_next == (x)) + \
	((T[0].senders >> (x)) & 1) + ((T[1].senders >> (x)) & 1) + \
	((T[2].senders >> (x)) & 1))

inline check_pair(x, y) /* x waits to send to y */
{
	if
	:: T[y].senders & BIT(x) ->
		assert(T[x].state == SENDING && T[x].partner == y);
		assert(T[y].state != NONE);
		/* no lost wake-up */
		assert(!(T[y].state == RECEIVING &&
			FITS(T[y].waits_for, x, y)))
	:: else -> assert(!(T[x].state == SENDING && T[x].partner == y))
	fi
}

inline check_thread(x)
{
	assert(IS_QUEUED(x) <= 1);
	/* whose wait has an end, and nobody else, is in the timeout queue */
	assert(((timeouts >> x) & 1) == T[x].deadline);
	assert(T[x].asked == (T[x].state == SENDING || T[x].state == RECEIVING));
	if
	:: T[x].state == RECEIVING ->
		assert(T[x].waits_for == T[x].accepts);
		assert(IS_QUEUED(x) == 0);
		/* nobody waits in vain */
		assert(T[x].starts || T[x].waits_for >= WAITS_ANY ||
			EXISTS(T[x].waits_for))
	:: else -> assert(T[x].waits_for == WAITS_NOT)
	fi;
	/* Forget what nobody asks for again. */
	if
	:: T[x].state != SENDING ->
		T[x].receive_from = 0;
		T[x].virtual_sender = 0
	:: else
	fi;
	/* Who can run is where the scheduler finds it. */
	assert(!CAN_RUN(x) || x == current || IS_QUEUED(x) == 1);
	assert(!(ready & BIT(x)) || CAN_RUN(x));
	check_pair(x, 0);
	check_pair(x, 1);
	check_pair(x, 2)
}

inline check()
{
	d_step {
	s = 0; d = 0; t = 0; v = 0; to = 0; from = 0; found = 0;
	failed = false;
	assert(sched_next == NOBODY); /* after each dispatch */
	check_thread(0);
	check_thread(1);
	check_thread(2);
	assert(CAN_RUN(current) || ready == 0)
	}
}

#ifdef ANY_TIMEOUT
#define EXPIRES(x) ((T[x].state == SENDING || T[x].state == RECEIVING) && \
	!T[x].starts)
#else
#define EXPIRES(x) (timeouts & BIT(x))
#endif

inline expire(x)
{
	ipc_timeout(x);
	dispatch();
	check()
}

init {
	atomic {
		T[0].state = READY;
		T[0].partner = NOBODY;
		T[1].partner = NOBODY;
		T[2].partner = NOBODY;
#if defined(FIXED) || defined(MORTAL)
		T[1].state = READY;
		T[2].state = READY;
		ready = BIT(1) | BIT(2)
#endif
	};
end:
	do
	:: atomic { CAN_RUN(current) -> sys_ipc(); check() }
	:: atomic { CAN_RUN(current) -> sys_exchange_registers(); check() }
#ifndef FIXED
	:: atomic { CAN_RUN(current) -> sys_thread_control(); check() }
#endif
	:: atomic { EXPIRES(0) -> expire(0) }
	:: atomic { EXPIRES(1) -> expire(1) }
	:: atomic { EXPIRES(2) -> expire(2) }
	od
}
