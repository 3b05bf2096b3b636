/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starting a Linux kernel: bzImage, or an uncompressed vmlinux, by the 64-bit
 * boot protocol.
 *
 * Source: Linux, Documentation/x86/boot.rst, "64-bit Boot Protocol"; zero-page
 * .rst.  A vmlinux has the same entry point and takes the same boot_params.
 */
#ifndef VMM_BOOT_LINUX_H
#define VMM_BOOT_LINUX_H

#include <linux/kvm.h>
#include <stdint.h>

#include "virtio/guestmem.h"
#include "vmm/device/machine.h"

#define LINUX_CMDLINE_MAX 2048u /* bytes, NUL included */
#define LINUX_RAM_MIN UINT64_C(0x2000000)
#define LINUX_RAM_MAX UINT64_C(0xc0000000) /* PCI lies above */

struct linux_source {
	const char *kernel;  /* file */
	const char *initrd;  /* file, or NULL */
	const char *cmdline; /* text, or NULL */
	uint64_t ram_bytes;  /* RAM is [0, ram_bytes) guest-physical */
};

/**
 * linux_load - put kernel, initrd, command line and tables into guest memory.
 * @regs:  OUT, the registers to start with
 * @sregs: IN as KVM_GET_SREGS gives them, OUT to start with
 * @error: OUT, set if the result is not 0; names the file
 *
 * Blocks.  Returns 0, -ENOEXEC (no bzImage with a 64-bit entry, and no x86-64
 * ELF file), -ENOMEM (it does not fit into RAM), -E2BIG (command line), or the
 * -errno of opening a file.
 */
NODISCARD int linux_load(struct guestmem *mem,
	const struct linux_source *source, struct kvm_regs *regs,
	struct kvm_sregs *sregs, struct machine_error *error);

/**
 * linux_cpuid - what a Linux domain's CPU shows.
 * @supported: from KVM_GET_SUPPORTED_CPUID
 *
 * One CPU without APIC, topology, nested virtualization and performance
 * counters, under KVM with its clock and no other paravirtual feature: the
 * others need an APIC, or know more than one vCPU.
 *
 * Returns a table that the caller frees, or NULL without memory.
 */
struct kvm_cpuid2 *linux_cpuid(const struct kvm_cpuid2 *supported);

struct domain;
struct launch;

/**
 * boot_linux - CPUID, memory and registers of a domain, ready to run.
 * @launch: file names are absolute here
 * @error:  OUT, a line that names the file and what is wrong with it
 *
 * Blocks.  Returns 0 or -1.
 */
NODISCARD int boot_linux(struct domain *d, const struct launch *launch,
	struct machine_error *error);

#endif
