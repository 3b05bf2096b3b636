/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * portal_server: does what tests in another domain ask for.
 *
 * Arguments: portal=NAME
 */
#include "tests/guest/portal_server.h"

#include "servers/abi/wortel.h"
#include "servers/lib/libhurd/args.h"
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libhurd/vmm.h"
#include "servers/lib/libl4/ipc.h"
#include "servers/lib/libl4/schedule.h"

#define STACK_SIZE 8192
#define COMPUTE_PRIORITY 50

static char stack[3][STACK_SIZE] __attribute__((aligned(16)));
static thread_id_t object, computer;
static volatile uint64_t interrupts;
static uint64_t notes, last_note, last_error;

static void object_main(void *arg)
{
	L4_ThreadId_t from;
	L4_MsgTag_t tag = L4_Wait(&from);
	uint64_t word;

	(void)arg;
	for (;;) {
		L4_StoreMR(1, &word);
		L4_Set_MsgTag(msgtag_make(0, 1, 0));
		L4_LoadMR(1, word + OBJECT_ADDS);
		tag = msgtag_failed(tag) ? L4_Wait(&from)
					 : L4_ReplyWait(from, &from);
	}
}

static void compute_main(void *arg)
{
	(void)arg;
	for (;;)
		__builtin_ia32_pause();
}

/* Counts notifications of the portal that this domain serves. */
static void interrupt_main(void *arg)
{
	const struct startup *page = startup_page();
	uint32_t irq = 0;

	(void)arg;
	for (uint32_t i = 0; i < page->nr_portals; i++)
		if (page->portal[i].role == BOOT_PORTAL_NOTIFY)
			irq = page->portal[i].slot;
	if (interrupt_attach(irq) != WORTEL_OK)
		panic("no interrupt %u", irq);

	L4_MsgTag_t tag = L4_Receive(thread_id_interrupt(irq));

	for (;;) {
		if (!msgtag_failed(tag))
			interrupts++;
		L4_Set_MsgTag(MSGTAG_EMPTY);
		tag = L4_Call(thread_id_interrupt(irq));
	}
}

static void reply_words(L4_Msg_t *msg, uint64_t first, uint64_t second)
{
	L4_MsgClear(msg);
	L4_MsgAppendWord(msg, first);
	L4_MsgAppendWord(msg, second);
}

static void echo(L4_Msg_t *msg)
{
	L4_MsgTag_t tag = L4_MsgMsgTag(msg);

	for (unsigned i = 1; i <= msgtag_untyped(tag); i++)
		msg->mr[i]++;
	L4_Set_MsgLabel(msg, msgtag_label(tag) + 1);
}

static void call_back(L4_Msg_t *msg)
{
	thread_id_t to = {msg->mr[3]};
	uint64_t word = 0;

	if (L4_MsgLabel(msg) == SERVE_CALL_BACK)
		to.raw = msg->mr[3];
	L4_Set_MsgTag(msgtag_make(SERVE_ECHO, 1, 0));
	L4_LoadMR(1, L4_MsgWord(msg, 0));

	L4_MsgTag_t tag = L4_Call(to);
	uint64_t error = msgtag_failed(tag) ? L4_ErrorCode() : 0;

	if (error == 0)
		L4_StoreMR(1, &word);
	reply_words(msg, word, error);
	L4_MsgAppendWord(msg, to.raw);
}

static void compute(bool on)
{
	if (!thread_id_is_nil(computer))
		(void)thread_delete(computer);
	computer = THREAD_NIL;
	if (!on)
		return;
	computer = thread_create(compute_main, NULL, stack[1], STACK_SIZE);
	(void)thread_set_priority(computer, COMPUTE_PRIORITY);
}

static void work(uint64_t us)
{
	uint64_t until = L4_SystemClock() + us;

	while (L4_SystemClock() < until)
		;
}

/* Makes the reply in *@msg; false if there is none. */
static bool serve(L4_ThreadId_t from, L4_Msg_t *msg)
{
	uint64_t first = L4_MsgWord(msg, 0);

	switch (L4_MsgLabel(msg)) {
	case SERVE_ECHO:
		echo(msg);
		return true;
	case SERVE_NOTE:
		notes++;
		last_note = first;
		return false;
	case SERVE_NOTES:
		reply_words(msg, notes, last_note);
		return true;
	case SERVE_SLEEP:
		L4_Sleep(L4_TimePeriod(first));
		reply_words(msg, first, 0);
		return true;
	case SERVE_WORK:
		work(first);
		reply_words(msg, first, 0);
		return true;
	case SERVE_SENDER:
		reply_words(msg, from.raw, 0);
		return true;
	case SERVE_CALL_BACK:
	case SERVE_CALL_AGAIN:
		call_back(msg);
		return true;
	case SERVE_OBJECT:
		L4_MsgClear(msg);
		L4_MsgAppendWord(msg, 0);
		L4_MsgAppendThreadItem(msg, PORTAL_RIGHTS, object);
		return true;
	case SERVE_LAST_ERROR:
		reply_words(msg, last_error, 0);
		return true;
	case SERVE_COMPUTE:
		compute(first != 0);
		reply_words(msg, 0, 0);
		return true;
	case SERVE_EXIT:
		task_exit(0);
	case SERVE_INTERRUPTS:
		reply_words(msg, interrupts, 0);
		return true;
	default:
		return false;
	}
}

int main(void)
{
	L4_ThreadId_t from;
	L4_Msg_t msg;

	object = thread_create(object_main, NULL, stack[0], STACK_SIZE);
	(void)thread_create(interrupt_main, NULL, stack[2], STACK_SIZE);
	portal_serve_from_args(L4_MyGlobalId());

	L4_MsgTag_t tag = L4_Wait(&from);

	for (;;) {
		bool answer = false;

		if (!msgtag_failed(tag)) {
			L4_MsgStore(tag, &msg);
			answer = serve(from, &msg);
		}
		if (answer) {
			L4_MsgLoad(&msg);
			tag = L4_ReplyWait(from, &from);
		} else {
			tag = L4_Wait(&from);
		}
		if (msgtag_failed(tag))
			last_error = L4_ErrorCode();
	}
}
