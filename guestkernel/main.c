/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From boot information to the first instruction of sigma0: everything that
 * is set up, in order.
 */
#include "guestkernel/abi/syscall.h"
#include "guestkernel/ipc.h"
#include "guestkernel/sched.h"
#include "guestkernel/x86/trap.h"
#include "vmm/abi/boot.h"

struct tcb *kernel_main(uint64_t boot_phys);

/*
 * sigma0 and the root task start without a message.  There is memory for them:
 * BOOT_POOL_LEAST.
 */
static struct tcb *start_server(
	thread_id_t id, const struct kip_server *image, thread_id_t pager)
{
	struct space *space = space_create();
	struct tcb *t = thread_create(id.raw, space);

	(void)space_configure(space, 0,
		fpage_make(KIP_BASE, PAGE_LOG2, FPAGE_R),
		fpage_make(UTCB_AREA_BASE, UTCB_AREA_LOG2, FPAGE_R));
	(void)thread_activate(t, UTCB_AREA_BASE, pager.raw);
	space->privileged = true;
	t->priority = PRIORITY_MAX;
	t->scheduler = THREAD_ROOT.raw;
	frame_of(t)->rsp = image->sp;
	thread_set_ip(t, image->ip);
	ipc_cancel(t);
	return t;
}

static void start_servers(void)
{
	struct tcb *sigma0 =
		start_server(THREAD_SIGMA0, &space_kip->sigma0, THREAD_NIL);

	sigma0->space->is_sigma0 = true;
	start_server(THREAD_ROOT, &space_kip->root, THREAD_SIGMA0);
}

struct tcb *kernel_main(uint64_t boot_phys)
{
	const struct boot_info *boot = phys_to_virt(boot_phys);

	gdt_set_entry_stack(
		thread_slot(thread_id_global(THREAD_SYSTEM_BASE, 1).raw));
	space_kip = phys_to_virt(boot->kip);
	start_servers();
	return dispatch();
}
