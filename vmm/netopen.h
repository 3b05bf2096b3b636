/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the file descriptor of a network comes from: hyperhurd-net or TAP.
 */
#ifndef VMM_NETOPEN_H
#define VMM_NETOPEN_H

#include <sys/types.h>

#include "vmm/netio.h"

struct net_ends {
	int fd;	   /* does not block; a frame a read or write */
	pid_t pid; /* of hyperhurd-net; 0: there is none */
};

/** netopen - as net_open(), without the watching. */
NODISCARD int netopen(struct net_ends *ends, const struct net_config *config,
	struct net_error *error);

/** netopen_close - close it, and wait for the end of the process. */
void netopen_close(struct net_ends *ends);

#endif
