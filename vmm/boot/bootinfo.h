/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generic boot information of an L4 domain: its programs and modules, for
 * root tasks that know no other loader's, and where struct boot_info is.
 */
#ifndef VMM_BOOT_BOOTINFO_H
#define VMM_BOOT_BOOTINFO_H

#include "guestkernel/abi/bootinfo.h"
#include "vmm/boot/kip.h"

union bootinfo_page {
	struct bootinfo head;
	uint64_t word[BOOTINFO_SIZE / 8];
};

/**
 * bootinfo_fill - make the page.
 * @boot:   complete
 * @info:   guest-physical address of @boot
 * @images: where the programs are
 */
void bootinfo_fill(union bootinfo_page *page, const struct boot_info *boot,
	uint64_t info, const struct l4_images *images);

#endif
