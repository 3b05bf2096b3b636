/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/redirect.h"

#include "guestkernel/ipc.h"
#include "guestkernel/x86/insn.h"

#define CHAIN_MAX 16 /* redirectors of redirectors; a ring is possible */

uint64_t redirect(struct tcb *s, uint64_t to)
{
	const struct tcb *d = thread_find(to);
	const struct tcb *r;

	if (!(s->flags & THREAD_REDIRECTED) || to >= WAITS_ANY_LOCAL ||
		!(d || (to & REMOTE_ID_BIT)))
		return to;
	r = thread_find(s->space->redirector);
	if (d && (d->space == s->space || (r && d->space == r->space)))
		return to;
	s->intended = to;
	return s->space->redirector;
}

static bool is_redirector(const struct tcb *s, const struct tcb *of)
{
	for (unsigned i = 0; i < CHAIN_MAX && of && of->space; i++) {
		of = thread_find(of->space->redirector);
		if (of == s)
			return true;
	}
	return false;
}

void propagate(struct tcb *s, uint64_t to, uint64_t wanted)
{
	struct tcb *v = thread_named(s, *thread_tcr(s, UTCB_VIRTUAL_SENDER));
	const struct tcb *d = thread_find(wanted);

	if (!v || !d || !thread_find(to) ||
		(v->space != s->space && d->space != s->space &&
			!is_redirector(s, v)))
		return;
	s->virtual_sender = v->id;
	if (v->state == THREAD_RECEIVING && v->waits_for == s->id)
		ipc_redirect(v, to);
}

void redirect_space(struct space *space, uint64_t id)
{
	space->redirector = 0;
	clear_bits(&space->thread_flags, THREAD_REDIRECTED);
	if (id != WAITS_ANY) {
		space->redirector = id;
		set_bits(&space->thread_flags, THREAD_REDIRECTED);
	}
	for (struct tcb *t = thread_newest; t; t = t->older)
		if (t->space == space)
			thread_take_flags(t, space);
}
