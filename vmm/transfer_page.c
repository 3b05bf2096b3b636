/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page tables of a guest kernel, read as a processor reads them: each
 * entry once, in RAM only, and with the bits left in it that say so.  That
 * kernel, which may run meanwhile, waits before it uses for anything else what
 * it has taken out (vmm/abi/control.h).
 */
#include "guestkernel/abi/kip.h"
#include "vmm/domain.h"
#include "vmm/transfer.h"

#define PTE_PRESENT UINT64_C(0x01)
#define PTE_WRITE UINT64_C(0x02)
#define PTE_USER UINT64_C(0x04)
#define PTE_ACCESSED UINT64_C(0x20)
#define PTE_DIRTY UINT64_C(0x40)
#define PTE_LARGE UINT64_C(0x80)
#define PTE_ADDRESS UINT64_C(0x000ffffffffff000)

#define LOG2_PAGE 12
#define LOG2_LARGE 21
#define LOG2_SPACE 48
#define LEVEL_BITS 9

/* The entry for @address in the table at @gpa; NULL: that is not in RAM. */
static uint64_t *entry_at(
	struct domain *d, uint64_t gpa, uint64_t address, unsigned log2)
{
	gpa += 8 * (address >> log2 & ((1u << LEVEL_BITS) - 1));
	if (gpa >= d->conf->ram_bytes)
		return NULL;
	return guestmem_hva(&d->mem, (gpa_t){gpa}, 8);
}

uint64_t transfer_page(struct domain *d, uint64_t tables, uint64_t address,
	bool write, uint64_t *gpa)
{
	uint64_t wanted = PTE_PRESENT | PTE_USER | (write ? PTE_WRITE : 0);
	uint64_t entry = tables;
	unsigned log2 = LOG2_SPACE;
	uint64_t *at, low;

	if (address >= KIP_USER_END)
		return 0;
	do {
		log2 -= LEVEL_BITS;
		at = entry_at(d, entry & PTE_ADDRESS, address, log2);
		if (!at)
			return 0;
		entry = __atomic_load_n(at, __ATOMIC_RELAXED);
		if ((entry & wanted) != wanted)
			return 0;
	} while (log2 > LOG2_PAGE &&
		 !(log2 == LOG2_LARGE && (entry & PTE_LARGE)));
	wanted = PTE_ACCESSED | (write ? PTE_DIRTY : 0);
	if ((entry & wanted) != wanted)
		(void)__atomic_fetch_or(at, wanted, __ATOMIC_RELAXED);
	low = (UINT64_C(1) << log2) - 1;
	*gpa = (entry & PTE_ADDRESS & ~low) | (address & low);
	return low + 1 - (address & low);
}
