/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that asks the VMM for anything: "fuzz SEED N".  Nearly right
 * actions, requests and answers, so that much of it is carried out; garbage in the
 * control page; windows touched whether they are there or not.
 *
 * It remembers which caller slots it uses and which portals it serves, as
 * mistakes with those end a domain.  It makes one in N steps, or with N = 0 none.
 */
#include "tests/stubkernel/stub.h"
#include "vmm/abi/container.h"
#include "vmm/abi/vmmcall.h"

#define CALLERS 48u	/* caller slots, from 1 on */
#define SERVER_FIRST 64 /* caller slots of threads that serve */
#define STRING_RAM UINT64_C(0x400000)
#define STRING_SPACE UINT64_C(0x800000) /* of the user's tables */
#define REPORT_EVERY 5000u
#define NAP_US 100

#define CONTAINER_OPS (CONTAINER_OP_LAST + 2 - CONTAINER_OP_FIRST)

#define PTE_ALL 7u /* present, to be written, the user's */
#define PDE_2M 0x80u
#define LARGE (UINT64_C(1) << 21)
#define KERNEL_CODE 8
#define PAGE_FAULT 14
#define GATE_PRESENT_INTERRUPT 0x8e00u

void touch_read(uint64_t at);
void touch_write(uint64_t at);
void touch_fault(void);

static uint64_t state;
static uint64_t busy; /* caller slots with a call outstanding */
static uint32_t served[16], nr_served;
static uint64_t last_from;  /* of the last request */
static uint32_t strings_of; /* the caller slot to answer for, or 0 */
static uint64_t user_tables[3][512] __attribute__((aligned(4096)));
static uint64_t window_directory[512] __attribute__((aligned(4096)));

static uint64_t any(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 8) % below;
}

static uint64_t any_word(void)
{
	static const uint64_t edge[] = {0, 1, 2, 47, 48, 56, 57, 255, 512, 4096,
		8191, 8192, 8193, UINT32_MAX, UINT64_C(1) << 63, UINT64_MAX - 1,
		UINT64_MAX};

	switch (any(8)) {
	case 0:
		return edge[any(sizeof(edge) / sizeof(edge[0]))];
	case 1:
		return WINDOW_GPA + any(0x2000) * 4096;
	case 2:
		return state;
	default:
		return any(16);
	}
}

static uint64_t any_id(void)
{
	switch (any(6)) {
	case 0:
		return 0;
	case 1:
		return (80 + any(4)) << 32 | 1; /* a thread of ours */
	case 2:
		return last_from;
	case 3:
		return REMOTE_ID_CALLER(any(40), any(6), any(CALLERS));
	case 4:
		return any_word();
	default:
		return REMOTE_ID_PORTAL(any(40));
	}
}

static uint64_t any_timeout(void)
{
	switch (any(4)) {
	case 0:
		return 0;
	case 1:
		return any(10000000);
	case 2:
		return state;
	default:
		return CONTROL_NEVER;
	}
}

/* It is entered again soon, whatever becomes of what it asks for. */
static void act(uint32_t eax)
{
	page->next_timer = rdtsc() + boot->tsc_khz * NAP_US / 1000;
	action(eax);
}

/* --- messages --- */

static unsigned put_item(unsigned at)
{
	switch (any(4)) {
	case 0: /* a string */
		page->message_out[at] = any(70000) << 10;
		page->message_out[at + 1] = any(STRING_SPACE);
		return 2;
	case 1: /* one that does not pass */
		page->message_out[at] = any_word();
		page->message_out[at + 1] = any_word();
		return 2;
	default:
		page->message_out[at] =
			THREAD_ITEM_TYPE | any(16) << THREAD_ITEM_RIGHTS_SHIFT;
		page->message_out[at + 1] = any_id();
		return 2;
	}
}

static void put_message(uint64_t label)
{
	unsigned untyped = (unsigned)any(12), typed = 0;

	for (unsigned i = 1; i <= untyped; i++)
		page->message_out[i] = any_word();
	if (any(3) == 0)
		for (unsigned n = (unsigned)any(3); n; n--)
			typed += put_item(1 + untyped + typed);
	page->message_out[0] = label << 16 | typed << 6 | untyped;
	if (any(64) == 0)
		page->message_out[0] = state;
}

