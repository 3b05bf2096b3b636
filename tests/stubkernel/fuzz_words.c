/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random words, ids, messages and requests that are nearly right. */
#include "tests/stubkernel/fuzz.h"
#include "tests/stubkernel/stub.h"
#include "vmm/abi/container.h"
#include "vmm/abi/vmmcall.h"

#define CONTAINER_OPS (CONTAINER_OP_LAST + 2 - CONTAINER_OP_FIRST)
#define REQUEST_WORDS 11u
#define SMALL 8u	/* most references, numbers and flags are less */
#define NEAR_FRAMES 64u /* of the windows: where most are */

static uint64_t state;

void fuzz_seed(uint64_t seed)
{
	state = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

uint64_t fuzz_any(uint64_t below)
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

	switch (fuzz_any(8)) {
	case 0:
		return edge[fuzz_any(sizeof(edge) / sizeof(edge[0]))];
	case 1:
		return WINDOW_GPA + fuzz_any(0x2000) * 4096;
	case 2:
		return state;
	default:
		return fuzz_any(16);
	}
}

uint64_t fuzz_any_id(void)
{
	switch (fuzz_any(6)) {
	case 0:
		return 0;
	case 1:
		return (80 + fuzz_any(4)) << 32 | 1; /* a thread of ours */
	case 2:
		return fuzz_last_from;
	case 3:
		return REMOTE_ID_CALLER(
			fuzz_any(40), fuzz_any(6), fuzz_any(FUZZ_CALLERS));
	case 4:
		return any_word();
	default:
		return REMOTE_ID_PORTAL(fuzz_any(40));
	}
}

uint64_t fuzz_any_timeout(void)
{
	switch (fuzz_any(16)) {
	case 0:
		return 0;
	case 1:
		return state;
	case 2:
		return CONTROL_NEVER;
	default:
		return fuzz_any(10000000);
	}
}

static unsigned put_item(unsigned at)
{
	switch (fuzz_any(16)) {
	case 0: /* one that does not pass */
		page->message_out[at] = any_word();
		page->message_out[at + 1] = any_word();
		return 2;
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
	case 7: /* a string */
		page->message_out[at] = fuzz_any(70000) << 10;
		page->message_out[at + 1] = fuzz_any(FUZZ_STRING_SPACE);
		return 2;
	default:
		page->message_out[at] =
			THREAD_ITEM_TYPE | fuzz_any(16)
						   << THREAD_ITEM_RIGHTS_SHIFT;
		page->message_out[at + 1] = fuzz_any_id();
		return 2;
	}
}

void fuzz_put_message(uint64_t label)
{
	unsigned untyped = (unsigned)fuzz_any(12), typed = 0;

	for (unsigned i = 1; i <= untyped; i++)
		page->message_out[i] = any_word();
	if (fuzz_any(3) == 0)
		for (unsigned n = (unsigned)fuzz_any(3); n; n--)
			typed += put_item(1 + untyped + typed);
	page->message_out[0] = label << 16 | typed << 6 | untyped;
	if (fuzz_any(64) == 0)
		page->message_out[0] = state;
}

/* Where strings are: our tables, with what they show. */
void fuzz_put_strings(uint32_t caller_slot)
{
	volatile struct string_args *s = &page->string;

	s->caller_slot = caller_slot;
	s->tables = fuzz_any(16) ? fuzz_user_tables() : any_word();
	s->timeout = fuzz_any_timeout();
	for (unsigned i = 0; i < STRING_BUFFERS - 1; i += 2) {
		s->br[i] =
			fuzz_any(8) ? fuzz_any(FUZZ_STRING_SPACE) : any_word();
		s->br[i + 1] = fuzz_any(8) ? fuzz_any(70000) << 10 : any_word();
	}
	s->br[STRING_BUFFERS - 1] = fuzz_any(8) ? 1 : 0;
}

/* A thread of ours for a portal of ours, as it should be. */
static void put_binding(uint64_t label)
{
	page->message_out[0] = label << 16 | 2 << 6 | 1;
	page->message_out[1] = fuzz_nr_served
				       ? fuzz_served[fuzz_any(fuzz_nr_served)]
				       : fuzz_any(40);
	page->message_out[2] = THREAD_ITEM_TYPE;
	page->message_out[3] = (80 + fuzz_any(4)) << 32 | 1;
}

/* All words that it may want, most of them small. */
static void put_container_request(uint64_t label)
{
	uint64_t place = WINDOW_GPA + fuzz_any(NEAR_FRAMES) * 4096;

	fuzz_put_message(label);
	if (fuzz_any(8) == 0)
		return;
	for (unsigned i = 1; i <= REQUEST_WORDS; i++)
		page->message_out[i] =
			fuzz_any(32) ? fuzz_any(SMALL) : any_word();
	/* Where it names an account or a portal, mostly its own, or none. */
	if (label < CONTAINER_DESTROY && fuzz_any(4))
		for (unsigned i = label == CONTAINER_CREATE ? 1 : 3; i <= 6;
			i++)
			page->message_out[i] = i == 3 ? fuzz_any(SMALL) : 0;
	if (label == CONTAINER_CREATE_WITH)
		page->message_out[3] = fuzz_any(4) ? 0 : fuzz_any(40);
	if (label == CONTAINER_MAP) {
		page->message_out[4] = fuzz_any(SMALL) | CONTAINER_MAP_READ;
		page->message_out[5] = place;
	}
	if (label == CONTAINER_UNMAP)
		page->message_out[1] = place;
	page->message_out[0] = label << 16 | REQUEST_WORDS;
}

void fuzz_put_request(void)
{
	static const uint8_t label[] = {VMM_PORTAL_BIND, VMM_PORTAL_REVOKE,
		VMM_PERIOD_NOTIFY, VMM_STAT, VMM_NOTIFY_AFTER, VMM_RECORD,
		VMM_PORTAL_RELIEVE, 0};
	/* What others need before they can do anything. */
	static const uint8_t likely[] = {CONTAINER_CREATE_WITH,
		CONTAINER_ALLOCATE, CONTAINER_MAP, CONTAINER_MAP,
		CONTAINER_SHARE};

	if (fuzz_any(32) == 0)
		put_binding(fuzz_any(2) ? VMM_PORTAL_BIND : VMM_PORTAL_RELIEVE);
	else if (fuzz_any(8) == 0)
		fuzz_put_message(label[fuzz_any(sizeof(label))]);
	else
		put_container_request(
			fuzz_any(2)
				? likely[fuzz_any(sizeof(likely))]
				: CONTAINER_OP_FIRST + fuzz_any(CONTAINER_OPS));
}
