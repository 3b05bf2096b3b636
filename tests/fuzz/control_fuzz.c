/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile guest kernels: whatever stands in control pages and messages, calls
 * and containers of all domains keep their books, and all of it goes away.
 *
 * The input is a program of operations (see enum op) of four domains without
 * VMs.  Memslots are tables; frames are tags.
 */
/* link: tests/unit/ipcworld.c tests/unit/contenttag.c tests/unit/contentpool.c vmm/portal.c vmm/slotorder.c vmm/call.c vmm/timer.c vmm/clock.c vmm/loan.c vmm/message.c vmm/action.c vmm/notify.c vmm/event.c vmm/vmmcall.c vmm/transfer.c vmm/transfer_place.c vmm/transfer_page.c vmm/report/sample.c vmm/memory/service.c vmm/memory/job.c vmm/memory/operation.c vmm/memory/operation_copy.c vmm/memory/operation_frames.c vmm/memory/operation_lock.c vmm/memory/operation_map.c vmm/memory/operation_revoke.c vmm/memory/piece.c vmm/memory/accounts.c vmm/memory/control.c vmm/memory/policy.c vmm/memory/reclaim.c vmm/memory/window.c vmm/memory/window_fault.c vmm/memory/window_put.c vmm/memory/notice.c vmm/memory/dma.c vmm/memory/container.c vmm/memory/reference.c vmm/memory/account.c vmm/memory/frametable.c */
#include <assert.h>
#include <string.h>

#include "tests/fuzz/input.h"
#include "tests/unit/contentpool.h"
#include "tests/unit/ipcworld.h"
#include "tests/unit/slotview.h"
#include "vmm/abi/container.h"
#include "vmm/action.h"
#include "vmm/memory/service.h"

#define STEPS_MAX 2000u
#define FRAMES 24u /* that each is guaranteed, and as many extra ones */
#define RUNS 64u
#define PIECES_MAX 100000u /* until a job has ended */

static const struct memory_share each = {.ram = 1,
	.guaranteed = FRAMES,
	.extra = FRAMES,
	.runs = RUNS,
	.share = 1,
	.may_control = true};
static const struct memory_share all = {.guaranteed = WORLD_DOMAINS * FRAMES,
	.extra = FRAMES,
	.runs = WORLD_DOMAINS * RUNS};

static struct world w;
static struct view view[WORLD_DOMAINS];
static struct memory memory;

/* --- what the rest of the VMM would do --- */

static void check_place(gpa_t gpa, uint64_t count)
{
	assert(gpa.addr >= WINDOW_GPA && gpa.addr % FRAME_SIZE == 0);
	assert(gpa.addr + count * FRAME_SIZE <= WINDOW_GPA + WINDOW_SIZE);
}

static struct view *view_of(const struct guestmem *gm)
{
	unsigned i = 0;

	while (gm != &w.domain[i]->mem)
		assert(++i < WORLD_DOMAINS);
	return &view[i];
}

uint64_t memslot_run(gpa_t gpa, struct frame_run run)
{
	check_place(gpa, run.count);
	return run.count;
}

int memslot_put(
	struct guestmem *gm, gpa_t gpa, int fd, struct frame_run run, int prot)
{
	(void)fd;
	check_place(gpa, run.count);
	assert(run.first + run.count <= CONTENT_TAGS_MAX);
	view_put(view_of(gm), gpa, run, prot);
	return 0;
}

bool memslot_shows(
	const struct guestmem *gm, gpa_t gpa, struct frame_run run, int prot)
{
	check_place(gpa, run.count);
	return view_shows(view_of(gm), gpa, run, prot);
}

void memslot_drop(struct guestmem *gm, gpa_t gpa, uint64_t count)
{
	(void)gm;
	check_place(gpa, count);
}

int memslot_clear(struct guestmem *gm, gpa_t gpa, uint64_t count)
{
	check_place(gpa, count);
	view_clear(view_of(gm), gpa, count);
	return 0;
}

void notice_announce(struct domain *owner)
{
	owner->notified |= NOTIFIED_MEMORY;
}

