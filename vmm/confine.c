/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Giving up what a process does not need.  Only system calls: between fork
 * and exec, too.
 */
#include "vmm/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534

static void keep_capabilities(uint32_t keep)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{.effective = keep, .permitted = keep, .inheritable = keep},
	};

	if (syscall(SYS_capset, &header, data) < 0)
		return;
	for (unsigned i = 0; i < 32; i++)
		if (keep & 1u << i)
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0);
}

int confine_privileges(uint32_t keep)
{
	if (geteuid() == 0) {
		prctl(PR_SET_KEEPCAPS, keep != 0, 0, 0, 0);
		if (syscall(SYS_setgroups, 0, NULL) < 0 ||
			setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
			setresuid(NOBODY, NOBODY, NOBODY) < 0)
			return -errno;
		if (keep)
			keep_capabilities(keep);
	}
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

void confine_writing(void)
{
	const struct landlock_ruleset_attr attr = {
		.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE |
				     LANDLOCK_ACCESS_FS_REMOVE_DIR |
				     LANDLOCK_ACCESS_FS_REMOVE_FILE |
				     LANDLOCK_ACCESS_FS_MAKE_CHAR |
				     LANDLOCK_ACCESS_FS_MAKE_DIR |
				     LANDLOCK_ACCESS_FS_MAKE_REG |
				     LANDLOCK_ACCESS_FS_MAKE_SOCK |
				     LANDLOCK_ACCESS_FS_MAKE_FIFO |
				     LANDLOCK_ACCESS_FS_MAKE_BLOCK |
				     LANDLOCK_ACCESS_FS_MAKE_SYM,
	};
	long fd = syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);

	if (fd < 0)
		return;
	(void)syscall(SYS_landlock_restrict_self, fd, 0);
	close((int)fd);
}

void confine_limit(int resource, rlim_t value)
{
	const struct rlimit rlimit = {value, value};

	/* A lower limit that is there already is as good. */
	(void)setrlimit((__rlimit_resource_t)resource, &rlimit);
}
