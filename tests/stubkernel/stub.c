/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A guest kernel of a few lines that speaks the control page protocol, well
 * or badly: what a domain may do to the VMM and its neighbours is tested
 * without the real kernel in between.
 *
 * What it does is the argument of the second boot module (the root task's
 * place).  It lives on the boot page tables, with IF = 0 and no IDT.
 */
#include "tests/stubkernel/stub.h"

#include "vmm/abi/container.h"
#include "vmm/abi/vmmcall.h"

#define COM1 0x3f8
#define ROUNDS 1000
#define PERIODS 60
#define DEVICE_GPA BOOT_DEVICE_BASE
#define DEVICE_WORDS 0x60u /* 32-bit registers of virtio-mmio */

#define CONTAINER_OPS (CONTAINER_OP_LAST - CONTAINER_OP_FIRST + 1)

#define PTE_PRESENT_WRITE 3u
#define PDE_2M 0x80u

volatile struct control_page *const page =
	(struct control_page *)(uintptr_t)CONTROL_GPA;

static uint64_t high_directory[512] __attribute__((aligned(4096)));

const struct boot_info *boot;

static void outb(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

void print(const char *s)
{
	for (; *s; s++)
		outb(COM1, (uint8_t)*s);
}

void print_number(uint64_t n)
{
	char buf[24];
	char *p = buf + sizeof(buf);

	*--p = 0;
	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	print(p);
}

uint64_t number_behind(const char *args, unsigned n)
{
	uint64_t value = 0;

	for (; *args && n; args++)
		n -= *args == ' ';
	for (; *args >= '0' && *args <= '9'; args++)
		value = value * 10 + (uint64_t)(*args - '0');
	return value;
}

/* The first word of @a is @b. */
static bool is(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (!*a || *a == ' ') && !*b;
}

uint32_t slot_of(uint32_t role)
{
	for (uint32_t i = 0; i < boot->nr_portals; i++)
		if (boot->portal[i].role == role)
			return boot->portal[i].slot;
	return 0;
}

void vmm_call(uint32_t op, unsigned untyped, unsigned typed)
{
	page->message_out[0] = (uint64_t)op << 16 | typed << 6 | untyped;
	page->action.slot = PORTAL_SLOT_VMM;
	page->action.caller_slot = CALLER_SLOT_MAX;
	page->action.version = 1;
	page->action.send_timeout = CONTROL_NEVER;
	page->action.receive_timeout = CONTROL_NEVER;
	action(ACTION_CALL);
	page->event.type = EVENT_NONE;
}

void stop(uint64_t status)
{
	page->message_out[1] = status;
	vmm_call(VMM_DOMAIN_EXIT, 1, 0);
}

void bind(uint32_t slot)
{
	page->message_out[1] = slot;
	page->message_out[2] = THREAD_ITEM_TYPE;
	page->message_out[3] = (uint64_t)80 << 32 | 1;
	vmm_call(VMM_PORTAL_BIND, 1, 2);
}

uint32_t accept_calls(void)
{
	uint32_t slot = slot_of(BOOT_PORTAL_SERVER);

	bind(slot);
	page->accepting[slot / 64] = UINT64_C(1) << slot % 64;
	page->action.slot = slot;
	page->action.to = 0;
	action(ACTION_ACCEPT); /* calls may be pending already */
	return slot;
}

/* Answers every request with the same words. */
static void echo(void)
{
	(void)accept_calls();
	for (;;) {
		uint32_t type = page->event.type;

		if (type == EVENT_REQUEST) {
			unsigned n = 1 + (page->message_in[0] & 63);

			for (unsigned i = 0; i < n; i++)
				page->message_out[i] = page->message_in[i];
			page->action.to = page->event.from;
			page->event.type = EVENT_NONE;
			action(ACTION_REPLY);
			continue;
		}
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
	}
}

/* Calls the first portal; returns the error, 0 for a right reply. */
uint64_t call_once(uint32_t slot, uint64_t value)
{
	uint64_t error;

	page->message_out[0] = 2;
	page->message_out[1] = value;
	page->message_out[2] = ~value;
	page->action.slot = slot;
	page->action.caller_slot = 1;
	page->action.version = 1;
	page->action.send_timeout = CONTROL_NEVER;
	page->action.receive_timeout = CONTROL_NEVER;
	action(ACTION_CALL);
	while (page->event.type == EVENT_NONE)
		action(ACTION_WAIT);
	error = page->event.type == EVENT_ERROR ? page->event.error
		: page->message_in[1] != value	? 999
						: 0;
	page->event.type = EVENT_NONE;
	return error;
}

static void client(void)
{
	uint32_t slot = slot_of(BOOT_PORTAL_CLIENT);
	uint64_t best = UINT64_MAX;
	uint64_t error = 0;

	for (uint64_t i = 0; i < ROUNDS && !error; i++) {
		uint64_t t = rdtsc();

		error = call_once(slot, i);
		t = rdtsc() - t;
		if (t < best)
			best = t;
	}
	print("round trip ");
	print_number(best);
	print(" error ");
	print_number(error);
	print("\n");
	stop(error != 0);
}

/* Accepts a request and dies of it. */
static void die(void)
{
	(void)accept_calls();
	while (page->event.type != EVENT_REQUEST) {
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
	}
}

/* Calls on until the portal's server is gone for good; errors are counted. */
static void survivor(void)
{
	uint32_t slot = slot_of(BOOT_PORTAL_CLIENT);
	uint64_t error = call_once(slot, 1);

	print("first error ");
	print_number(error);
	error = call_once(slot, 2);
	print(" then ");
	print_number(error);
	print("\n");
	stop(0);
}

uint64_t ask_for_releases(void)
{
	page->message_out[1] = 0;
	vmm_call(VMM_PERIOD_NOTIFY, 1, 0);
	return page->message_in[3] * boot->tsc_khz / 1000;
}

void wait_for_release(void)
{
	while (!(page->notified & 1)) {
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
	}
	page->notified = 0;
}

/* A small job each period; how regularly it starts, and what it was charged. */
static void periodic(void)
{
	uint64_t worst = 0;
	uint64_t last = 0;
	uint64_t period = ask_for_releases();

	for (unsigned n = 0; n < PERIODS; n++) {
		uint64_t start;
		uint64_t off;

		wait_for_release();
		start = rdtsc();
		off = start - last > period ? start - last - period
					    : period - (start - last);
		if (n > 1 && off > worst)
			worst = off;
		last = start;
		for (uint64_t i = 0; i < boot->tsc_khz / 4; i++)
			__asm__ volatile("");
	}
	vmm_call(VMM_STAT, 0, 0);
	print("jitter_us ");
	print_number(worst * 1000 / boot->tsc_khz);
	print(" charged_us ");
	print_number(page->message_in[4] / 1000);
	print("\n");
	stop(0);
}

/* Garbage into the registers of a device, and rings that lie anywhere. */
static void virtqueue(void)
{
	volatile uint32_t *reg = (uint32_t *)(uintptr_t)DEVICE_GPA;
	uint64_t x = boot->seed[0] + 362436069u;

	for (unsigned n = 0; n < 20000; n++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		reg[x % DEVICE_WORDS] = (uint32_t)(x >> 17) & 1
						? (uint32_t)(x >> 32)
						: (uint32_t)(x >> 32) & 0xf;
		if (n % 64 == 0)
			reg[0x70 / 4] = n % 128 ? 0xf : 0; /* status */
	}
	print("survived\n");
	stop(0);
}

/* Whatever stands in the page, and every action there is. */
static void garbage(void)
{
	uint64_t x = boot->seed[0] + 88172645463325252u;
	volatile uint64_t *word = (volatile uint64_t *)page;

	for (unsigned n = 0; n < 100000; n++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		word[x % (CONTROL_SIZE / 8)] = x >> 3 & 1 ? x : x & 0x1ff;
		page->action.caller_slot = x >> 20 & 0xffff ? 1 : 0;
		page->action.slot = (uint32_t)(x >> 9 & 0x1ff);
		if (n % 16 == 0)
			action((uint32_t)(x >> 32) % (ACTION_STOP) |
				ACTION_MORE_READY);
	}
}

static uint64_t hostile_word(uint64_t x)
{
	static const uint64_t edge[] = {0, 1, 2, 3, 4, 7, 16, 56, 57, 255, 512,
		4096, 8191, 8192, 8193, UINT32_MAX, UINT64_C(1) << 63,
		UINT64_MAX - 1, UINT64_MAX};

	if (x & 1)
		return x >> 8 & 15;
	if (x & 2)
		return WINDOW_GPA + (x >> 8 & 0x1fff) * 4096;
	return edge[(x >> 8) % (sizeof(edge) / sizeof(edge[0]))];
}

/* Any request about containers with any words, and no look at notices. */
static void hostile(void)
{
	uint64_t x = boot->seed[0] + 521288629u;

	for (unsigned n = 1;; n++) {
		uint32_t label = CONTAINER_OP_FIRST +
				 (uint32_t)(x >> 32) % (CONTAINER_OPS + 2);

		for (unsigned i = 1; i < MESSAGE_WORDS; i++) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			page->message_out[i] = hostile_word(x);
		}
		vmm_call(label, MESSAGE_WORDS - 1, 0);
		if (n % 1000 == 0) {
			print_number(n);
			print(" requests\n");
		}
	}
}

