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

/* Process-context identifiers in use; 0 is for all who have none. */
static uint64_t pcids[(CR3_PCID + 1) / 64];

static unsigned index_at(uint64_t virt, unsigned log2)
{
	return (unsigned)(virt >> log2) % ENTRIES;
}

static uint64_t *table_of(uint64_t entry)
{
	return phys_to_virt(entry & PTE_ADDRESS);
}

static uint64_t *page_of(uint64_t *pte)
{
	return (uint64_t *)((uint64_t)pte & ~(PAGE_SIZE - 1));
}

/* INVLPG forgets tables of one identifier only, this those of all. */
static void flush_all(void)
{
	write_cr4(read_cr4() & ~(uint64_t)CR4_PGE);
	write_cr4(read_cr4() | CR4_PGE);
}

/* A page of TCBs, and the table above it, is shared as long as it is empty. */
bool ptab_back_tcb(const void *tcb)
{
	uint64_t virt = (uint64_t)tcb & ~(PAGE_SIZE - 1);
	uint64_t *pd = &boot_tables.areas[index_at(virt, LARGE_LOG2)];
	uint64_t *pt = table_of(*pd);
	void *page;

	if (pt == boot_tables.no_threads) {
		pt = pool_alloc();
		if (!pt)
			return false;
		for (unsigned i = 0; i < ENTRIES; i++)
			pt[i] = boot_tables.no_threads[i];
		*pd = virt_to_phys(pt) | PTE_PRESENT | PTE_WRITE;
		flush_all();
	}
	if (pt[index_at(virt, PAGE_LOG2)] & PTE_WRITE)
		return true;
	page = pool_alloc();
	if (!page)
		return false;
	pt[index_at(virt, PAGE_LOG2)] =
		virt_to_phys(page) | PTE_PRESENT | PTE_WRITE | PTE_GLOBAL;
	invlpg(virt);
	return true;
}

/* The table above stays: there are 64 of them for all threads. */
void ptab_release_tcb(const void *tcb)
{
	uint64_t virt = (uint64_t)tcb & ~(PAGE_SIZE - 1);
	uint64_t *pte = &table_of(boot_tables.areas[index_at(
		virt, LARGE_LOG2)])[index_at(virt, PAGE_LOG2)];
	const struct tcb *t = (const struct tcb *)(virt + TF_SIZE);

	for (; (uint64_t)t < virt + PAGE_SIZE; t = thread_after(t))
		if (t->id)
			return;
	pool_free(table_of(*pte));
	*pte = boot_tables.no_threads[0];
	invlpg(virt);
}

/*
 * The CR3 value for @root.  What the identifier's last owner left in the TLB
 * goes; a space without one loses its translations at each load.
 */
static uint64_t take_pcid(const uint64_t *root)
{
	uint64_t cr3 = virt_to_phys(root);
	uint64_t before = read_cr3() | CR3_KEEP;
	unsigned w = 0;

	pcids[0] |= 1;
	while (w < sizeof(pcids) / 8 && !~pcids[w])
		w++;
	if (!(read_cr4() & CR4_PCIDE) || w == sizeof(pcids) / 8)
		return cr3;
	cr3 |= w * 64 + (unsigned)__builtin_ctzll(~pcids[w]);
	pcids[w] |= pcids[w] + 1;
	write_cr3(cr3);
	write_cr3(before);
	return cr3 | CR3_KEEP;
}

