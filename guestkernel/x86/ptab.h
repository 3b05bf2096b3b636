/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables: four levels, pages of 4 KiB and 2 MiB.
 *
 * A table that holds user pages has a companion page with one pointer per
 * entry, the mapping database's node of that page.
 *
 * Where the processor has process-context identifiers, each space has one in
 * its CR3 value, as long as there are any, and its translations stay in the TLB
 * while others run.
 * Source: AMD64 Architecture Programmer's Manual vol. 2, "Long-Mode Page
 * Translation".
 */
#ifndef GUESTKERNEL_X86_PTAB_H
#define GUESTKERNEL_X86_PTAB_H

#include <stdbool.h>
#include <stdint.h>

#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/reg.h"

/* clang-format off */
#define PTE_PRESENT  UINT64_C(0x001)
#define PTE_WRITE    UINT64_C(0x002)
#define PTE_USER     UINT64_C(0x004)
#define PTE_ACCESSED UINT64_C(0x020)
#define PTE_DIRTY    UINT64_C(0x040)
#define PTE_LARGE    UINT64_C(0x080)
#define PTE_GLOBAL   UINT64_C(0x100)
#define PTE_OWN      UINT64_C(0x200) /* the kernel's: not in the database */
#define PTE_ADDRESS  (~UINT64_C(0xfff)) /* nothing above it is in use */

#define PTE_KIP      (PTE_PRESENT | PTE_USER | PTE_OWN)
#define PTE_UTCB     (PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_OWN)
#define PTE_FOREIGN_UTCB (PTE_PRESENT | PTE_WRITE | PTE_OWN)
/* clang-format on */

struct mapping;
struct space;

/**
 * ptab_back_tcb - see to it that the TCB at @tcb can be written.
 *
 * Returns false without memory.
 */
bool ptab_back_tcb(const void *tcb);

/**
 * ptab_release_tcb - the thread of @tcb is gone: its page is freed with the
 * last one of it, and reads as zeroes from then on.
 */
void ptab_release_tcb(const void *tcb);

/**
 * ptab_create - give a space tables with an empty user half: root and cr3.
 *
 * Returns false without memory.
 */
bool ptab_create(struct space *space);

/** ptab_destroy - free the root of a space whose tables are gone. */
void ptab_destroy(struct space *space);

/* An entry that leads to no table: a page's, or one that is not present. */
struct leaf {
	uint64_t *pte;
	unsigned log2; /* of the size that it covers */
};

/** ptab_walk - find what translates @virt. */
struct leaf ptab_walk(const struct space *space, uint64_t virt)
	__attribute__((noinline));

/** leaf_is_mapped - it is a page's, which the mapping database knows. */
static inline bool leaf_is_mapped(struct leaf leaf)
{
	return (*leaf.pte & (PTE_PRESENT | PTE_OWN)) == PTE_PRESENT;
}

/** leaf_end - the first address that the leaf of @virt does not cover. */
static inline uint64_t leaf_end(uint64_t virt, unsigned log2)
{
	return ((virt >> log2) + 1) << log2;
}

/**
 * ptab_make - the entry of size 2^@log2 (PAGE_LOG2, LARGE_LOG2) for @virt,
 * with the tables above it.
 *
 * Returns NULL without memory, or if a larger page is in the way.
 */
uint64_t *ptab_make(const struct space *space, uint64_t virt, unsigned log2);

/**
 * ptab_window - reach a frame, wherever it is.
 * @second: the second of two windows, for frames that the kernel's own does
 *          not hold; what a window showed before is gone
 */
void *ptab_window(bool second, uint64_t phys);

/** ptab_set - write a present entry. */
void ptab_set(uint64_t *pte, uint64_t value);

/**
 * ptab_mapping - where the database's node of a page's entry is kept; NULL
 * if there is no companion page and no memory for it.
 */
struct mapping **ptab_mapping(uint64_t *pte);

/**
 * ptab_collect - read and reset what the processor noted about a page, and take
 * @rights (FPAGE_*) away, of which that to write counts.
 *
 * Returns FPAGE_REFERENCED | FPAGE_EXECUTED for an access (an instruction
 * fetch leaves the same trace), FPAGE_REFERENCED | FPAGE_WRITTEN for a write.
 */
uint64_t ptab_collect(
	const struct space *space, uint64_t virt, uint64_t rights);

/**
 * ptab_end_copying - frames or tables are taken away: see to it that the VMM
 * does not copy strings to or from what it has found by them.
 */
void ptab_end_copying(void);

/**
 * ptab_remove - unmap the page at @virt, if there is one, and free the tables
 * above that are then empty.  Its node goes its own way.
 */
void ptab_remove(const struct space *space, uint64_t virt);

/** ptab_invalidate - @virt changed in @space: drop it from the TLB. */
void ptab_invalidate(const struct space *space, uint64_t virt);

/** ptab_is_same - two values of CR3 lead to the same tables, CR3_KEEP or not. */
static inline bool ptab_is_same(uint64_t cr3, uint64_t other)
{
	return (cr3 ^ other) << 1 == 0;
}
_Static_assert(CR3_KEEP == UINT64_C(1) << 63, "ptab_is_same");

/**
 * ptab_load - run in the space with this CR3 value.
 *
 * CR3 is written only if it changes, which takes time and, without
 * CR3_KEEP, empties the TLB.
 */
static inline void ptab_load(uint64_t cr3)
{
	if (!ptab_is_same(cr3, read_cr3()))
		write_cr3(cr3);
}

#endif
