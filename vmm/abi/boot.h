/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the VMM starts an L4 guest kernel.
 *
 * Owner: vmm.  Users: guest kernel, root task.  Freestanding C11 only.
 *
 * The kernel is an ELF64 EXEC; its PT_LOAD segments go to their physical
 * addresses.  The vCPU starts at e_entry in 64-bit mode, CPL 0, IF = 0, with
 * paging on: guest-physical memory below BOOT_IDENTITY_SIZE is mapped at its
 * own address and again at BOOT_KERNEL_BASE (2 MiB pages), unless the kernel has
 * its tables made: struct boot_kernel.  The processor is as such a kernel wants
 * it:
 *
 *   %cs   8, 64-bit code; the other segment registers 16, writable data; no
 *         descriptor tables, unless struct boot_kernel asks for them
 *   CR0   PE, MP, TS, NE, WP, PG
 *   CR4   PAE, PGE, OSFXSR, OSXMMEXCPT; PCIDE and SMEP where the CPU has them
 *   EFER  SCE, LME, LMA
 *   %rdi  guest-physical address of struct boot_info
 *   %rsp  undefined; the kernel brings its own stack
 *
 * Module 0 is sigma0, module 1 the root task: like the kernel they lie where
 * their program headers say.  The other modules are files as they are, page
 * aligned.  The kernel interface page is made by the VMM.  It and the boot
 * information stay in RAM, page aligned.  The root task finds struct boot_info
 * by a record of the generic boot information, guestkernel/abi/bootinfo.h.
 */
#ifndef VMM_ABI_BOOT_H
#define VMM_ABI_BOOT_H

#include <stddef.h>
#include <stdint.h>

#define BOOT_ABI_VERSION 7
#define BOOT_MAGIC UINT64_C(0x00746f6f62346c68) /* "hl4boot" */

#define BOOT_KERNEL_BASE UINT64_C(0xffffffff80000000)
#define BOOT_IDENTITY_SIZE UINT64_C(0x40000000) /* 1 GiB */

/* Device register windows; what is above RAM and below the control page. */
#define BOOT_DEVICE_BASE UINT64_C(0xfd000000)
#define BOOT_DEVICE_END UINT64_C(0xfe000000)

/* Bytes into the kernel interface page. */
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

_Static_assert(sizeof(struct boot_module) == 176, "boot ABI 7");

#define BOOT_PORTAL_CLIENT 1u /* slot names a portal that may be called */
#define BOOT_PORTAL_SERVER 2u /* slot is a portal that a thread here serves */
#define BOOT_PORTAL_NOTIFY 3u /* server side: `slot` is an interrupt number */

struct boot_portal {
	char name[BOOT_NAME_MAX]; /* the portal's name in the config */
	uint32_t slot;
	uint32_t role; /* BOOT_PORTAL_* */
};

_Static_assert(sizeof(struct boot_portal) == 40, "boot ABI 7");

struct boot_device {
	uint64_t gpa; /* virtio-mmio register window, one page */
	uint32_t irq; /* interrupt thread */
	uint32_t virtio_id;
};

_Static_assert(sizeof(struct boot_device) == 16, "boot ABI 7");

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

_Static_assert(offsetof(struct boot_info, ram_size) == 16, "boot ABI 7");
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
_Static_assert(sizeof(struct boot_info) == 4384, "boot ABI 7");

/*
 * What a kernel has the VMM prepare, so that it need not do so itself.  An
 * image that begins with this structure starts with the tables below in use:
 * page tables, GDT, IDT, SYSCALL's registers; the task register is the kernel's
 * to load, or an emulated processor takes the TSS for none (QEMU 7.2).  Addresses
 * are guest-physical.  Entries are reached at BOOT_KERNEL_BASE, and with IF = 0.
 */
#define BOOT_KERNEL_MAGIC UINT32_C(0x006b3468) /* "h4k"; above: the version */
#define BOOT_KERNEL_MAGIC_MASK UINT32_C(0x00ffffff)
#define BOOT_KERNEL_VERSION_SHIFT 24

struct boot_kernel {
	uint32_t magic;		/* BOOT_KERNEL_MAGIC, BOOT_ABI_VERSION */
	uint32_t tables;	/* room for struct boot_tables, page aligned */
	uint32_t stubs;		/* a page of user code, for BOOT_STUBS */
	uint32_t newest_thread; /* for control_page.newest_thread */
	uint32_t syscall;
	uint32_t trap;		 /* vector v: trap + BOOT_TRAP_STUB * v */
	uint32_t page_fault;	 /* in its place for that vector */
	uint32_t event;		 /* EVENT_VECTOR */
	uint32_t legacy_syscall; /* SYSCALL outside of 64-bit mode */
};

_Static_assert(sizeof(struct boot_kernel) == 36, "boot ABI 7");

