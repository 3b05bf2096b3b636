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

/* The entry that maps @address, and the size of its page; NULL: there is none. */
static uint64_t *find(struct domain *d, uint64_t tables, uint64_t address,
	uint64_t wanted, unsigned *log2)
{
	uint64_t entry = tables;
	uint64_t *at;

	*log2 = LOG2_SPACE;
	do {
		*log2 -= LEVEL_BITS;
		at = entry_at(d, entry & PTE_ADDRESS, address, *log2);
		if (!at)
			return NULL;
		entry = __atomic_load_n(at, __ATOMIC_RELAXED);
		if ((entry & wanted) != wanted)
			return NULL;
	} while (*log2 > LOG2_PAGE &&
		 !(*log2 == LOG2_LARGE && (entry & PTE_LARGE)));
	return at;
}

/* Where its page is; ~0: it is not there, or not so. */
static uint64_t use(uint64_t *at, uint64_t wanted)
{
	uint64_t entry = __atomic_load_n(at, __ATOMIC_RELAXED);
	uint64_t used = PTE_ACCESSED | (wanted & PTE_WRITE ? PTE_DIRTY : 0);

	if ((entry & wanted) != wanted)
		return ~UINT64_C(0);
	if ((entry & used) != used)
		(void)__atomic_fetch_or(at, used, __ATOMIC_RELAXED);
	return entry & PTE_ADDRESS;
}

uint64_t transfer_run(struct domain *d, uint64_t tables, uint64_t address,
	bool write, uint64_t most, uint64_t *gpa)
{
	uint64_t wanted = PTE_PRESENT | PTE_USER | (write ? PTE_WRITE : 0);
	uint64_t *at, low, page, n;
	unsigned log2;

	if (address >= KIP_USER_END)
		return 0;
	at = find(d, tables, address, wanted, &log2);
	if (!at)
		return 0;
	page = use(at, wanted);
	if (page == ~UINT64_C(0))
		return 0;
	low = (UINT64_C(1) << log2) - 1;
	*gpa = (page & ~low) | (address & low);
	n = low + 1 - (address & low);
	/* Entries of one table that go on in memory, too. */
	while (n < most && log2 == LOG2_PAGE &&
		(address + n) % (UINT64_C(1) << LOG2_LARGE) &&
		use(at + 1, wanted) == *gpa + n) {
		at++;
		n += low + 1;
	}
	return n < most ? n : most;
}
