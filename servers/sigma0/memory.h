/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The domain's memory as the kernel interface page describes it.
 */
#ifndef SERVERS_SIGMA0_MEMORY_H
#define SERVERS_SIGMA0_MEMORY_H

#include "guestkernel/abi/kip.h"
#include "servers/sigma0/pool.h"

/**
 * memory_read - build the map from the descriptors and the server images.
 * @kip: the whole page, KIP_SIZE bytes
 *
 * Physical descriptors in order, each overriding the ones before; then the
 * images of sigma0 and the root task get their owners.  Returns false if the
 * descriptors do not lie in the page or the map is full.
 */
bool memory_read(struct pool *pool, const struct kip *kip);

#endif
