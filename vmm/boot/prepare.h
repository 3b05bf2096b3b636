/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of a guest kernel that has the VMM make them: struct boot_kernel
 * in vmm/abi/boot.h.
 */
#ifndef VMM_BOOT_PREPARE_H
#define VMM_BOOT_PREPARE_H

#include "vmm/boot/elf.h"
#include "vmm/domain.h"

/**
 * boot_prepare - if the kernel's image asks for it, make its tables.
 * @d:     the kernel is loaded, the control page filled
 * @image: the kernel's
 * @sregs: IN/OUT, as vcpu_long_mode has them; changed to use the tables
 *
 * Returns 0; -EPROTO if the kernel is for another version of the ABI; -EFAULT
 * if tables or stubs are to lie outside of the image or not on pages; -ENOMEM
 * if the pool is too small for the domain's memory; or what setting SYSCALL's registers failed with.
 */
NODISCARD int boot_prepare(struct domain *d, const struct elf_image *image,
	struct kvm_sregs *sregs);

#endif
