/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vmm/boot/kip.h"

#include <string.h>

#define LARGE_PAGE UINT64_C(0x200000)

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
	uint64_t info, const struct l4_images *images)
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
	add(page, KIP_MEMORY_BOOTLOADER | KIP_MEMORY_INIT_TABLE, info,
		info + boot->size);
	add(page, KIP_MEMORY_CONVENTIONAL | KIP_MEMORY_VIRTUAL, 0,
		KIP_USER_END);
}

void kip_fill(union kip_page *page, const struct boot_info *boot, uint64_t info,
	const struct l4_images *images)
{
	memset(page, 0, sizeof(*page));
	describe_memory(page, boot, info, images);
	page->kip.boot_info = info;
	page->kip.proc_desc = BOOT_KIP_PROC_DESC;
	page->kip.processor_info =
		KIP_PROCESSOR_INFO(1, KIP_PROCESSOR_DESC_LOG2);
	page->processor.internal_khz = boot->tsc_khz;
	page->processor.external_khz = boot->tsc_khz;
}
