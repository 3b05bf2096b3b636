/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests to the VMM, through portal 0.
 */
#include "servers/lib/libhurd/vmm.h"

#include "servers/lib/libc/string.h"
#include "servers/lib/libl4/ipc.h"
#include "vmm/abi/control.h"

#define VMM_THREAD ((thread_id_t){REMOTE_ID_PORTAL(PORTAL_SLOT_VMM)})

/* Sends *@msg, gets the reply into it.  Returns its first word. */
static uint64_t vmm_call(L4_Msg_t *msg)
{
	L4_MsgTag_t tag;

	L4_MsgLoad(msg);
	tag = L4_Call(VMM_THREAD);
	if (msgtag_failed(tag) || msgtag_untyped(tag) < 1)
		return VMM_UNREACHABLE;

	for (unsigned i = 1; i < 8; i++)
		msg->mr[i] = 0;
	L4_MsgStore(tag, msg);
	return L4_MsgWord(msg, 0);
}

static void vmm_begin(L4_Msg_t *msg, uint64_t label, uint64_t first)
{
	L4_MsgClear(msg);
	L4_Set_MsgLabel(msg, label);
	L4_MsgAppendWord(msg, first);
}

/* Bytes, 8 a word, the last word padded with NULs. */
static void append_bytes(L4_Msg_t *msg, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i += 8) {
		size_t n = len - i < 8 ? len - i : 8;
		uint64_t word = 0;

		memcpy(&word, text + i, n);
		L4_MsgAppendWord(msg, word);
	}
}

void vmm_exit(int status)
{
	L4_Msg_t msg;

	for (;;) {
		vmm_begin(&msg, VMM_DOMAIN_EXIT, (uint64_t)status & 0xff);
		vmm_call(&msg);
		L4_Sleep(L4_TimePeriod(1000));
	}
}

static uint64_t serve(uint64_t label, uint32_t slot, thread_id_t thread)
{
	L4_Msg_t msg;

	vmm_begin(&msg, label, slot);
	L4_MsgAppendThreadItem(&msg, PORTAL_RIGHTS, thread);
	return vmm_call(&msg);
}

uint64_t vmm_portal_bind(uint32_t slot, thread_id_t thread)
{
	return serve(VMM_PORTAL_BIND, slot, thread);
}

uint64_t vmm_portal_relieve(uint32_t slot, thread_id_t thread)
{
	return serve(VMM_PORTAL_RELIEVE, slot, thread);
}

uint64_t vmm_portal_revoke(uint32_t slot)
{
	L4_Msg_t msg;

	vmm_begin(&msg, VMM_PORTAL_REVOKE, slot);
	return vmm_call(&msg);
}

uint64_t vmm_period_notify(
	uint32_t irq, uint64_t *next_tsc, uint64_t *period_us)
{
	L4_Msg_t msg;

	vmm_begin(&msg, VMM_PERIOD_NOTIFY, irq);
	uint64_t error = vmm_call(&msg);

	*next_tsc = L4_MsgWord(&msg, 1);
	*period_us = L4_MsgWord(&msg, 2);
	return error;
}

uint64_t vmm_notify_after(uint32_t irq, uint64_t ticks)
{
	L4_Msg_t msg;

	vmm_begin(&msg, VMM_NOTIFY_AFTER, irq);
	L4_MsgAppendWord(&msg, ticks);
	return vmm_call(&msg);
}

uint64_t vmm_stat(struct vmm_stat *stat)
{
	L4_Msg_t msg;

	L4_MsgClear(&msg);
	L4_Set_MsgLabel(&msg, VMM_STAT);
	uint64_t error = vmm_call(&msg);

	stat->exits = L4_MsgWord(&msg, 1);
	stat->host_context_switches = L4_MsgWord(&msg, 2);
	stat->charged_ns = L4_MsgWord(&msg, 3);
	stat->faults = L4_MsgWord(&msg, 4);
	return error;
}

uint64_t vmm_record(const char *name, uint64_t figure)
{
	L4_Msg_t msg;
	size_t len = strlen(name);

	vmm_begin(&msg, VMM_RECORD, figure);
	append_bytes(&msg, name, len < VMM_NAME_MAX ? len : VMM_NAME_MAX);
	return vmm_call(&msg);
}

uint64_t vmm_console_write(const char *text, size_t len)
{
	L4_Msg_t msg;

	if (len > VMM_CONSOLE_MAX)
		len = VMM_CONSOLE_MAX;
	vmm_begin(&msg, VMM_CONSOLE_WRITE, len);
	append_bytes(&msg, text, len);
	return vmm_call(&msg);
}
