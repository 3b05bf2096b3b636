/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/boot/kip.h"

#include <stdio.h>
#include <string.h>

#include "guestkernel/abi/threadid.h"
#include "guestkernel/abi/utcb.h"

#define LARGE_PAGE UINT64_C(0x200000)
#define PAGE_LOG2 12
#define PAGE (UINT64_C(1) << PAGE_LOG2)

#define KERNEL_VERSION UINT64_C(0x00000001)
#define SUPPLIER UINT64_C(0x20206868) /* "hh  " */
#define CLOCK_PRECISION_US 1
#define NR_STUBS 11

_Static_assert(offsetof(struct kip, schedule) ==
		       offsetof(struct kip, space_control) + 8 * (NR_STUBS - 1),
	"links in a row");
_Static_assert(offsetof(union kip_page, kernel) == BOOT_KIP_KERNEL_DESC, "");

/* Those of the kernel, of memory and of what was loaded besides modules. */
#define DESCRIPTORS 10
_Static_assert(DESCRIPTORS + BOOT_MODULES_MAX <= KIP_MEMORY_DESCS, "they fit");

static void add(
	union kip_page *page, uint64_t type, uint64_t start, uint64_t end)
{
	uint32_t n = KIP_MEMORY_COUNT(page->kip.memory_info);

	page->memory[n].low = (start & KIP_MEMORY_ADDRESS_MASK) | type;
	page->memory[n].high = (end - 1) & KIP_MEMORY_ADDRESS_MASK;
	page->kip.memory_info = KIP_MEMORY_INFO(n + 1, BOOT_KIP_MEMORY_DESC);
}

static void add_server(union kip_page *page, struct kip_server *server,
	const struct elf_image *image)
{
	server->ip = image->entry;
	server->low = image->start;
	server->high = image->end;
	add(page, KIP_MEMORY_BOOTLOADER | KIP_MEMORY_INIT_SERVER, image->start,
		image->end);
}

static void describe_memory(union kip_page *page, const struct boot_info *boot,
	uint64_t generic, const struct l4_images *images)
{
	add(page, KIP_MEMORY_CONVENTIONAL, 0,
		boot->ram_size & ~(LARGE_PAGE - 1));
	add(page, KIP_MEMORY_SHARED, BOOT_DEVICE_BASE, BOOT_DEVICE_END);
	add(page, KIP_MEMORY_SHARED, boot->window_start,
		boot->window_start + boot->window_size);
	add(page, KIP_MEMORY_RESERVED, images->image[L4_KERNEL].start,
		images->image[L4_KERNEL].end);
	add(page, KIP_MEMORY_RESERVED, boot->pool_start, boot->pool_end);
	add_server(page, &page->kip.sigma0, &images->image[L4_SIGMA0]);
	add_server(page, &page->kip.root, &images->image[L4_ROOT]);
	for (uint32_t i = L4_SERVERS; i < boot->nr_modules; i++)
		add(page, KIP_MEMORY_BOOTLOADER | KIP_MEMORY_BOOT_MODULE,
			boot->module[i].start,
			boot->module[i].start + boot->module[i].size);
	add(page, KIP_MEMORY_BOOTLOADER | KIP_MEMORY_INIT_TABLE,
		(generic - boot->size) & ~(PAGE - 1), generic + PAGE);
	add(page, KIP_MEMORY_CONVENTIONAL | KIP_MEMORY_VIRTUAL, 0,
		KIP_USER_END);
}

/* The version ends with two NUL bytes: no feature strings. */
static void describe_kernel(union kip_page *page)
{
	struct kip *kip = &page->kip;
	uint64_t *link = &kip->space_control;

	kip->magic = KIP_MAGIC;
	kip->api_version = KIP_API_VERSION;
	kip->api_flags = KIP_API_FLAGS;
	kip->kernel_desc = BOOT_KIP_KERNEL_DESC;
	kip->utcb_info = KIP_UTCB_INFO(1, UTCB_SIZE_LOG2, PAGE_LOG2);
	kip->kip_area_info = PAGE_LOG2;
	kip->clock_info =
		KIP_CLOCK_INFO(CLOCK_PRECISION_US, CLOCK_PRECISION_US);
	kip->thread_info = KIP_THREAD_INFO(
		THREAD_NUMBER_BITS, THREAD_SYSTEM_BASE, THREAD_USER_BASE);
	kip->page_info = KIP_PAGE_INFO;
	for (unsigned i = 0; i < NR_STUBS; i++)
		link[i] = BOOT_STUBS + i * BOOT_STUB_SIZE;
	page->kernel.id = KIP_KERNEL_ID;
	page->kernel.version = KERNEL_VERSION;
	page->kernel.supplier = SUPPLIER;
	snprintf(page->version, sizeof(page->version) - 1,
		"Hyperhurd guest kernel");
}

void kip_fill(union kip_page *page, const struct boot_info *boot,
	uint64_t generic, const struct l4_images *images)
{
	memset(page, 0, sizeof(*page));
	describe_kernel(page);
	describe_memory(page, boot, generic, images);
	page->kip.boot_info = generic;
	page->kip.proc_desc = BOOT_KIP_PROC_DESC;
	page->kip.processor_info =
		KIP_PROCESSOR_INFO(1, KIP_PROCESSOR_DESC_LOG2);
	page->processor.internal_khz = boot->tsc_khz;
	page->processor.external_khz = boot->tsc_khz;
}
