/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *   0x000  struct kip
 *   0x240  processor descriptor
 *   0x260  kernel descriptor, version string, empty feature list
 *   0x300  memory descriptors, to the end of the page
 */
#include "guestkernel/kip.h"

#include "guestkernel/abi/threadid.h"
#include "guestkernel/abi/utcb.h"
#include "guestkernel/panic.h"
#include "guestkernel/x86/layout.h"

#define PROC_DESC 0x240
#define KERNEL_DESC 0x260
#define VERSION_STRING (KERNEL_DESC + sizeof(struct kip_kernel))
#define MEMORY_DESC 0x300
#define MEMORY_MAX ((KIP_SIZE - MEMORY_DESC) / sizeof(struct kip_memory))

#define KERNEL_VERSION UINT64_C(0x00000001)
#define SUPPLIER UINT64_C(0x20206868) /* "hh  " */
#define CLOCK_PRECISION_US 1

extern const char user_stubs[]; /* stubs.S */
extern const char stub_ipc[], stub_lipc[], stub_exchange_registers[],
	stub_thread_switch[], stub_unmap[], stub_schedule[],
	stub_thread_control[], stub_space_control[], stub_processor_control[],
	stub_memory_control[], stub_system_clock[];
extern uint64_t stub_tsc_offset, stub_us_mult;

static union {
	struct kip kip;
	uint8_t byte[KIP_SIZE];
} page __attribute__((aligned(KIP_SIZE)));

struct kip *kip_page(void)
{
	return &page.kip;
}

const void *kip_stub_page(void)
{
	return user_stubs;
}

static uint64_t link_to(const char *stub)
{
	return STUB_PAGE + (uint64_t)(stub - user_stubs);
}

static void init_links(struct kip *kip)
{
	kip->space_control = link_to(stub_space_control);
	kip->thread_control = link_to(stub_thread_control);
	kip->processor_control = link_to(stub_processor_control);
	kip->memory_control = link_to(stub_memory_control);
	kip->ipc = link_to(stub_ipc);
	kip->lipc = link_to(stub_lipc);
	kip->unmap = link_to(stub_unmap);
	kip->exchange_registers = link_to(stub_exchange_registers);
	kip->system_clock = link_to(stub_system_clock);
	kip->thread_switch = link_to(stub_thread_switch);
	kip->schedule = link_to(stub_schedule);
}

/* Ends with two NUL bytes: no feature strings, see the page's layout. */
static void init_descriptors(void)
{
	static const char version[] = "Hyperhurd guest kernel";
	struct kip_processor *cpu = (void *)(page.byte + PROC_DESC);
	struct kip_kernel *kernel = (void *)(page.byte + KERNEL_DESC);

	cpu->internal_khz = CONTROL->tsc_khz;
	cpu->external_khz = CONTROL->tsc_khz;
	kernel->id = KIP_KERNEL_ID;
	kernel->version = KERNEL_VERSION;
	kernel->supplier = SUPPLIER;
	for (unsigned i = 0; version[i]; i++)
		page.byte[VERSION_STRING + i] = (uint8_t)version[i];
}

void kip_init(void)
{
	struct kip *kip = &page.kip;

	kip->magic = KIP_MAGIC;
	kip->api_version = KIP_API_VERSION;
	kip->api_flags = KIP_API_FLAGS;
	kip->kernel_desc = KERNEL_DESC;
	kip->proc_desc = PROC_DESC;
	kip->memory_info = KIP_MEMORY_INFO(0, MEMORY_DESC);
	kip->utcb_info = KIP_UTCB_INFO(1, UTCB_SIZE_LOG2, PAGE_LOG2);
	kip->kip_area_info = PAGE_LOG2;
	kip->clock_info =
		KIP_CLOCK_INFO(CLOCK_PRECISION_US, CLOCK_PRECISION_US);
	kip->thread_info = KIP_THREAD_INFO(
		THREAD_NUMBER_BITS, THREAD_SYSTEM_BASE, THREAD_USER_BASE);
	kip->page_info = KIP_PAGE_INFO;
	kip->processor_info = KIP_PROCESSOR_INFO(1, KIP_PROCESSOR_DESC_LOG2);
	init_links(kip);
	init_descriptors();
	stub_tsc_offset = CONTROL->tsc_offset;
	stub_us_mult = CONTROL->us_mult;
}

void kip_add_memory(uint64_t type, uint64_t start, uint64_t end)
{
	struct kip_memory *desc = (void *)(page.byte + MEMORY_DESC);
	uint32_t n = KIP_MEMORY_COUNT(page.kip.memory_info);

	if (n == MEMORY_MAX)
		panic("too many memory descriptors", n);
	desc[n].low = (start & KIP_MEMORY_ADDRESS_MASK) | type;
	desc[n].high = (end - 1) & KIP_MEMORY_ADDRESS_MASK;
	page.kip.memory_info = KIP_MEMORY_INFO(n + 1, MEMORY_DESC);
}