void reclaim_ask(struct domain *owner, int irq, uint64_t frames, uint64_t us)
{
	(void)frames;
	if (us && irq != RECLAIM_NO_IRQ)
		domain_raise(owner, (unsigned)irq);
}

bool reclaim_is_there(const struct domain *owner)
{
	return owner->memory != NULL;
}

void reclaim_notify(struct domain *owner, int irq)
{
	domain_raise(owner, (unsigned)irq);
}

void reclaim_balloon(struct domain *owner, uint64_t pages)
{
	(void)owner;
	assert(pages == 0);
}

uint64_t reclaim_left_us(const struct domain *owner)
{
	(void)owner;
	return 1;
}

uint64_t policy_faults(struct domain *owner)
{
	(void)owner;
	return 1;
}

/* --- the input --- */

/* A byte says what it is: mostly a small number. */
static uint64_t take_word(struct input *in)
{
	static const uint64_t edge[] = {UINT64_MAX, UINT64_C(1) << 63, 8191,
		8192, UINT32_MAX, WINDOW_GPA + WINDOW_SIZE, 47, 48};
	uint64_t what = take(in, 1);

	if (what < 160)
		return what % 20;
	if (what < 224)
		return WINDOW_GPA + what % 32 * FRAME_SIZE;
	if (what < 248)
		return edge[what % 8];
	return take(in, 8);
}

static uint64_t take_id(struct input *in)
{
	uint64_t what = take(in, 2);

	switch (what >> 14) {
	case 0:
		return what % 8 << 32 | 1;
	case 1:
		return REMOTE_ID_PORTAL(what % 64);
	case 2:
		return REMOTE_ID_CALLER(
			what % 32, what >> 5 & 3, 1 + (what >> 7 & 3));
	default:
		return take_word(in);
	}
}

enum op {
	OP_WORD,    /* of the control page */
	OP_ACTION,  /* plausible arguments, any action */
	OP_REQUEST, /* to the VMM */
	OP_CALL,    /* of another domain, with items */
	OP_STRINGS, /* where they are */
	OP_ACCEPT,  /* all portals */
	OP_FAULT,
	OP_TIME,
	OP_READ, /* the event */
	OP_FORCE,
	OP_NR,
};

/* --- operations --- */

static void take_message(struct domain *d, struct input *in, uint64_t label)
{
	uint64_t *out = d->control->message_out;
	unsigned untyped = (unsigned)take(in, 1) % 16;
	unsigned at = untyped + 1, typed = (unsigned)take(in, 1) % 8;

	typed = typed < 5 ? 0 : 2 * (typed - 4);
	for (unsigned i = 1; i < at; i++)
		out[i] = take_word(in);
	for (unsigned i = 0; i < typed; i += 2, at += 2) {
		uint64_t what = take(in, 2);

		out[at] = what & 1 ? what << 10
				   : THREAD_ITEM_TYPE | (what & 0xff0);
		out[at + 1] = what & 1 ? what : take_id(in);
	}
	out[0] = label << 16 | typed << 6 | untyped;
}

static void take_arguments(struct domain *d, struct input *in)
{
	uint64_t what = take(in, 2);

	d->control->action = (struct action_args){
		.slot = (uint32_t)(what & 31),
		.caller_slot = 1 + (uint32_t)(what >> 5 & 7),
		.version = 1,
		.flags = (uint32_t)(what >> 8 & 1),
		.send_timeout = what >> 9 & 1 ? CONTROL_NEVER : what >> 10 & 1,
		.receive_timeout = what >> 11 & 1 ? CONTROL_NEVER : 1000,
		.to = take_id(in),
	};
}

static void take_strings(struct domain *d, struct input *in)
{
	struct string_args *s = &d->control->string;

	s->caller_slot = (uint32_t)take(in, 1) % 16;
	s->tables = take(in, 1) % 8 << 12;
	s->timeout = take_word(in);
	for (unsigned i = 0; i < 6; i++)
		s->br[STRING_BUFFERS - 1 - i] =
			i % 2 ? take(in, 2) << 10 : take_word(in);
}

static void accept_everywhere(struct domain *d)
{
	memset(d->control->accepting, 0xff, sizeof(d->control->accepting));
}

