/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frames of a client's container as the device finds them.
 */
#ifndef SERVERS_DEVA_FRAMES_H
#define SERVERS_DEVA_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#define FRAMES_MAX 256u /* of one transfer */

/**
 * frames_lock - pin frames [@first, @end) of a container.
 * @domain:         whose it is to be
 * @device_writes:  to them; else it reads
 *
 * One container at a time.  STORE_ECONTAINER: another domain's, no such frames,
 * or more than FRAMES_MAX.
 */
uint64_t frames_lock(uint32_t domain, uint64_t container, uint64_t first,
	uint64_t end, bool device_writes);

/**
 * frames_address - where the device finds byte @offset of the container.
 * @size: IN bytes wanted, OUT those that lie side by side
 */
uint64_t frames_address(uint64_t offset, uint64_t *size);

/** frames_unlock - the device is done with them. */
void frames_unlock(void);

#endif
