/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The boot information: where a record says of that which the KIP names; owned
 * by sigma0 until asked for.
 */
#include "guestkernel/abi/bootinfo.h"
#include "guestkernel/abi/kip.h"
#include "servers/lib/libhurd/root.h"
#include "servers/lib/libl4/sigma0.h"
#include "servers/lib/libl4/syscall.h"

#define PAGE UINT64_C(0x1000)

/* Maps @size bytes at @base, 1:1; false if sigma0 does not give them. */
static bool get(uint64_t base, uint64_t size)
{
	if (base == 0 || base % PAGE != 0)
		return false;
	for (uint64_t at = base; at < base + size; at += PAGE) {
		fpage_t page = fpage_make(at, FPAGE_LOG2_MIN, FPAGE_RIGHTS);

		if (fpage_is_nil(L4_Sigma0_GetPage(THREAD_SIGMA0, page)))
			return false;
	}
	return true;
}

const struct boot_info *root_boot_info(void)
{
	uint64_t at = l4_kip()->boot_info;
	const struct bootinfo *generic = (const struct bootinfo *)at;
	const struct bootinfo_record *r;
	const struct boot_info *info;

	if (!get(at, BOOTINFO_SIZE) || generic->magic != BOOTINFO_MAGIC)
		return NULL;
	r = bootinfo_first(generic);
	for (uint64_t i = 1; r->type != BOOTINFO_HYPERHURD; i++) {
		if (i >= generic->nr_entries)
			return NULL;
		r = bootinfo_next(r);
	}
	at = ((const struct bootinfo_address *)r)->address;
	info = (const struct boot_info *)at;
	if (!get(at, sizeof(*info)) || info->magic != BOOT_MAGIC ||
		info->version != BOOT_ABI_VERSION)
		return NULL;
	return info;
}
