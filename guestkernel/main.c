/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From boot information to the first instruction of sigma0: everything that
 * is set up, in order.
 */
#include "guestkernel/abi/kip.h"
#include "guestkernel/abi/syscall.h"
#include "guestkernel/clock.h"
#include "guestkernel/elf.h"
#include "guestkernel/frames.h"
#include "guestkernel/ipc.h"
#include "guestkernel/kip.h"
#include "guestkernel/panic.h"
#include "guestkernel/pool.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/trap.h"
#include "vmm/abi/boot.h"

#define POOL_SHARE 16 /* of RAM */
#define POOL_MIN UINT64_C(0x100000)
#define MODULE_SIGMA0 0
#define MODULE_ROOT 1

extern const char kernel_start[], kernel_end[]; /* kernel.ld */

struct tcb *kernel_main(uint64_t boot_phys);

/* The highest RAM that the kernel window reaches, in whole 2 MiB pages. */
static uint64_t take_pool(const struct boot_info *boot, uint64_t *end)
{
	uint64_t size = boot->ram_size / POOL_SHARE;
	uint64_t start;

	if (size < POOL_MIN)
		size = POOL_MIN;
	*end = boot->ram_size & ~(LARGE_SIZE - 1);
	if (*end > KERNEL_WINDOW_SIZE)
		*end = KERNEL_WINDOW_SIZE;
	if (*end < size)
		panic("RAM is too small", boot->ram_size);
	start = (*end - size) & ~(LARGE_SIZE - 1);
	if (start < boot->free_start)
		panic("RAM is too small for its modules", boot->ram_size);
	pool_init(start, *end);
	return start;
}

static void describe_memory(
	const struct boot_info *boot, uint64_t pool, uint64_t pool_end)
{
	struct kip *kip = kip_page();
	uint64_t info = virt_to_phys(boot);

	kip_add_memory(
		KIP_MEMORY_CONVENTIONAL, 0, boot->ram_size & ~(LARGE_SIZE - 1));
	kip_add_memory(KIP_MEMORY_SHARED, DEVICE_BASE, DEVICE_END);
	kip_add_memory(KIP_MEMORY_SHARED, boot->window_start,
		boot->window_start + boot->window_size);
	kip_add_memory(KIP_MEMORY_RESERVED, virt_to_phys(kernel_start),
		virt_to_phys(kernel_end));
	kip_add_memory(KIP_MEMORY_RESERVED, pool, pool_end);
	kip_add_memory(KIP_MEMORY_BOOTLOADER | KIP_MEMORY_INIT_SERVER,
		kip->sigma0.low, kip->sigma0.high);
	kip_add_memory(KIP_MEMORY_BOOTLOADER | KIP_MEMORY_INIT_SERVER,
		kip->root.low, kip->root.high);
	for (uint32_t i = 0; i < boot->nr_modules; i++)
		kip_add_memory(KIP_MEMORY_BOOTLOADER | KIP_MEMORY_BOOT_MODULE,
			boot->module[i].start,
			boot->module[i].start + boot->module[i].size);
	kip_add_memory(KIP_MEMORY_BOOTLOADER | KIP_MEMORY_INIT_TABLE, info,
		info + boot->size);
	kip_add_memory(
		KIP_MEMORY_CONVENTIONAL | KIP_MEMORY_VIRTUAL, 0, USER_END);
	kip->boot_info = info;
}

/* sigma0 and the root task start without a message. */
static struct tcb *start_server(
	thread_id_t id, const struct kip_server *image, thread_id_t pager)
{
	struct space *space = space_create();
	struct tcb *t;

	if (!space)
		panic("no memory for the first space", id.raw);
	space->privileged = true;
	if (space_configure(space, 0, fpage_make(KIP_BASE, PAGE_LOG2, FPAGE_R),
		    fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, FPAGE_R)))
		panic("no memory for the first KIP", id.raw);
	t = thread_create(id.raw, space);
	if (!t || thread_activate(t, UTCB_AREA_BASE, pager.raw))
		panic("no memory for the first thread", id.raw);
	t->priority = PRIORITY_MAX;
	t->scheduler = THREAD_ROOT.raw;
	t->frame.rsp = image->sp;
	thread_set_ip(t, image->ip);
	ipc_cancel(t);
	return t;
}

static void start_servers(void)
{
	const struct kip *kip = kip_page();
	struct tcb *sigma0 =
		start_server(THREAD_SIGMA0, &kip->sigma0, THREAD_NIL);

	sigma0->space->is_sigma0 = true;
	start_server(THREAD_ROOT, &kip->root, THREAD_SIGMA0);
}

struct tcb *kernel_main(uint64_t boot_phys)
{
	const struct boot_info *boot = phys_to_virt(boot_phys);
	struct kip *kip = kip_page();
	uint64_t pool, pool_end;

	if (boot->magic != BOOT_MAGIC || boot->version != BOOT_ABI_VERSION)
		panic("boot information of another version", boot->version);
	if (boot->nr_modules <= MODULE_ROOT ||
		boot->nr_modules > BOOT_MODULES_MAX)
		panic("no modules for sigma0 and root task", boot->nr_modules);
	pool = take_pool(boot, &pool_end);
	ptab_init(boot->ram_size);
	gdt_init();
	gdt_set_entry_stack(thread_entry_stack(
		thread_slot(thread_id_global(THREAD_SYSTEM_BASE, 1).raw)));
	idt_init();
	fpu_enable();
	clock_init();
	CONTROL->next_timer = CONTROL_NEVER;
	frames_init(boot, pool, pool_end);
	kip_init();
	elf_load(boot, &boot->module[MODULE_SIGMA0], &kip->sigma0);
	elf_load(boot, &boot->module[MODULE_ROOT], &kip->root);
	describe_memory(boot, pool, pool_end);
	start_servers();
	return dispatch();
}
