/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * string_server: receives and sends strings as a test in another domain says.
 *
 * Arguments: portal=NAME
 */
#include "servers/lib/libhurd/startup.h"
#include "servers/lib/libhurd/task.h"
#include "servers/lib/libl4/ipc.h"
#include "tests/guest/string_memory.h"

#define DIE_AFTER_US 20000

static char stack[4096] __attribute__((aligned(16)));
static uint64_t buffer_size;
static uint64_t receive_error, reply_error;

static void reply_words(L4_Msg_t *msg, uint64_t first, uint64_t second)
{
	L4_MsgClear(msg);
	L4_MsgAppendWord(msg, first);
	L4_MsgAppendWord(msg, second);
}

static void give(L4_Msg_t *msg)
{
	uint64_t size = L4_MsgWord(msg, 1);
	uint64_t word[STRINGS_WORDS];
	unsigned n;

	l4_utcb()->xfer_timeouts = L4_MsgWord(msg, 2);
	n = strings_source((enum strings_kind)L4_MsgWord(msg, 0), size, word);
	msg->mr[0] = msgtag_make(0, 1, n).raw;
	msg->mr[1] = size;
	for (unsigned i = 0; i < n; i++)
		msg->mr[2 + i] = word[i];
}

static void die_soon(void *arg)
{
	(void)arg;
	L4_Sleep(L4_TimePeriod(DIE_AFTER_US));
	task_exit(0);
}

static void serve(L4_Msg_t *msg)
{
	uint64_t first = L4_MsgWord(msg, 0);

	switch (L4_MsgLabel(msg)) {
	case STRINGS_PREPARE:
		buffer_size = L4_MsgWord(msg, 1);
		l4_utcb()->xfer_timeouts = L4_MsgWord(msg, 2);
		strings_accept((enum strings_kind)first, buffer_size);
		reply_words(msg, 0, 0);
		break;
	case STRINGS_TAKE:
		reply_words(msg, first + 1, 0);
		break;
	case STRINGS_LOOK:
		reply_words(msg, strings_right(buffer_size), 0);
		break;
	case STRINGS_GIVE_AND_DIE:
		(void)thread_create(die_soon, NULL, stack, sizeof(stack));
		give(msg);
		break;
	case STRINGS_GIVE:
		give(msg);
		break;
	case STRINGS_ERRORS:
		reply_words(msg, receive_error, reply_error);
		receive_error = reply_error = 0;
		break;
	case STRINGS_EXIT:
		task_exit(0);
	default:
		reply_words(msg, 0, 0);
		break;
	}
}

static void note_error(void)
{
	uint64_t code = L4_ErrorCode();

	if (ipc_error_phase(code) == IPC_RECEIVE)
		receive_error = code;
	else
		reply_error = code;
}

int main(void)
{
	L4_ThreadId_t from;
	L4_Msg_t msg;

	strings_init();
	portal_serve_from_args(L4_MyGlobalId());

	L4_MsgTag_t tag = L4_Wait(&from);

	for (;;) {
		if (msgtag_failed(tag)) {
			note_error();
			tag = L4_Wait(&from);
			continue;
		}
		L4_MsgStore(tag, &msg);
		serve(&msg);
		L4_MsgLoad(&msg);
		tag = L4_ReplyWait(from, &from);
	}
}
