/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table's note (see pool.h) holds the number of its entries in use in the
 * low bits and the address of the companion page above them.
 */
#include "guestkernel/x86/ptab.h"

#include <stddef.h>

#include "guestkernel/panic.h"
#include "guestkernel/pool.h"
#include "guestkernel/space.h"
#include "guestkernel/thread.h"
#include "guestkernel/x86/insn.h"
#include "guestkernel/x86/layout.h"
#include "guestkernel/x86/reg.h"

#define ENTRIES 512
#define USER_ENTRIES 256 /* of the PML4 */
#define ROOT_LOG2 39
#define LEVEL_BITS 9
#define TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER)
#define COUNT_MASK (PAGE_SIZE - 1)

extern struct boot_tables boot_tables; /* start.S; made by the VMM */

_Static_assert(PTE_WRITE == FPAGE_W, "rights of entries");

/*
 * Process-context identifiers in use; 0 is for all who have none, and behind
 * the last one is always one free.
 */
static uint64_t pcids[(CR3_PCID + 1) / 64 + 1];

static unsigned index_at(uint64_t virt, unsigned log2)
{
	return (unsigned)(virt >> log2) % ENTRIES;
}

static inline uint64_t *table_of(uint64_t entry)
{
	return phys_to_virt(page_of(entry));
}

/* INVLPG forgets tables of one identifier only, this those of all. */
static void flush_all(void)
{
	uint64_t cr4 = read_cr4();

	write_cr4(cr4 & ~(uint64_t)CR4_PGE);
	write_cr4(cr4);
}

/* What @entry shows is shared and empty: replace it by a page of its own. */
static __attribute__((noinline)) bool own(uint64_t *entry)
{
	void *page = pool_alloc();

	if (!page)
		return false;
	copy_words(page, table_of(*entry), ENTRIES);
	*entry = virt_to_phys(page) | PTE_PRESENT | PTE_WRITE | PTE_GLOBAL;
	return true;
}

/* Of a table that many entries may show, as long as it is shared. */
static uint64_t *tcb_entry(const void *tcb)
{
	return (uint64_t *)BOOT_THREAD_ENTRIES +
	       ((uint64_t)tcb - BOOT_THREADS) / PAGE_SIZE;
}

bool ptab_back_tcb(const void *tcb)
{
	uint64_t *area =
		&boot_tables.areas[index_at((uint64_t)tcb, LARGE_LOG2)];

	if (*tcb_entry(tcb) & PTE_WRITE)
		return true;
	if (!(*area & PTE_WRITE)) {
		if (!own(area))
			return false;
		flush_all();
	}
	if (!own(tcb_entry(tcb)))
		return false;
	invlpg((uint64_t)tcb); /* in all spaces: it is global */
	return true;
}

/* The table above stays: there are 64 of them for all threads. */
void ptab_release_tcb(const void *tcb)
{
	uint64_t virt = page_of((uint64_t)tcb);
	uint64_t *pte = tcb_entry(tcb);
	const struct tcb *t = (const struct tcb *)(virt + TCB_OFFSET);

	for (; (uint64_t)t < virt + PAGE_SIZE; t = thread_after(t))
		if (t->id)
			return;
	pool_free(table_of(*pte));
	*pte = boot_tables.no_threads[0];
	invlpg(virt);
}

/*
 * The CR3 value for @root.  The identifier's last owner left nothing in the TLB:
 * each of its pages was taken from it.  A space without an identifier loses its
 * translations at each load.
 */
static uint64_t take_pcid(const uint64_t *root)
{
	uint64_t cr3 = virt_to_phys(root);
	unsigned n = 0;

	if (!(read_cr4() & CR4_PCIDE))
		return cr3;
	while (bit_test(pcids, ++n))
		;
	if (n > CR3_PCID)
		return cr3;
	bit_set(pcids, n);
	return cr3 | n | CR3_KEEP;
}

/* That of 0 was never taken. */
static void give_pcid(uint64_t cr3)
{
	bit_clear(pcids, cr3 & CR3_PCID);
}

bool ptab_create(struct space *space)
{
	uint64_t *root = pool_alloc();

	if (!root)
		return false;
	root[ENTRIES - 1] = boot_tables.pml4[ENTRIES - 1];
	space->root = root;
	space->cr3 = take_pcid(root);
	return true;
}

/* The table of @entry. */
static void free_table(uint64_t *entry)
{
	uint64_t companion = page_of(*pool_note(entry));

	if (companion)
		pool_free((void *)companion);
	pool_free((void *)page_of((uint64_t)entry));
}

/*
 * Of an entry that is not a 4 KiB page's, and which is 0 if it is not present:
 * as a number with a sign, which is PTE_LARGE, its low byte says it at once.
 */