static void fault(struct domain *d, struct input *in)
{
	uint64_t what = take(in, 1);
	gpa_t at = {WINDOW_GPA + what / 4 * FRAME_SIZE};

	if (what & 1)
		(void)windows_fault(d->memory);
	else
		(void)window_fault(d->memory, at, what & 2);
}

static void call_vmm(struct domain *d, struct input *in)
{
	uint64_t label = take(in, 1) % (CONTAINER_OP_LAST + 2);

	take_arguments(d, in);
	take_message(d, in, label);
	d->control->action.slot = PORTAL_SLOT_VMM;
	act(d, ACTION_CALL);
}

static void operate(struct domain *d, struct input *in)
{
	uint64_t *page = (uint64_t *)(void *)d->control;
	uint64_t at;

	switch (take(in, 1) % OP_NR) {
	case OP_WORD:
		at = take(in, 2) % (CONTROL_SIZE / 8);
		page[at] = take_word(in);
		break;
	case OP_ACTION:
		take_arguments(d, in);
		act(d, (uint32_t)take(in, 1) % (ACTION_NR + 1));
		break;
	case OP_REQUEST:
		call_vmm(d, in);
		break;
	case OP_CALL:
		take_arguments(d, in);
		take_message(d, in, take(in, 1));
		act(d, take(in, 1) % 4 ? ACTION_CALL : ACTION_SEND);
		break;
	case OP_STRINGS:
		take_strings(d, in);
		act(d, ACTION_STRING);
		break;
	case OP_ACCEPT:
		accept_everywhere(d);
		break;
	case OP_FAULT:
		fault(d, in);
		break;
	case OP_TIME:
		timer_expire(&w.ex.timers, clock_now() + take(in, 4), 4);
		break;
	case OP_READ:
		d->control->event.type = EVENT_NONE;
		break;
	case OP_FORCE:
		reclaim_expired(d->memory);
		break;
	}
}

/* --- a life --- */

static void leave(struct domain *d)
{
	unsigned n = 0;

	if (!d->memory)
		return;
	while (memory_leave(d->memory) != MEMORY_DONE)
		assert(++n < PIECES_MAX);
	d->memory = NULL;
	d->vmm_call = NULL;
}

static void step(struct input *in)
{
	struct domain *d = w.domain[take(in, 1) % WORLD_DOMAINS];

	if (d->life != DOMAIN_LIVE)
		return;
	if (d->vmm_call) {
		vmmcall_continue(d);
		return;
	}
	domain_prepare(d);
	operate(d, in);
	for (unsigned i = 0; i < WORLD_DOMAINS; i++)
		if (w.domain[i]->life != DOMAIN_LIVE)
			leave(w.domain[i]);
}

static void begin(void)
{
	uint32_t slot;
	int err;

	world_make(&w);
	memset(&memory, 0, sizeof(memory));
	memset(view, 0, sizeof(view));
	err = memory_init(&memory, NULL, &all);
	assert(!err);
	for (unsigned i = 0; i < WORLD_DOMAINS; i++) {
		struct domain *d = w.domain[i];

		d->memory = memory_join(
			&memory, d, i, &d->mem, d->control, &each, &err);
		assert(d->memory);
		for (unsigned k = 0; k < WORLD_DOMAINS; k++)
			(void)world_portal(
				d, w.domain[k], PORTAL_RIGHTS, &slot);
		act(d, ACTION_WAIT);
	}
}

static void end(void)
{
	for (unsigned i = 0; i < WORLD_DOMAINS; i++) {
		domain_stop(w.domain[i], 0);
		leave(w.domain[i]);
	}
	assert(memory.table.used == 0);
	assert(memory.pool.committed == all.guaranteed);
	assert(memory.absent.guaranteed.frames == all.guaranteed);
	assert(memory.absent.guaranteed.runs == all.runs);
	memory_fini(&memory);
	world_end(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};

	begin();
	for (unsigned i = 0; i < STEPS_MAX && in.left; i++)
		step(&in);
	assert(world_check(&w));
	end();
	return 0;
}