static void give_pcid(uint64_t cr3)
{
	if (cr3 & CR3_PCID)
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

static void free_table(uint64_t *table)
{
	uint64_t companion = *pool_note(table) & ~COUNT_MASK;

	if (companion)
		pool_free((void *)companion);
	pool_free(table);
}

static bool is_table(uint64_t entry, unsigned log2)
{
	return (entry & PTE_PRESENT) && log2 > PAGE_LOG2 &&
	       !(entry & PTE_LARGE);
}

static void destroy_level(uint64_t *table, unsigned log2, unsigned entries)
{
	for (unsigned i = 0; log2 > PAGE_LOG2 && i < entries; i++)
		if (is_table(table[i], log2))
			destroy_level(
				table_of(table[i]), log2 - LEVEL_BITS, ENTRIES);
	free_table(table);
}

void ptab_destroy(struct space *space)
{
	destroy_level(space->root, ROOT_LOG2, USER_ENTRIES);
	give_pcid(space->cr3);
}

uint64_t *ptab_walk(uint64_t *root, uint64_t virt, unsigned *log2)
{
	unsigned level = ROOT_LOG2;
	uint64_t *entry = &root[index_at(virt, level)];

	while (is_table(*entry, level)) {
		level -= LEVEL_BITS;
		entry = &table_of(*entry)[index_at(virt, level)];
	}
	*log2 = level;
	return entry;
}

uint64_t *ptab_make(const struct space *space, uint64_t virt, unsigned log2)
{
	unsigned level = ROOT_LOG2;
	uint64_t *entry = &space->root[index_at(virt, level)];

	while (level > log2) {
		if (!(*entry & PTE_PRESENT)) {
			uint64_t *table = pool_alloc();

			if (!table) {
				ptab_trim(space, virt);
				return NULL;
			}
			ptab_set(entry, virt_to_phys(table) | TABLE);
		} else if (!is_table(*entry, level)) {
			return NULL;
		}
		level -= LEVEL_BITS;
		entry = &table_of(*entry)[index_at(virt, level)];
	}
	return entry;
}

void *ptab_window(bool second, uint64_t phys)
{
	uint64_t at = CONTROL_WINDOW + (second ? 2 : 1) * PAGE_SIZE;

	if (phys < KERNEL_WINDOW_SIZE)
		return phys_to_virt(phys);
	boot_tables.pages[index_at(at, PAGE_LOG2)] =
		(phys & PTE_ADDRESS) | PTE_PRESENT | PTE_WRITE | PTE_GLOBAL;
	invlpg(at); /* in all spaces: it is global */
	return (void *)(at | (phys & (PAGE_SIZE - 1)));
}

void ptab_set(uint64_t *pte, uint64_t value)
{
	if (!(*pte & PTE_PRESENT))
		(*pool_note(page_of(pte)))++;
	*pte = value;
}

void ptab_clear(uint64_t *pte)
{
	if (*pte & PTE_PRESENT)
		(*pool_note(page_of(pte)))--;
	*pte = 0;
}

void ptab_trim(const struct space *space, uint64_t virt)
{
	uint64_t *path[4];
	unsigned depth = 0;
	unsigned level = ROOT_LOG2;

	path[0] = &space->root[index_at(virt, level)];
	while (is_table(*path[depth], level)) {
		uint64_t *table = table_of(*path[depth]);

		level -= LEVEL_BITS;
		path[++depth] = &table[index_at(virt, level)];
	}
	while (depth > 0) {
		uint64_t *table = page_of(path[depth]);

		if (*pool_note(table) & COUNT_MASK)
			return;
		ptab_clear(path[--depth]);
		/* The processor caches tables too. */
		ptab_invalidate(space, virt);
		ptab_end_copying();
		free_table(table);
	}
}

struct mapping **ptab_mapping(uint64_t *pte)
{
	uint64_t *table = page_of(pte);
	uint64_t *note = pool_note(table);

	if (!(*note & ~COUNT_MASK)) {
		void *companion = pool_alloc();

		if (!companion)
			return NULL;
		*note |= (uint64_t)companion;
	}
	return (struct mapping **)(*note & ~COUNT_MASK) + (pte - table);
}

uint64_t ptab_status(const struct space *space, uint64_t virt)
{
	unsigned log2;
	uint64_t *pte = ptab_walk(space->root, virt, &log2);
	uint64_t status = 0;

	if (*pte & PTE_ACCESSED)
		status |= FPAGE_REFERENCED | FPAGE_EXECUTED;
	if (*pte & PTE_DIRTY)
		status |= FPAGE_REFERENCED | FPAGE_WRITTEN;
	if (status) {
		*pte &= ~(PTE_ACCESSED | PTE_DIRTY);
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

void ptab_remove(const struct space *space, uint64_t virt)
{
	unsigned log2;
	uint64_t *pte = ptab_walk(space->root, virt, &log2);

	ptab_clear(pte);
	ptab_invalidate(space, virt);
	ptab_end_copying();
	ptab_trim(space, virt);
}

void ptab_write_protect(const struct space *space, uint64_t virt)
{
	unsigned log2;
	uint64_t *pte = ptab_walk(space->root, virt, &log2);

	*pte &= ~PTE_WRITE;
	ptab_invalidate(space, virt);
	ptab_end_copying();
}

/* Another space's translations are there only if it has an identifier. */
void ptab_invalidate(const struct space *space, uint64_t virt)
{
	uint64_t before = read_cr3();
	bool runs = !((space->cr3 ^ before) & ~CR3_KEEP);

	if (!runs && !(space->cr3 & CR3_KEEP))
		return;
	if (!runs)
		write_cr3(space->cr3);
	invlpg(virt);
	if (!runs)
		write_cr3(before | CR3_KEEP);
}
