/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files that a configuration names: where they are, what they must be.
 *
 * Owner: vmm/config.
 */
#ifndef VMM_CONFIG_FILE_H
#define VMM_CONFIG_FILE_H

#include "vmm/config/model.h"

#define FILE_PREFIX "/hyperhurd/"

/**
 * file_set - take a name as written and find out where the file is.
 * @file: filled in; all zero after an error
 * @name: offset of the name
 *
 * A name under FILE_PREFIX is looked for below the root.  A name that is not
 * absolute, an empty one too, is an error.
 */
void file_set(struct config_system *system, struct place place,
	struct config_file *file, uint32_t name);

/**
 * file_check_domain - are all files of a domain there and of the right kind?
 */
void file_check_domain(
	struct config_system *system, const struct config_domain *domain);

/** file_check_sharing - no image that is written belongs to two disks. */
void file_check_sharing(struct config_system *system);

#endif
