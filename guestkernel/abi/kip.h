/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel interface page: what the kernel tells every program.
 *
 * Owner: guest kernel.  Users: every server.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "Kernel Interface Page".
 */
#ifndef GUESTKERNEL_ABI_KIP_H
#define GUESTKERNEL_ABI_KIP_H

#include <stddef.h>
#include <stdint.h>

#define KIP_MAGIC UINT64_C(0x4be6344c) /* 'L' '4' 0xe6 'K' */
#define KIP_API_VERSION UINT64_C(0x84050000)
#define KIP_API_FLAGS UINT64_C(0x4) /* little endian, 64 bit */
#define KIP_SIZE 4096
#define KIP_KERNEL_ID UINT64_C(0x68010000) /* 'h', 1 */

/*
 * Where user memory ends: below the last page of the lower half, so that no
 * SYSCALL instruction can end at the first non-canonical address, and SYSRET
 * never faults in ring 0.
 */
#define KIP_USER_END UINT64_C(0x00007fffffff0000)

/* Addresses in the two servers that the kernel starts; same in all tasks. */
#define KIP_BASE UINT64_C(0xbff00000)
#define UTCB_AREA_BASE UINT64_C(0xbf000000)
#define UTCB_AREA_LOG2 18 /* 256 UTCBs of 1 KiB */

/* Loaded image of a server that the kernel starts; end is exclusive. */
struct kip_server {
	uint64_t sp;
	uint64_t ip;
	uint64_t low;
	uint64_t high;
};

_Static_assert(sizeof(struct kip_server) == 32, "");

struct kip {
	uint64_t magic;
	uint64_t api_version;
	uint64_t api_flags;
	uint64_t kernel_desc; /* byte offset from the start of the page */
	uint64_t reserved_0[4];
	struct kip_server sigma0;
	struct kip_server sigma1;
	struct kip_server root;
	uint64_t reserved_1;
	uint64_t memory_info; /* KIP_MEMORY_* */
	uint64_t reserved_2[20];
	uint64_t utcb_info;	/* KIP_UTCB_INFO */
	uint64_t kip_area_info; /* log2 size */
	uint64_t reserved_3[2];
	uint64_t boot_info;   /* guest-physical address of struct bootinfo */
	uint64_t proc_desc;   /* byte offset */
	uint64_t clock_info;  /* KIP_CLOCK_INFO */
	uint64_t thread_info; /* KIP_THREAD_INFO */
	uint64_t page_info;   /* KIP_PAGE_INFO */
	uint64_t processor_info;
	/* Addresses that can be called in every address space. */
	uint64_t space_control;
	uint64_t thread_control;
	uint64_t processor_control;
	uint64_t memory_control;
	uint64_t ipc;
	uint64_t lipc;
	uint64_t unmap;
	uint64_t exchange_registers;
	uint64_t system_clock;
	uint64_t thread_switch;
	uint64_t schedule;
	uint64_t reserved_4[5];
	uint64_t arch_syscall[4];
};

_Static_assert(sizeof(struct kip) == 0x240, "X.2 KIP, 64 bit");
_Static_assert(offsetof(struct kip, api_version) == 0x008, "");
_Static_assert(offsetof(struct kip, api_flags) == 0x010, "");
_Static_assert(offsetof(struct kip, kernel_desc) == 0x018, "");
_Static_assert(offsetof(struct kip, reserved_0) == 0x020, "");
_Static_assert(offsetof(struct kip, sigma0) == 0x040, "");
_Static_assert(offsetof(struct kip, sigma1) == 0x060, "");
_Static_assert(offsetof(struct kip, root) == 0x080, "");
_Static_assert(offsetof(struct kip, reserved_1) == 0x0a0, "");
_Static_assert(offsetof(struct kip, memory_info) == 0x0a8, "");
_Static_assert(offsetof(struct kip, reserved_2) == 0x0b0, "");
_Static_assert(offsetof(struct kip, utcb_info) == 0x150, "");
_Static_assert(offsetof(struct kip, kip_area_info) == 0x158, "");
_Static_assert(offsetof(struct kip, reserved_3) == 0x160, "");
_Static_assert(offsetof(struct kip, boot_info) == 0x170, "");
_Static_assert(offsetof(struct kip, proc_desc) == 0x178, "");
_Static_assert(offsetof(struct kip, clock_info) == 0x180, "");
_Static_assert(offsetof(struct kip, thread_info) == 0x188, "");
_Static_assert(offsetof(struct kip, page_info) == 0x190, "");
_Static_assert(offsetof(struct kip, processor_info) == 0x198, "");
_Static_assert(offsetof(struct kip, space_control) == 0x1a0, "");
_Static_assert(offsetof(struct kip, thread_control) == 0x1a8, "");
_Static_assert(offsetof(struct kip, processor_control) == 0x1b0, "");
_Static_assert(offsetof(struct kip, memory_control) == 0x1b8, "");
_Static_assert(offsetof(struct kip, ipc) == 0x1c0, "");
_Static_assert(offsetof(struct kip, lipc) == 0x1c8, "");
_Static_assert(offsetof(struct kip, unmap) == 0x1d0, "");
_Static_assert(offsetof(struct kip, exchange_registers) == 0x1d8, "");
_Static_assert(offsetof(struct kip, system_clock) == 0x1e0, "");
_Static_assert(offsetof(struct kip, thread_switch) == 0x1e8, "");
_Static_assert(offsetof(struct kip, schedule) == 0x1f0, "");
_Static_assert(offsetof(struct kip, reserved_4) == 0x1f8, "");
_Static_assert(offsetof(struct kip, arch_syscall) == 0x220, "");

