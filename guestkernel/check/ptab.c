/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/x86/ptab.c"

#include "guestkernel/check/check.h"
#include "guestkernel/mapdb.h"

static uint64_t *table_of_entry(uint64_t *pte)
{
	return (uint64_t *)((uint64_t)pte & ~COUNT_MASK);
}

struct walk {
	struct space *space;
	unsigned pages; /* that the mapping database knows */
};

static void check_own(const struct space *space, uint64_t pte, uint64_t virt)
{
	if (virt == space->kip_base)
		check_that((pte & PTE_ADDRESS) == virt_to_phys(space_kip),
			"space: another page in the KIP's place", space);
	else if (virt - space->utcb_base < space->utcb_size)
		check_page(phys_to_virt(pte & PTE_ADDRESS), "UTCBs");
	else
		check_that(false, "space: a page of no mapping", space);
}

static void check_leaf(struct walk *walk, uint64_t *pte, uint64_t virt)
{
	struct mapping *const *place =
		(struct mapping *const *)(*pool_note(pte) & ~COUNT_MASK);
	const struct mapping *m;

	check_that(((*pte & PTE_USER) || (*pte & PTE_OWN)) && virt < USER_END,
		"space: a page that is not the user's", walk->space);
	if (*pte & PTE_OWN) {
		check_own(walk->space, *pte, virt);
		return;
	}
	check_that(place, "space: a mapped page without a mapping", pte);
	m = place[pte - table_of_entry(pte)];
	check_that(m, "space: a mapped page without a mapping", pte);
	check_that(m->space == walk->space && mapping_address(m) == virt,
		"mapping: of another page", m);
	walk->pages++;
}

static void check_level(
	struct walk *walk, uint64_t *table, uint64_t virt, unsigned log2)
{
	unsigned entries = log2 == ROOT_LOG2 ? USER_ENTRIES : ENTRIES;
	uint64_t note = *pool_note(table);
	uint64_t n = 0;

	check_page(table, "page table");
	if (note & ~COUNT_MASK)
		check_page((void *)(note & ~COUNT_MASK), "companion");
	for (unsigned i = 0; i < entries; i++) {
		uint64_t at = virt + ((uint64_t)i << log2);

		if (!(table[i] & PTE_PRESENT))
			continue;
		n++;
		if (log2 > PAGE_LOG2 && is_table(table[i]))
			check_level(walk, table_of(table[i]), at,
				log2 - LEVEL_BITS);
		else
			check_leaf(walk, &table[i], at);
	}
	check_that((note & COUNT_MASK) == n,
		"page table: wrong number of entries", table);
	check_that(n || log2 == ROOT_LOG2, "page table: empty", table);
}

unsigned check_tables(struct space *space)
{
	struct walk walk = {space, 0};

	check_that(virt_to_phys(space->root) == (space->cr3 & PTE_ADDRESS),
		"space: another's tables", space);
	check_level(&walk, space->root, 0, ROOT_LOG2);
	interrupt_window();
	return walk.pages;
}

static struct leaf translation(const struct mapping *m)
{
	struct leaf leaf = ptab_walk(m->space, mapping_address(m));

	check_that((*leaf.pte & PTE_PRESENT) &&
			   mapping_address(m) % (UINT64_C(1) << leaf.log2) == 0,
		"mapping: no page of its size there", m);
	check_that(*ptab_mapping(leaf.pte) == m, "mapping: another's page", m);
	return leaf;
}

void check_translates(const struct mapping *m, const struct mapping *parent)
{
	struct leaf leaf = translation(m);
	uint64_t phys = *leaf.pte & PTE_ADDRESS;
	struct leaf from;

	check_that(phys % (UINT64_C(1) << leaf.log2) == 0,
		"mapping: frame not aligned", m);
	if (!parent)
		return;
	from = translation(parent);
	check_that(
		leaf.log2 <= from.log2, "mapping: larger than its source", m);
	check_that(phys - (*from.pte & PTE_ADDRESS) < UINT64_C(1) << from.log2,
		"mapping: frame of another tree", m);
	check_that(!(*leaf.pte & PTE_WRITE) || (*from.pte & PTE_WRITE),
		"mapping: more rights than its source", m);
}

void check_utcb(const struct tcb *t)
{
	uint64_t location = t->local_id - UTCB_POINTER;
	uint64_t pte;

	check_that(space_holds_utcb(t->space, location),
		"UTCB outside of its space's area", t);
	pte = *ptab_walk(t->space, location).pte;
	check_that((pte & PTE_PRESENT) &&
			   (char *)phys_to_virt(pte & PTE_ADDRESS) +
					   t->local_id % PAGE_SIZE ==
				   (char *)t->utcb,
		"UTCB elsewhere than in its space", t);
}

/* Each table and each page of TCBs is seen once, on the way. */
struct tcb *check_next_tcb(const struct tcb *t)
{
	uint64_t at = t ? (uint64_t)thread_after(t) - TCB_OFFSET : TCB_AREA;

	while (at < TCB_AREA + TCB_AREA_SIZE) {
		uint64_t *pt =
			table_of(boot_tables.areas[index_at(at, LARGE_LOG2)]);
		uint64_t pte;

		if (pt == boot_tables.no_threads) {
			at = (at & ~(LARGE_SIZE - 1)) + LARGE_SIZE;
			continue;
		}
		if (at % LARGE_SIZE == 0)
			check_page(pt, "table of TCBs");
		pte = pt[index_at(at, PAGE_LOG2)];
		if (pte & PTE_WRITE) {
			if (at % PAGE_SIZE == 0)
				check_page(table_of(pte), "TCBs");
			return (struct tcb *)(at + TCB_OFFSET);
		}
		at = (at & ~(PAGE_SIZE - 1)) + PAGE_SIZE;
	}
	return NULL;
}
