/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting an L4 guest kernel as vmm/abi/boot.h says.
 */
#ifndef VMM_BOOT_L4_H
#define VMM_BOOT_L4_H

#include "vmm/domain.h"
#include "vmm/launch.h"

/**
 * boot_l4 - load kernel and modules, fill boot information and registers.
 * @d:      its memory, boot.name, boot.portal and boot.device are set up
 * @launch: file names are absolute here
 * @error:  OUT, a line that names the file and what is wrong with it
 *
 * Blocks.  Returns 0 or -1.
 */
NODISCARD int boot_l4(struct domain *d, const struct launch *launch,
	struct machine_error *error);

#endif