static bool is_table(uint64_t entry)
{
	return (int8_t)entry > 0;
}

_Static_assert(PTE_LARGE == 1 << 7 && PTE_PRESENT == 1, "is_table");

void ptab_destroy(struct space *space)
{
	free_table(space->root);
	give_pcid(space->cr3);
}

/* Not further down than to an entry of size 2^@log2. */
static struct leaf walk_to(
	const struct space *space, uint64_t virt, unsigned log2)
{
	unsigned level = ROOT_LOG2;
	uint64_t *entry = &space->root[index_at(virt, level)];

	while (level > log2 && is_table(*entry)) {
		level -= LEVEL_BITS;
		entry = &table_of(*entry)[index_at(virt, level)];
	}
	return (struct leaf){entry, level};
}

struct leaf ptab_walk(const struct space *space, uint64_t virt)
{
	return walk_to(space, virt, PAGE_LOG2);
}

uint64_t *ptab_make(const struct space *space, uint64_t virt, unsigned log2)
{
	for (;;) {
		struct leaf leaf = walk_to(space, virt, log2);
		uint64_t *table;

		if (leaf.log2 == log2)
			return leaf.pte;
		if (*leaf.pte & PTE_PRESENT)
			return NULL;
		table = pool_alloc();
		if (!table) {
			ptab_remove(space, virt);
			return NULL;
		}
		ptab_set(leaf.pte, virt_to_phys(table) | TABLE);
	}
}

void *ptab_window(bool second, uint64_t phys)
{
	uint64_t at = CONTROL_WINDOW + (second ? 2 : 1) * PAGE_SIZE;

	if (phys < KERNEL_WINDOW_SIZE)
		return phys_to_virt(phys);
	boot_tables.pages[index_at(at, PAGE_LOG2)] =
		page_of(phys) | PTE_PRESENT | PTE_WRITE | PTE_GLOBAL;
	invlpg(at); /* in all spaces: it is global */
	return (void *)(at | (phys & (PAGE_SIZE - 1)));
}

void ptab_set(uint64_t *pte, uint64_t value)
{
	if (!(*pte & PTE_PRESENT))
		(*pool_note(pte))++;
	*pte = value;
}

struct mapping **ptab_mapping(uint64_t *pte)
{
	uint64_t *note = pool_note(pte);

	if (!(*note & ~COUNT_MASK)) {
		void *companion = pool_alloc();

		if (!companion)
			return NULL;
		*note |= (uint64_t)companion;
	}
	return (struct mapping **)(page_of(*note) |
				   ((uint64_t)pte & COUNT_MASK));
}

uint64_t ptab_collect(const struct space *space, uint64_t virt, uint64_t rights)
{
	uint64_t *pte = ptab_walk(space, virt).pte;
	uint64_t change =
		*pte & (PTE_ACCESSED | PTE_DIRTY | (rights & FPAGE_W));
	uint64_t status = 0;

	if (change & PTE_ACCESSED)
		status |= FPAGE_REFERENCED | FPAGE_EXECUTED;
	if (change & PTE_DIRTY)
		status |= FPAGE_REFERENCED | FPAGE_WRITTEN;
	if (change) {
		*pte -= change;
		ptab_invalidate(space, virt);
	}
	return status;
}

void ptab_end_copying(void)
{
	__atomic_add_fetch(&CONTROL->string_epoch, 1, __ATOMIC_SEQ_CST);
	while (CONTROL->string_copying)
		;
}

/* The processor caches tables too: they are freed when nothing leads there. */
void ptab_remove(const struct space *space, uint64_t virt)
{
	unsigned log2 = PAGE_LOG2;
	uint64_t *empty = NULL;

	while (log2 <= ROOT_LOG2) {
		struct leaf leaf = walk_to(space, virt, log2);
		uint64_t *note = pool_note(leaf.pte);

		*note -= *leaf.pte & PTE_PRESENT;
		*leaf.pte = 0;
		ptab_invalidate(space, virt);
		ptab_end_copying();
		if (empty)
			free_table(empty);
		if (*note & COUNT_MASK)
			break;
		empty = leaf.pte;
		log2 = leaf.log2 + LEVEL_BITS;
	}
}

/* Another space's translations are there only if it has an identifier. */
void ptab_invalidate(const struct space *space, uint64_t virt)
{
	uint64_t before = read_cr3();
	bool runs = ptab_is_same(space->cr3, before);

	if (!runs && !(space->cr3 & CR3_KEEP))
		return;
	if (!runs)
		write_cr3(space->cr3);
	invlpg(virt);
	if (!runs)
		write_cr3(before | CR3_KEEP);
}