#define KIP_UTCB_INFO(mult, align_log2, area_log2)         \
	((uint64_t)(mult) | (uint64_t)(align_log2) << 10 | \
		(uint64_t)(area_log2) << 16)
#define KIP_THREAD_INFO(bits, system_base, user_base)      \
	((uint64_t)(bits) | (uint64_t)(system_base) << 8 | \
		(uint64_t)(user_base) << 20)
#define KIP_THREAD_SYSTEM_BASE(info) ((uint32_t)((info) >> 8) & 0xfffu)
#define KIP_THREAD_USER_BASE(info) ((uint32_t)((info) >> 20) & 0xfffu)
#define KIP_CLOCK_INFO(read_us, schedule_us) \
	((uint64_t)(read_us) | (uint64_t)(schedule_us) << 16)
#define KIP_PAGE_INFO UINT64_C(0x00201007) /* rwx; 4 KiB and 2 MiB */
#define KIP_PROCESSOR_INFO(count, desc_log2) \
	(((uint64_t)(count)-1) | (uint64_t)(desc_log2) << 60)
#define KIP_PROCESSOR_DESC_LOG2 5

/* MemoryInfo: number of descriptors, byte offset of the first. */
#define KIP_MEMORY_INFO(count, offset) \
	((uint64_t)(count) | (uint64_t)(offset) << 32)
#define KIP_MEMORY_COUNT(info) ((uint32_t)(info))
#define KIP_MEMORY_OFFSET(info) ((uint32_t)((info) >> 32))

/*
 * A memory descriptor; a later one overrides an earlier one where they cover
 * the same address.  `high` names the last KiB, inclusive.
 */
struct kip_memory {
	uint64_t low;  /* address >> 10 << 10 | KIP_MEMORY_VIRTUAL | type */
	uint64_t high; /* address >> 10 << 10 */
};

_Static_assert(sizeof(struct kip_memory) == 16, "X.2 memory descriptor");

#define KIP_MEMORY_TYPE_MASK UINT64_C(0xf)
#define KIP_MEMORY_SUBTYPE_MASK UINT64_C(0xf0)
#define KIP_MEMORY_VIRTUAL (UINT64_C(1) << 9)
#define KIP_MEMORY_ADDRESS_MASK (~UINT64_C(0x3ff))

#define KIP_MEMORY_UNDEFINED 0u
#define KIP_MEMORY_CONVENTIONAL 1u
#define KIP_MEMORY_RESERVED 2u	/* the kernel's */
#define KIP_MEMORY_DEDICATED 3u /* sigma0 hands it to one thread */
#define KIP_MEMORY_SHARED 4u	/* sigma0 hands it to everyone */
#define KIP_MEMORY_BOOTLOADER 0xeu
#define KIP_MEMORY_ARCH 0xfu

#define KIP_MEMORY_SUBTYPE(n) ((uint64_t)(n) << 4)
#define KIP_MEMORY_INIT_TABLE KIP_MEMORY_SUBTYPE(1)
#define KIP_MEMORY_INIT_SERVER KIP_MEMORY_SUBTYPE(2)
#define KIP_MEMORY_BOOT_MODULE KIP_MEMORY_SUBTYPE(3)

/* One per processor. */
struct kip_processor {
	uint64_t external_khz;
	uint64_t internal_khz;
	uint64_t reserved_0[2];
};

_Static_assert(sizeof(struct kip_processor) == 1 << KIP_PROCESSOR_DESC_LOG2,
	"the size that ProcessorInfo announces");

/* Followed by the version string and the (empty) list of feature strings. */
struct kip_kernel {
	uint64_t id;
	uint64_t date; /* day | month << 5 | (year - 2000) << 9 */
	uint64_t version;
	uint64_t supplier; /* 4 characters */
};

_Static_assert(sizeof(struct kip_kernel) == 32, "X.2 kernel descriptor");

#endif
