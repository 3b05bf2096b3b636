/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A system as a whole: reading its files, and what must hold between them.
 *
 * Owner: vmm/config.
 */
#ifndef VMM_CONFIG_SYSTEM_H
#define VMM_CONFIG_SYSTEM_H

#include "vmm/config/model.h"

#define SYSTEM_HOST_SLICE_US 500u
#define SYSTEM_HOST_PERIOD_US 10000u

/**
 * system_read - read all files of a directory.
 * @dir: its name; in messages, too
 *
 * What is wrong goes to system->diag.
 */
void system_read(struct config_system *system, const char *dir);

/**
 * system_select - leave out every domain that @only does not name.
 * @only: names with commas between
 */
void system_select(
	struct config_system *system, const char *dir, const char *only);

/** system_check - names, portals and files of what is selected. */
void system_check(struct config_system *system);

/** system_check_admission - can all that is reserved be kept? */
void system_check_admission(struct config_system *system);

#endif
