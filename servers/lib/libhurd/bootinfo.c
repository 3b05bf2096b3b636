/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot information: where the KIP says, owned by sigma0 until asked for.
 */
#include "guestkernel/abi/kip.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/syscall.h"

#define PAGE UINT64_C(0x1000)

const struct boot_info *root_boot_info(void)
{
	uint64_t base = l4_kip()->boot_info;

	if (base == 0 || base % PAGE != 0)
		return NULL;
	for (uint64_t at = base; at < base + sizeof(struct boot_info);
		at += PAGE) {
		fpage_t page = fpage_make(at, FPAGE_LOG2_MIN, FPAGE_RIGHTS);

		if (fpage_is_nil(L4_Sigma0_GetPage(THREAD_SIGMA0, page)))
			return NULL;
	}

	const struct boot_info *info = (const struct boot_info *)base;

	if (info->magic != BOOT_MAGIC || info->version != BOOT_ABI_VERSION)
		return NULL;
	return info;
}
