/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain whose tables are full, and those that it has filled: "crowd" makes a
 * portal for each slot it has left and passes all of them to each domain that it
 * may call, "hoard" takes them.  Then they call one another as often as they can,
 * and nobody answers.
 */
#include "tests/stubkernel/stub.h"

#include "vmm/abi/vmmcall.h"

#define ITEMS 31u      /* in a message */
#define CALLS 120u     /* of one domain, outstanding */
#define NO_PARTNER 4u  /* X.2 error, in the send phase */
#define LIMIT 3600000u /* ms: it is over before */

static uint64_t thread(uint64_t n)
{
	return (100 + n) << 32 | 1;
}

static void arguments(uint32_t slot, uint32_t caller_slot)
{
	page->action.slot = slot;
	page->action.caller_slot = caller_slot;
	page->action.version = 1;
	page->action.send_timeout = boot->tsc_khz * LIMIT;
	page->action.receive_timeout = CONTROL_NEVER;
	page->event.type = EVENT_NONE;
}

/* Until it has been taken. */
static void send(uint32_t slot)
{
	arguments(slot, 1);
	action(ACTION_SEND);
	while (page->event.type != EVENT_SENT &&
		page->event.type != EVENT_ERROR) {
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
	}
}

static void pass_all(uint32_t slot)
{
	for (unsigned n = 0; n < PORTAL_SLOTS; n += ITEMS) {
		for (unsigned i = 0; i < ITEMS; i++) {
			page->message_out[1 + 2 * i] =
				THREAD_ITEM_TYPE |
				PORTAL_RIGHTS << THREAD_ITEM_RIGHTS_SHIFT;
			page->message_out[2 + 2 * i] = thread(n + i);
		}
		page->message_out[0] = 2 * ITEMS << 6;
		send(slot);
	}
}

static void call_on(uint32_t slot)
{
	for (unsigned i = 0; i < CALLS; i++) {
		page->message_out[0] = 1;
		arguments(slot, 1 + i);
		action(ACTION_CALL | ACTION_MORE_READY);
	}
}

static void wait_for_notification(void)
{
	uint64_t bit = UINT64_C(1) << slot_of(BOOT_PORTAL_NOTIFY);

	while (!(page->notified & bit)) {
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
	}
	page->notified = 0;
}

void crowd(void)
{
	for (uint32_t i = 0; i < boot->nr_portals; i++)
		if (boot->portal[i].role == BOOT_PORTAL_CLIENT)
			pass_all(boot->portal[i].slot);
	for (uint32_t i = 0; i < boot->nr_portals; i++)
		if (boot->portal[i].role == BOOT_PORTAL_CLIENT) {
			page->message_out[0] = 1;
			send(boot->portal[i].slot);
			wait_for_notification();
		}
	call_on(slot_of(BOOT_PORTAL_CLIENT));
	stop(0);
}

/* Of its calls, as the one it calls ends. */
static void count_errors(void)
{
	uint64_t ended = 0, errors = 0;

	while (ended < CALLS) {
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
		if (page->event.type != EVENT_ERROR)
			continue;
		ended++;
		errors += page->event.error == NO_PARTNER;
	}
	print("calls without a partner: ");
	print_number(errors);
	print("\n");
}

void hoard(void)
{
	uint32_t slot = accept_calls();

	while (page->event.type != EVENT_REQUEST || page->message_in[0] != 1) {
		page->event.type = EVENT_NONE;
		action(ACTION_WAIT);
	}
	page->accepting[slot / 64] = 0;
	call_on(slot_of(BOOT_PORTAL_CLIENT));
	page->action.slot = slot_of(BOOT_PORTAL_CLIENT);
	action(ACTION_NOTIFY);
	count_errors();
	stop(0);
}