/* Where strings are: our tables, with what they show. */
static void put_strings(uint32_t caller_slot)
{
	volatile struct string_args *s = &page->string;

	s->caller_slot = caller_slot;
	s->tables = any(16) ? (uint64_t)(uintptr_t)user_tables : any_word();
	s->timeout = any_timeout();
	for (unsigned i = 0; i < STRING_BUFFERS - 1; i += 2) {
		s->br[i] = any(8) ? any(STRING_SPACE) : any_word();
		s->br[i + 1] = any(8) ? any(70000) << 10 : any_word();
	}
	s->br[STRING_BUFFERS - 1] = any(8) ? 1 : 0;
}

/* --- what the VMM has to say --- */

static void note_served(uint32_t slot)
{
	for (uint32_t i = 0; i < nr_served; i++)
		if (served[i] == slot)
			return;
	if (nr_served < sizeof(served) / sizeof(served[0]))
		served[nr_served++] = slot;
}

static void read_event(void)
{
	uint32_t type = page->event.type;
	uint32_t who = page->event.caller_slot;

	strings_of = 0;
	switch (type) {
	case EVENT_REQUEST_STRINGS:
		strings_of = SERVER_FIRST + (uint32_t)any(STRING_TICKETS);
		last_from = page->event.from;
		break;
	case EVENT_REQUEST:
		last_from = page->event.from;
		break;
	case EVENT_BOUND:
		note_served(page->event.slot);
		break;
	case EVENT_REPLY_STRINGS:
	case EVENT_STRING:
	case EVENT_STRING_FAULT:
		strings_of = who;
		break;
	case EVENT_REPLY:
	case EVENT_ERROR:
	case EVENT_SENT:
	case EVENT_STRING_END:
		if (who && who <= CALLERS)
			busy &= ~(UINT64_C(1) << who);
		break;
	}
	page->event.type = EVENT_NONE;
}

/* --- what it asks for --- */

/* A thread of ours for a portal of ours, as it should be. */
static void put_binding(uint64_t label)
{
	page->message_out[0] = label << 16 | 2 << 6 | 1;
	page->message_out[1] = nr_served ? served[any(nr_served)] : any(40);
	page->message_out[2] = THREAD_ITEM_TYPE;
	page->message_out[3] = (80 + any(4)) << 32 | 1;
}

/* Any but DOMAIN_EXIT. */
static void put_request(void)
{
	static const uint8_t label[] = {VMM_PORTAL_BIND, VMM_PORTAL_REVOKE,
		VMM_PERIOD_NOTIFY, VMM_STAT, VMM_NOTIFY_AFTER, VMM_RECORD,
		VMM_PORTAL_RELIEVE, 0};

	if (any(32) == 0)
		put_binding(any(2) ? VMM_PORTAL_BIND : VMM_PORTAL_RELIEVE);
	else if (any(4) == 0)
		put_message(label[any(sizeof(label))]);
	else
		put_message(CONTAINER_OP_FIRST + any(CONTAINER_OPS));
}

static void request(bool to_vmm)
{
	uint32_t slot = 1 + (uint32_t)any(CALLERS);

	if (busy >> slot & 1)
		return;
	busy |= UINT64_C(1) << slot;
	put_request();
	put_strings(slot);
	page->action.slot = to_vmm ? PORTAL_SLOT_VMM : (uint32_t)any(40);
	page->action.caller_slot = slot;
	page->action.version = any(16) ? 1 : (uint32_t)state;
	page->action.send_timeout = any_timeout();
	page->action.receive_timeout = any_timeout();
	page->action.flags = (uint32_t)any(4);
	act((any(4) ? ACTION_CALL : ACTION_SEND) |
		(any(2) ? ACTION_MORE_READY : 0));
}

static void serve(void)
{
	if (!nr_served)
		return;
	page->action.slot = served[any(nr_served)];
	for (uint32_t i = 0; i < nr_served; i++)
		page->accepting[served[i] / 64] |= UINT64_C(1)
						   << served[i] % 64;
	page->action.to = any(4) ? 0 : any_id();
	act(ACTION_ACCEPT);
}

static void answer(void)
{
	put_message(0);
	put_strings(SERVER_FIRST + (uint32_t)any(STRING_TICKETS));
	page->action.to = any(4) ? last_from : any_id();
	act(ACTION_REPLY | ACTION_MORE_READY);
}

static void go_on_with_strings(void)
{
	uint32_t slot = strings_of;

	if (any(16) == 0)
		slot = 1 + (uint32_t)any(SERVER_FIRST + STRING_TICKETS);
	if (!slot || slot > CALLER_SLOT_MAX)
		return;
	put_strings(slot);
	act(ACTION_STRING);
}

