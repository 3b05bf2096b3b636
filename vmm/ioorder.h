/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In which order the I/O of domains is carried out: as their scheduling
 * contexts.  Whose context has budget comes by its deadline, then those
 * without by share: who has had less for its weight.
 */
#ifndef VMM_IOORDER_H
#define VMM_IOORDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define IO_NO_DEADLINE UINT64_MAX

/* What an executor says of a domain's context; read by the worker. */
struct io_order {
	atomic_ullong deadline; /* TSC; IO_NO_DEADLINE: it has no budget */
	atomic_uint share;	/* its weight in slack; 0 counts as 1 */
};

/* One of those that want something. */
struct io_turn {
	const struct io_order *order; /* NULL: no deadline, weight 1 */
	uint64_t received;	      /* bytes by weight, without a deadline */
};

/** io_before - @a comes before @b. */
bool io_before(const struct io_turn *a, const struct io_turn *b);

/**
 * io_join - it wants something again.
 * @floor: received of who came last; what a sleeper did not take is not kept
 */
void io_join(struct io_turn *t, uint64_t floor);

/** io_receive - it has had @bytes; a request of few counts as 4096. */
void io_receive(struct io_turn *t, uint64_t bytes);

#endif
