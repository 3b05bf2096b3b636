/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The generic boot information: what the loader of an L4 system has loaded, as
 * records one behind the other.  The KIP's BootInfo says where.
 *
 * Owner: vmm, which makes it.  Users: root task.  Freestanding C11 only.
 * Source: L4 X.2 Reference Manual, "Generic BootInfo"; the last type of record
 * is this project's.
 */
#ifndef GUESTKERNEL_ABI_BOOTINFO_H
#define GUESTKERNEL_ABI_BOOTINFO_H

#include <stddef.h>
#include <stdint.h>

#define BOOTINFO_MAGIC UINT64_C(0x14b0021d)
#define BOOTINFO_VERSION 1
#define BOOTINFO_SIZE 4096 /* the page that it lies in */

/* Offsets are in bytes, from the beginning of this structure. */
struct bootinfo {
	uint64_t magic;
	uint64_t version;
	uint64_t size; /* with all records */
	uint64_t first_entry;
	uint64_t nr_entries;
	uint64_t reserved[3];
};

#define BOOTINFO_MODULE 1u /* struct bootinfo_module */
#define BOOTINFO_EXEC 2u   /* struct bootinfo_exec */
/* struct bootinfo_address: that of struct boot_info (vmm/abi/boot.h). */
#define BOOTINFO_HYPERHURD 0x6868u

/* How each record begins; offsets are from there. */
struct bootinfo_record {
	uint64_t type;	      /* BOOTINFO_* */
	uint64_t version;     /* 1 */
	uint64_t offset_next; /* of the next record */
};

/* A file as it is. */
struct bootinfo_module {
	struct bootinfo_record record;
	uint64_t start; /* guest-physical */
	uint64_t size;	/* bytes */
	uint64_t cmdline_offset;
};

struct bootinfo_part {
	uint64_t pstart;
	uint64_t vstart;
	uint64_t size;
};

/* A program, where its headers say; all of it counts as text. */
struct bootinfo_exec {
	struct bootinfo_record record;
	struct bootinfo_part text, data, bss;
	uint64_t initial_ip;
	uint64_t flags;
	uint64_t label;
	uint64_t cmdline_offset;
};

struct bootinfo_address {
	struct bootinfo_record record;
	uint64_t address; /* guest-physical */
};

_Static_assert(sizeof(struct bootinfo) == 64, "X.2");
_Static_assert(sizeof(struct bootinfo_record) == 24, "X.2");
_Static_assert(sizeof(struct bootinfo_module) == 48, "X.2");
_Static_assert(sizeof(struct bootinfo_exec) == 128, "X.2");
_Static_assert(offsetof(struct bootinfo_exec, initial_ip) == 96, "X.2");
_Static_assert(sizeof(struct bootinfo_address) == 32, "");

/** bootinfo_next - the record behind @r. */
static inline const struct bootinfo_record *bootinfo_next(
	const struct bootinfo_record *r)
{
	return (const void *)((const char *)r + r->offset_next);
}

/** bootinfo_first - the first record of @info; there are nr_entries. */
static inline const struct bootinfo_record *bootinfo_first(
	const struct bootinfo *info)
{
	return (const void *)((const char *)info + info->first_entry);
}

#endif