/* Anything but the event, which says what has come to an end. */
static void scribble(void)
{
	volatile uint64_t *word = (volatile uint64_t *)page;
	uint64_t at = any(CONTROL_SIZE / 8);

	word[at] = any(3) ? any(1000) : state;
	page->event.type = EVENT_NONE;
	act(ACTION_TIMER);
}

static void touch(void)
{
	uint64_t at = WINDOW_GPA + any(0x2000) * 4096;

	if (any(8))
		at = WINDOW_GPA + any(64) * 4096;
	if (any(2))
		touch_write(at);
	else
		touch_read(at);
}

static void nap(void)
{
	act(ACTION_WAIT);
}

static void small(void)
{
	static const uint8_t what[] = {
		ACTION_CANCEL, ACTION_NOTIFY, ACTION_YIELD, ACTION_UNBIND};

	page->action.slot = (uint32_t)any(48);
	page->action.caller_slot = (uint32_t)any(2 * SERVER_FIRST);
	act(what[any(sizeof(what))]);
}

/* What ends the domain; it is made anew. */
static void mistake(void)
{
	put_message(0);
	page->action.slot = (uint32_t)any(1000);
	page->action.caller_slot = (uint32_t)any(CALLERS);
	page->action.error = (uint32_t)any(8);
	act((uint32_t)any(ACTION_NR + 2));
}

static void step(void)
{
	switch (any(16)) {
	case 0:
		small();
		break;
	case 1:
		scribble();
		break;
	case 2:
		touch();
		break;
	case 3:
	case 4:
		serve();
		break;
	case 5:
	case 6:
		answer();
		break;
	case 7:
		nap();
		break;
	case 8:
	case 9:
	case 10:
	case 11:
		request(false);
		break;
	default:
		request(true);
		break;
	}
}

/* --- the start --- */

static void map_windows(void)
{
	uint64_t *pml4;

	__asm__ volatile("mov %%cr3, %0" : "=r"(pml4));

	uint64_t *pdpt = (uint64_t *)(uintptr_t)(pml4[0] & ~UINT64_C(0xfff));

	for (uint64_t i = 0; i < WINDOW_SIZE / LARGE; i++)
		window_directory[i] =
			(WINDOW_GPA + i * LARGE) | PDE_2M | PTE_ALL;
	pdpt[WINDOW_GPA >> 30] = (uintptr_t)window_directory | PTE_ALL;
	/* For strings: RAM that is not in use, and windows. */
	user_tables[0][0] = (uintptr_t)user_tables[1] | PTE_ALL;
	user_tables[1][0] = (uintptr_t)user_tables[2] | PTE_ALL;
	for (uint64_t i = 0; i < STRING_SPACE / LARGE; i++)
		user_tables[2][i] =
			(i % 4 ? STRING_RAM : WINDOW_GPA) | PDE_2M | PTE_ALL;
}

struct table_register {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

/* Page faults only; the segments are as they are already. */
static void take_faults(void)
{
	static uint64_t gdt[3] = {
		0, UINT64_C(0x00af9b000000ffff), UINT64_C(0x00cf93000000ffff)};
	static uint64_t idt[2 * (PAGE_FAULT + 1)];
	uint64_t to = (uintptr_t)touch_fault;
	struct table_register gdtr = {sizeof(gdt) - 1, (uintptr_t)gdt};
	struct table_register idtr = {sizeof(idt) - 1, (uintptr_t)idt};

	idt[2 * PAGE_FAULT] = (to & 0xffff) | KERNEL_CODE << 16 |
			      (uint64_t)GATE_PRESENT_INTERRUPT << 32 |
			      (to >> 16 & 0xffff) << 48;
	idt[2 * PAGE_FAULT + 1] = to >> 32;
	__asm__ volatile("lgdt %0\n\tlidt %1" : : "m"(gdtr), "m"(idtr));
}

void fuzz(void)
{
	uint64_t mistakes = number_behind(boot->module[1].args, 2);

	state = (number_behind(boot->module[1].args, 1) + 1) *
		UINT64_C(0x9e3779b97f4a7c15);
	state += boot->domain_index;
	map_windows();
	take_faults();
	bind(slot_of(BOOT_PORTAL_SERVER));
	note_served(slot_of(BOOT_PORTAL_SERVER));
	for (uint64_t n = 1;; n++) {
		read_event();
		if (strings_of && any(8))
			go_on_with_strings();
		else if (mistakes && any(mistakes) == 0)
			mistake();
		else
			step();
		if (n % REPORT_EVERY == 0) {
			print_number(n);
			print(" steps\n");
		}
	}
}
