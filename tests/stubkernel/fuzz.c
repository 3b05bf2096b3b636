/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel that asks the VMM for anything: "fuzz SEED N".  Nearly right
 * actions, requests and answers, so that much of it is carried out; garbage in
 * the control page; windows touched whether they are there or not.
 *
 * It remembers which caller slots it uses and which portals it serves, as
 * mistakes with those end a domain.  It makes one in N steps; N = 0: none.
 */
#include "tests/stubkernel/fuzz.h"
#include "tests/stubkernel/stub.h"

#define REPORT_EVERY 5000u
#define NAP_US 100

uint32_t fuzz_served[FUZZ_SERVED], fuzz_nr_served;
uint64_t fuzz_last_from;

static uint64_t busy;	    /* caller slots with a call outstanding, */
static uint64_t at_vmm;	    /* which of those are requests to the VMM */
static bool asked;	    /* by the last request, for a reply */
static uint32_t strings_of; /* the caller slot to answer for, or 0 */
static uint64_t carried_out, answered, strings, touched;

/* It is entered again soon, whatever becomes of what it asks for. */
static void act(uint32_t eax)
{
	page->next_timer = rdtsc() + boot->tsc_khz * NAP_US / 1000;
	action(eax);
}

/* --- what the VMM has to say --- */

static void note_served(uint32_t slot)
{
	for (uint32_t i = 0; i < fuzz_nr_served; i++)
		if (fuzz_served[i] == slot)
			return;
	if (fuzz_nr_served < FUZZ_SERVED)
		fuzz_served[fuzz_nr_served++] = slot;
}

static void ended(uint32_t caller_slot, uint32_t type)
{
	uint64_t bit = UINT64_C(1) << caller_slot % 64;

	strings += type == EVENT_STRING_END && !page->event.error;
	if (caller_slot > FUZZ_CALLERS)
		return;
	if (type == EVENT_REPLY && !(at_vmm & bit))
		answered++;
	else if (type == EVENT_REPLY && !page->message_in[1])
		carried_out++;
	busy &= ~bit;
	at_vmm &= ~bit;
}

static void read_event(void)
{
	uint32_t type = page->event.type;
	uint32_t who = page->event.caller_slot;

	strings_of = 0;
	switch (type) {
	case EVENT_REQUEST_STRINGS:
		strings_of =
			FUZZ_SERVER_FIRST + (uint32_t)fuzz_any(STRING_TICKETS);
		fuzz_last_from = page->event.from;
		break;
	case EVENT_REQUEST:
		fuzz_last_from = page->event.from;
		asked = true;
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
		ended(who, type);
		break;
	}
	page->event.type = EVENT_NONE;
}

/* --- what it asks for --- */

static void request(bool to_vmm)
{
	uint32_t slot = 1 + (uint32_t)fuzz_any(FUZZ_CALLERS);

	if (busy >> slot & 1)
		return;
	busy |= UINT64_C(1) << slot;
	at_vmm |= (uint64_t)to_vmm << slot;
	if (to_vmm || fuzz_any(8) == 0)
		fuzz_put_request();
	else
		fuzz_put_message(fuzz_any(100));
	fuzz_put_strings(slot);
	page->action.slot =
		to_vmm ? PORTAL_SLOT_VMM : 1 + (uint32_t)fuzz_any(8);
	page->action.caller_slot = slot;
	page->action.version =
		fuzz_any(16) ? 1 : (uint32_t)fuzz_any(UINT64_MAX);
	page->action.send_timeout = fuzz_any_timeout();
	page->action.receive_timeout = fuzz_any_timeout();
	page->action.flags = (uint32_t)fuzz_any(4);
	act((fuzz_any(4) ? ACTION_CALL : ACTION_SEND) |
		(fuzz_any(2) ? ACTION_MORE_READY : 0));
}

static void serve(void)
{
	if (!fuzz_nr_served)
		return;
	page->action.slot = fuzz_served[fuzz_any(fuzz_nr_served)];
	for (uint32_t i = 0; i < fuzz_nr_served; i++)
		page->accepting[fuzz_served[i] / 64] |= UINT64_C(1)
							<< fuzz_served[i] % 64;
	page->action.to = fuzz_any(4) ? 0 : fuzz_any_id();
	act(ACTION_ACCEPT);
}

static void answer(void)
{
	fuzz_put_message(0);
	fuzz_put_strings(
		FUZZ_SERVER_FIRST + (uint32_t)fuzz_any(STRING_TICKETS));
	page->action.to = fuzz_any(4) ? fuzz_last_from : fuzz_any_id();
	act(ACTION_REPLY | ACTION_MORE_READY);
}

static void go_on_with_strings(void)
{
	uint32_t slot = strings_of;

	if (fuzz_any(16) == 0)
		slot = 1 +
		       (uint32_t)fuzz_any(FUZZ_SERVER_FIRST + STRING_TICKETS);
	if (!slot || slot > CALLER_SLOT_MAX)
		return;
	fuzz_put_strings(slot);
	act(ACTION_STRING);
}

/* Anything but the event, which says what has come to an end. */
static void scribble(void)
{
	volatile uint64_t *word = (volatile uint64_t *)page;
	uint64_t at = fuzz_any(CONTROL_SIZE / 8);

	word[at] = fuzz_any(3) ? fuzz_any(1000) : fuzz_any(UINT64_MAX);
	page->event.type = EVENT_NONE;
	act(ACTION_TIMER);
}

static void small(void)
{
	static const uint8_t what[] = {
		ACTION_CANCEL, ACTION_NOTIFY, ACTION_YIELD, ACTION_UNBIND};

	page->action.slot = (uint32_t)fuzz_any(48);
	page->action.caller_slot = (uint32_t)fuzz_any(2 * FUZZ_SERVER_FIRST);
	act(what[fuzz_any(sizeof(what))]);
}

/* What ends the domain; it is made anew. */
static void mistake(void)
{
	fuzz_put_message(0);
	page->action.slot = (uint32_t)fuzz_any(1000);
	page->action.caller_slot = (uint32_t)fuzz_any(FUZZ_CALLERS);
	page->action.error = (uint32_t)fuzz_any(8);
	act((uint32_t)fuzz_any(ACTION_NR + 2));
}

static void step(void)
{
	switch (fuzz_any(16)) {
	case 0:
		small();
		break;
	case 1:
		scribble();
		break;
	case 2:
		touched += fuzz_touch();
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
		act(ACTION_WAIT);
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

static void report(uint64_t steps)
{
	print_number(steps);
	print(" steps, ");
	print_number(carried_out);
	print(" requests carried out, ");
	print_number(answered);
	print(" calls answered, ");
	print_number(strings);
	print(" with strings, ");
	print_number(touched);
	print(" touches\n");
}

/* A life that begins anew takes another way. */
void fuzz(void)
{
	uint64_t mistakes = number_behind(boot->module[1].args, 2);

	fuzz_seed(number_behind(boot->module[1].args, 1) + rdtsc());
	fuzz_prepare_memory();
	bind(slot_of(BOOT_PORTAL_SERVER));
	note_served(slot_of(BOOT_PORTAL_SERVER));
	for (uint64_t n = 1;; n++) {
		read_event();
		if (strings_of && fuzz_any(8))
			go_on_with_strings();
		else if (asked && fuzz_any(2))
			answer();
		else if (mistakes && fuzz_any(mistakes) == 0)
			mistake();
		else
			step();
		if (n % REPORT_EVERY == 0)
			report(n);
	}
}
