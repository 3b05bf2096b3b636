/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "guestkernel/kip.h"

#include "guestkernel/abi/threadid.h"
#include "guestkernel/abi/utcb.h"
#include "guestkernel/x86/layout.h"

#define KERNEL_VERSION UINT64_C(0x00000001)
#define SUPPLIER UINT64_C(0x20206868) /* "hh  " */
#define CLOCK_PRECISION_US 1

/* Links and stubs; see stubs.S. */
#define NR_STUBS 11
#define STUB_SIZE 8

_Static_assert(offsetof(struct kip, schedule) ==
		       offsetof(struct kip, space_control) + 8 * (NR_STUBS - 1),
	"links in a row");

extern const char user_stubs[]; /* stubs.S */
extern uint64_t stub_tsc_offset, stub_us_mult;

struct kip *kip;

const void *kip_stub_page(void)
{
	return user_stubs;
}

/* The stubs are in the order of the links. */
static void init_links(void)
{
	uint64_t *link = &kip->space_control;

	for (unsigned i = 0; i < NR_STUBS; i++)
		link[i] = STUB_PAGE + i * STUB_SIZE;
}

/* Ends with two NUL bytes, of a page of zeroes: no feature strings. */
static void init_kernel_descriptor(void)
{
	static const char version[] = "Hyperhurd guest kernel";
	struct kip_kernel *kernel =
		(void *)((char *)kip + BOOT_KIP_KERNEL_DESC);

	kernel->id = KIP_KERNEL_ID;
	kernel->version = KERNEL_VERSION;
	kernel->supplier = SUPPLIER;
	__builtin_memcpy(kernel + 1, version, sizeof(version));
}

void kip_init(struct kip *page)
{
	kip = page;
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
	init_links();
	init_kernel_descriptor();
	stub_tsc_offset = CONTROL->tsc_offset;
	stub_us_mult = CONTROL->us_mult;
}