#define BOOT_TRAP_STUB 4   /* bytes */
#define BOOT_TRAP_STUBS 20 /* vectors; #BP is open to users */
/* On a stack of their own (IST 1): NMI, #DF, #MC. */
#define BOOT_TRAPS_FATAL 0x40104u

/*
 * The kernel's half of every address space, besides BOOT_KERNEL_BASE: a page of
 * zeroes, read only, for BOOT_THREADS_SIZE; four pages; what maps the former.
 */
#define BOOT_THREADS UINT64_C(0xffffffffc0000000)
#define BOOT_THREADS_SIZE UINT64_C(0x8000000)
#define BOOT_STUBS UINT64_C(0xffffffffc8000000) /* users read and execute */
#define BOOT_GS UINT64_C(0xffffffffc8001000)	/* users read; %gs's base */
#define BOOT_CONTROL UINT64_C(0xffffffffc8002000)
/* What maps BOOT_THREADS: an entry for each page, of 64 tables in a row. */
#define BOOT_THREAD_ENTRIES UINT64_C(0xffffffffc8200000)

#define BOOT_STUB_SIZE 8 /* bytes each, in the order of the KIP's links */
/* Of the page of stubs: two words, as the control page has them. */
#define BOOT_STUBS_CLOCK 4080 /* tsc_offset, us_mult */

/* Selectors, of privilege 3 for users. */
#define BOOT_SEL_KCODE 0x08
#define BOOT_SEL_KDATA 0x10
#define BOOT_SEL_SYSRET 0x1b
#define BOOT_SEL_UDATA 0x23
#define BOOT_SEL_UCODE 0x2b
#define BOOT_SEL_TSS 0x30

#define BOOT_IO_PORTS 0x400 /* ports from here on fault without a bitmap */

/* Source: AMD64 Architecture Programmer's Manual vol. 2, "64-Bit TSS". */
struct boot_tss {
	uint32_t reserved_0;
	uint64_t rsp[3];
	uint64_t reserved_1;
	uint64_t ist[7]; /* the first: the end of struct boot_processor */
	uint64_t reserved_2;
	uint16_t reserved_3;
	uint16_t io_map_base;
	uint8_t io_map[BOOT_IO_PORTS / 8 + 1]; /* COM1 is open */
} __attribute__((packed));

_Static_assert(sizeof(struct boot_tss) == 233, "boot ABI 7");

/* An interrupt gate; the offset is cut in three. */
struct boot_gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t flags;
	uint16_t offset_middle;
	uint32_t offset_high;
	uint32_t reserved_0;
};

_Static_assert(sizeof(struct boot_gate) == 16, "boot ABI 7");

#define BOOT_GATES 33 /* up to EVENT_VECTOR */

/*
 * What sigma0 owns, ascending: RAM without the kernel's part, device registers,
 * windows of containers; and an empty one at BOOT_MEMORY_END.
 */
struct boot_region {
	uint64_t start, end; /* guest-physical, page aligned; may be equal */
	uint64_t heads;	     /* kernel address of a word for each page, 0 */
};

#define BOOT_REGIONS 6
#define BOOT_MEMORY_END UINT64_MAX

#define BOOT_POOL_LEAST 0x40000u /* bytes: enough to start */

/* Kernel addresses, page aligned. */
struct boot_memory {
	struct boot_region region[BOOT_REGIONS];
	uint64_t pool;	   /* pages that were never used, for the kernel */
	uint64_t pool_end; /* at least BOOT_POOL_LEAST behind it */
	uint64_t notes;	   /* a word for each page between, 0 */
};

_Static_assert(sizeof(struct boot_memory) == 168, "boot ABI 7");

/* One page; what is left of it is the stack for what is fatal. */
struct boot_processor {
	struct boot_tss tss;
	uint8_t reserved_0[23];
	uint64_t gdt[8];
	struct boot_gate idt[BOOT_GATES];
	struct boot_memory memory;
	uint64_t stack[385];
};

_Static_assert(sizeof(struct boot_processor) == 4096, "boot ABI 7");
_Static_assert(offsetof(struct boot_processor, memory) == 848, "start.S");

struct boot_tables {
	uint64_t pml4[512]; /* the last entry is for all spaces */
	uint64_t pdpt[512];
	uint64_t window[512];	  /* at BOOT_KERNEL_BASE: RAM, 2 MiB pages */
	uint64_t areas[512];	  /* from BOOT_THREADS on */
	uint64_t pages[512];	  /* from BOOT_STUBS on */
	uint64_t no_threads[512]; /* areas: not writable by that either */
	uint64_t no_thread[512];  /* the page of zeroes */
	struct boot_processor processor;
	uint64_t gs[512]; /* at BOOT_GS */
};

_Static_assert(offsetof(struct boot_tables, processor) == 7 * 4096, "start.S");
_Static_assert(sizeof(struct boot_tables) == 9 * 4096, "boot ABI 7");

#endif