/* The boot page tables end at 1 GiB; the control page lies in the fourth. */
static void map_control_page(void)
{
	uint64_t *pml4;

	__asm__ volatile("mov %%cr3, %0" : "=r"(pml4));

	uint64_t *pdpt = (uint64_t *)(uintptr_t)(pml4[0] & ~UINT64_C(0xfff));
	uint64_t base = CONTROL_GPA & ~UINT64_C(0x1fffff);

	high_directory[base >> 21 & 511] = base | PDE_2M | PTE_PRESENT_WRITE;
	base = DEVICE_GPA;
	high_directory[base >> 21 & 511] = base | PDE_2M | PTE_PRESENT_WRITE;
	pdpt[CONTROL_GPA >> 30] = (uintptr_t)high_directory | PTE_PRESENT_WRITE;
}

static void halt(void)
{
	__asm__ volatile("hlt");
}

/* With PAUSE in the loop, an emulated host may stand still. */
static void spin(void)
{
	action(ACTION_TIMER); /* it has booted, and now is expected to behave */
	for (;;)
		__asm__ volatile("");
}

static void nothing(void)
{
	for (;;) {
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
	}
}

static void fail(void)
{
	stop(5);
}

static const struct {
	const char *name;
	void (*run)(void);
} mode[] = {
	{"beat", beat},
	{"client", client},
	{"crowd", crowd},
	{"die", die},
	{"drive", drive},
	{"echo", echo},
	{"fail", fail},
	{"fuzz", fuzz},
	{"garbage", garbage},
	{"halt", halt},
	{"hoard", hoard},
	{"hostile", hostile},
	{"nothing", nothing},
	{"periodic", periodic},
	{"spin", spin},
	{"survivor", survivor},
	{"virtqueue", virtqueue},
};

void stub_main(const struct boot_info *info);

void stub_main(const struct boot_info *info)
{
	const char *what = info->module[1].args;

	boot = info;
	map_control_page();
	print("stub: ");
	print(what);
	print("\n");
	for (unsigned i = 0; i < sizeof(mode) / sizeof(mode[0]); i++)
		if (is(what, mode[i].name))
			mode[i].run();
	__asm__ volatile("ud2"); /* triple fault */
}
