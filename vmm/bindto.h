/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a user wants a server to be reached: by a socket file, or at a port of
 * this machine alone.
 */
#ifndef VMM_BINDTO_H
#define VMM_BINDTO_H

#include <stdbool.h>
#include <stdint.h>

#define BINDTO_NODISCARD __attribute__((warn_unused_result))

/**
 * bindto_path - name a socket, for this user alone.
 * @fd:   a unix socket
 * @path: a new file; or a socket that nobody listens at any more
 *
 * Returns 0, -EINVAL (no name), -ENAMETOOLONG, -EADDRINUSE (something else is
 * there, and stays), or -errno of bind(2).
 */
BINDTO_NODISCARD int bindto_path(int fd, const char *path);

/**
 * bindto_is_abandoned - @path is a socket that nobody listens at, any more or
 * yet.
 */
bool bindto_is_abandoned(const char *path);

/** bindto_port - name an IPv4 socket; 0 or -errno of bind(2). */
BINDTO_NODISCARD int bindto_port(int fd, uint16_t port);

#endif
