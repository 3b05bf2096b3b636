/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A system of one L4 domain from program files alone: a sigma0 and a root task
 * of some other L4 X.2 system, as its boot loader would start them.
 */
#ifndef VMM_FOREIGN_H
#define VMM_FOREIGN_H

#include <stdbool.h>

#include "vmm/abi/boot.h"
#include "vmm/launch.h"

#define FOREIGN_MEMORY_MIB 64u
#define FOREIGN_NAME "l4"
#define FOREIGN_MODULES_MAX (BOOT_MODULES_MAX - 2u)

struct foreign {
	const char *name;   /* NULL: FOREIGN_NAME */
	const char *kernel; /* NULL: that of this installation */
	const char *sigma0;
	const char *root;
	const char *module[FOREIGN_MODULES_MAX];
	unsigned nr_modules;
	unsigned memory_mib; /* 0: FOREIGN_MEMORY_MIB */
};

/** foreign_wanted - some option asks for such a system. */
bool foreign_wanted(const struct foreign *foreign);

/**
 * foreign_launch - make the launch record of the system.
 * @launch: OUT; launch_free() it
 *
 * Returns 0, or having said what is wrong, with which file: -EINVAL, -ENOMEM.
 */
LAUNCH_NODISCARD int foreign_launch(
	struct launch *launch, const struct foreign *foreign);

#endif
