/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the VMM starts an L4 guest kernel.
 *
 * Owner: vmm.  Users: guest kernel, root task.  Freestanding C11 only.
 *
 * The kernel is an ELF64 EXEC; its PT_LOAD segments go to their physical
 * addresses.  The vCPU starts at e_entry in 64-bit mode, CPL 0, IF = 0, with
 * paging on: guest-physical memory below BOOT_IDENTITY_SIZE is mapped at its
 * own address and again at BOOT_KERNEL_BASE (2 MiB pages).  The processor is as
 * such a kernel wants it:
 *
 *   %cs   8, 64-bit code; the other segment registers 16, writable data; there
 *         are no descriptor tables
 *   CR0   PE, MP, TS, NE, WP, PG
 *   CR4   PAE, PGE, OSFXSR, OSXMMEXCPT; PCIDE and SMEP where the CPU has them
 *   EFER  SCE, LME, LMA
 *   %rdi  guest-physical address of struct boot_info
 *   %rsp  undefined; the kernel brings its own stack
 *
 * Module 0 is sigma0, module 1 the root task: like the kernel they lie where
 * their program headers say.  The other modules are files as they are, page
 * aligned.  The kernel interface page is made by the VMM as far as it is about
 * the machine and what was loaded: sigma0, root task, memory descriptors,
 * processor descriptors, BootInfo; the rest is zero, and the kernel's to fill.
 * It and the boot information stay in RAM, page aligned.
 */
#ifndef VMM_ABI_BOOT_H
#define VMM_ABI_BOOT_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_ABI_VERSION 2
#define BOOT_MAGIC UINT64_C(0x00746f6f62346c68) /* "hl4boot" */

#define BOOT_KERNEL_BASE UINT64_C(0xffffffff80000000)
#define BOOT_IDENTITY_SIZE UINT64_C(0x40000000) /* 1 GiB */

/* Device register windows; what is above RAM and below the control page. */
#define BOOT_DEVICE_BASE UINT64_C(0xfd000000)
#define BOOT_DEVICE_END UINT64_C(0xfe000000)

/* Bytes into the kernel interface page; the second is for the kernel. */
#define BOOT_KIP_PROC_DESC 0x240u
#define BOOT_KIP_KERNEL_DESC 0x260u
#define BOOT_KIP_MEMORY_DESC 0x300u

#define BOOT_NAME_MAX 32 /* bytes, NUL included */
#define BOOT_ARGS_MAX 128
#define BOOT_MODULES_MAX 16
#define BOOT_PORTALS_MAX 32
#define BOOT_DEVICES_MAX 8

struct boot_module {
	uint64_t start; /* guest-physical */
	uint64_t size;	/* bytes */
	char name[BOOT_NAME_MAX];
	char args
		[BOOT_ARGS_MAX]; /* what stands behind the file in the config */
};

_Static_assert(sizeof(struct boot_module) == 176, "boot ABI 2");

#define BOOT_PORTAL_CLIENT 1u /* slot names a portal that may be called */
#define BOOT_PORTAL_SERVER 2u /* slot is a portal that a thread here serves */
#define BOOT_PORTAL_NOTIFY 3u /* server side: `slot` is an interrupt number */

struct boot_portal {
	char name[BOOT_NAME_MAX]; /* the portal's name in the config */
	uint32_t slot;
	uint32_t role; /* BOOT_PORTAL_* */
};

_Static_assert(sizeof(struct boot_portal) == 40, "boot ABI 2");

struct boot_device {
	uint64_t gpa; /* virtio-mmio register window, one page */
	uint32_t irq; /* interrupt thread */
	uint32_t virtio_id;
};

_Static_assert(sizeof(struct boot_device) == 16, "boot ABI 2");

struct boot_info {
	uint64_t magic;
	uint32_t version;    /* BOOT_ABI_VERSION */
	uint32_t size;	     /* of this structure, bytes */
	uint64_t ram_size;   /* RAM is [0, ram_size) guest-physical */
	uint64_t free_start; /* first byte behind kernel, modules and this */
	uint64_t tsc_khz;
	uint32_t domain_index;
	uint32_t nr_modules;
	uint32_t nr_portals;
	uint32_t nr_devices;
	uint8_t seed[32];	  /* random bytes for the domain */
	char name[BOOT_NAME_MAX]; /* the domain's */
	struct boot_module module[BOOT_MODULES_MAX];
	struct boot_portal portal[BOOT_PORTALS_MAX];
	struct boot_device device[BOOT_DEVICES_MAX];
	uint64_t window_start; /* memory of containers can be put there */
	uint64_t window_size;  /* bytes; sigma0 owns them */
	uint64_t kip;	       /* guest-physical address of the page */
	uint64_t pool_start;   /* RAM that is the kernel's, for its objects */
	uint64_t pool_end;     /* 2 MiB aligned, below BOOT_IDENTITY_SIZE */
};

_Static_assert(offsetof(struct boot_info, ram_size) == 16, "boot ABI 2");
_Static_assert(offsetof(struct boot_info, free_start) == 24, "");
_Static_assert(offsetof(struct boot_info, tsc_khz) == 32, "");
_Static_assert(offsetof(struct boot_info, domain_index) == 40, "");
_Static_assert(offsetof(struct boot_info, nr_devices) == 52, "");
_Static_assert(offsetof(struct boot_info, seed) == 56, "");
_Static_assert(offsetof(struct boot_info, name) == 88, "");
_Static_assert(offsetof(struct boot_info, module) == 120, "");
_Static_assert(offsetof(struct boot_info, portal) == 120 + 16 * 176, "");
_Static_assert(offsetof(struct boot_info, device) == 2936 + 32 * 40, "");
_Static_assert(offsetof(struct boot_info, window_start) == 4344, "");
_Static_assert(offsetof(struct boot_info, window_size) == 4352, "");
_Static_assert(offsetof(struct boot_info, kip) == 4360, "");
_Static_assert(offsetof(struct boot_info, pool_start) == 4368, "");
_Static_assert(offsetof(struct boot_info, pool_end) == 4376, "");
_Static_assert(sizeof(struct boot_info) == 4384, "boot ABI 2");

#endif
