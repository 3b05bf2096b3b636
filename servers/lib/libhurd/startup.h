/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a task finds at its start: arguments, portals, the domain's tasks.
 */
#ifndef SERVERS_LIB_LIBHURD_STARTUP_H
#define SERVERS_LIB_LIBHURD_STARTUP_H

#include "guestkernel/abi/threadid.h"
#include "servers/abi/startup.h"

/** startup_page - the page that wortel wrote for this task. */
static inline const struct startup *startup_page(void)
{
	return (const struct startup *)STARTUP_ADDRESS;
}

/**
 * portal_find - the thread id behind which a portal of the config stands.
 *
 * Returns nil if the domain may call no portal of that name.
 */
thread_id_t portal_find(const char *name);

/**
 * portal_serve - get the requests of a portal that this domain serves.
 * @server: the local thread that will receive them
 *
 * Returns 0, or an error of vmm_portal_bind; VMM_EINVAL if the domain serves
 * no portal of that name.
 */
uint64_t portal_serve(const char *name, thread_id_t server);

/**
 * portal_relieve - a further thread for a portal that this domain serves.
 * @server: the local thread that gets what comes while those before are busy
 *
 * Who comes meanwhile runs in a context that goes before theirs.  So @server
 * should have a higher priority than they.  Errors as of portal_serve, and
 * VMM_ENOSLOT: it has too many already.
 */
uint64_t portal_relieve(const char *name, thread_id_t server);

/**
 * portal_notify - raise the interrupt behind a portal; does not wait.
 *
 * Returns 0 or the error code of the Ipc.  Without the right to notify nothing
 * happens.  Overwrites the message registers.
 */
uint64_t portal_notify(thread_id_t portal);

/** task_find - the first thread of the domain's task @name, or nil. */
thread_id_t task_find(const char *name);

/**
 * partner_from_args - whom the argument @argument=NAME names: the portal of
 * that name that the domain may call, else the domain's own task.
 *
 * So a program does not know whether its partner is in another domain.  Panics
 * if there is no such argument, portal or task.
 */
thread_id_t partner_from_args(const char *argument);

/** portal_from_args - partner_from_args for the argument portal=NAME. */
thread_id_t portal_from_args(void);

/**
 * portal_serve_from_args - portal_serve for the argument portal=NAME.
 *
 * A task of that name need not serve a portal: without one it has clients in
 * its own domain only.
 */
void portal_serve_from_args(thread_id_t server);

/** portal_relieve_from_args - portal_relieve, likewise. */
void portal_relieve_from_args(thread_id_t server);

#endif
