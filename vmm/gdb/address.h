/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a debugger connects to, as the command line says it.
 */
#ifndef VMM_GDB_ADDRESS_H
#define VMM_GDB_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/un.h>

struct gdb_address {
	char domain[64];
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)]; /* or "" */
	uint16_t port; /* if there is no path: on 127.0.0.1 */
};

/**
 * gdb_address_parse - read DOMAIN=unix:PATH or DOMAIN=:PORT.
 *
 * Returns false if it is neither, or too long.
 */
bool gdb_address_parse(const char *text, struct gdb_address *address);

#endif
