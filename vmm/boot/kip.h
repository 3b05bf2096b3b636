/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel interface page: what was loaded, the machine, and what the guest
 * kernel has to say of itself.
 *
 * Source: L4 X.2 Reference Manual, "Kernel Interface Page"; vmm/abi/boot.h.
 */
#ifndef VMM_BOOT_KIP_H
#define VMM_BOOT_KIP_H

#include <stdint.h>

#include "guestkernel/abi/kip.h"
#include "vmm/abi/boot.h"
#include "vmm/boot/elf.h"

/* What is loaded by program headers; modules 0 and 1 are the servers. */
enum l4_image {
	L4_KERNEL,
	L4_SIGMA0,
	L4_ROOT,
	L4_IMAGES,
};

#define L4_SERVERS 2u

struct l4_images {
	struct elf_image image[L4_IMAGES];
};

#define KIP_MEMORY_DESCS \
	((KIP_SIZE - BOOT_KIP_MEMORY_DESC) / sizeof(struct kip_memory))

/* The page, by what lies at fixed places in it. */
union kip_page {
	struct kip kip;
	struct {
		uint8_t head[BOOT_KIP_PROC_DESC];
		struct kip_processor processor;
		struct kip_kernel kernel;
		char version[BOOT_KIP_MEMORY_DESC - BOOT_KIP_KERNEL_DESC -
			     sizeof(struct kip_kernel)];
		struct kip_memory memory[KIP_MEMORY_DESCS];
	};
};

_Static_assert(sizeof(union kip_page) == KIP_SIZE, "one page");

/**
 * kip_fill - make the page.
 * @boot:    complete; it lies before @generic
 * @generic: guest-physical address of the generic boot information
 * @images:  where they are
 */
void kip_fill(union kip_page *page, const struct boot_info *boot,
	uint64_t generic, const struct l4_images *images);

#endif
