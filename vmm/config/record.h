/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a checked system to the launch record (vmm/abi/launch.h).
 *
 * Owner: vmm/config.
 */
#ifndef VMM_CONFIG_RECORD_H
#define VMM_CONFIG_RECORD_H

#include <stdbool.h>

#include "vmm/config/model.h"

/**
 * record_write - write the selected domains as one launch record.
 * @unreserved: without reservations; the periods stay
 *
 * Returns 0, -E2BIG (more modules, disks or portals than a record holds),
 * -ENOMEM, or the error of write(2).
 */
int record_write(const struct config_system *system, bool unreserved, int fd);

#endif
