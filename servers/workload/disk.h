/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The domain's disk, read by the program itself, one request at a time.
 */
#ifndef SERVERS_WORKLOAD_DISK_H
#define SERVERS_WORKLOAD_DISK_H

#include <stdint.h>

#define DISK_SECTOR 512u
#define DISK_READ_MAX 65536u /* bytes in one request */

/**
 * disk_open - find the first virtio-blk device, start it.
 *
 * Panics if there is none or it does not work.  Returns its sectors.
 */
uint64_t disk_open(void);

/**
 * disk_read - read @size bytes from @sector on, and wait for them.
 * @size: a multiple of DISK_SECTOR, DISK_READ_MAX at most
 *
 * Panics on an error of the device.
 */
void disk_read(uint64_t sector, uint32_t size);

#endif
