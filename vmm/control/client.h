/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The client's end of the control socket.
 *
 * Owner: vmm/control.
 */
#ifndef VMM_CONTROL_CLIENT_H
#define VMM_CONTROL_CLIENT_H

#include <stdbool.h>

#include "vmm/control/protocol.h"

/* A running system, and what it answered to CONTROL_LIST. */
struct client {
	char path[108]; /* sun_path */
	struct control_reply reply;
	struct system_domain domain[LAUNCH_DOMAINS_MAX];
	struct executor_account executor[MEASUREMENT_EXECUTORS_MAX];
};

#define CLIENT_SYSTEMS_MAX 64

/**
 * client_find - ask every running system of this user for its domains.
 * @client: room for CLIENT_SYSTEMS_MAX
 * @silent: set to whether one runs that gave no answer in 10 s
 *
 * Returns how many answered, or the error of control_dir().
 */
int client_find(struct client *client, bool *silent);

/**
 * client_request - send a request, take the reply.
 * @fd: NULL, or set to the connection, which is then the caller's
 *
 * Returns 0, an error that the system answered, -ETIMEDOUT (no answer in 10 s),
 * -EPROTO (it ended without, or the answer makes no sense), or that of socket(2)
 * and connect(2).
 */
int client_request(
	struct client *client, const struct control_request *request, int *fd);

/**
 * client_find_all - client_find() into memory that lives until the process
 * ends; says on standard error what went wrong.
 * @nr: how many there are, or -errno; -ETIMEDOUT: some run, none gave an answer
 */
struct client *client_find_all(int *nr);

/**
 * client_choose - the one running system, or that of process id or name
 * @system; NULL, with a line on standard error, if there is no such one.
 */
struct client *client_choose(const char *system);

/** client_console - connect standard input and output to a console's socket.
 *
 * In a terminal, Ctrl-] ends it.  Closes @fd.  Returns an exit status.
 */
int client_console(int fd);

#endif
